"""What the vendor's files have and the sandbox does not serve is said, not guessed at."""

from __future__ import annotations

from pathlib import Path

from sync_sandbox.pipedrive.routes import ENDPOINTS

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- operations: begin -->", "<!-- operations: end -->"
SERVED = {(one.method, one.path) for one in ENDPOINTS}


def test_every_other_operation_of_the_files_is_a_404_or_405_that_names_it(vendor, pipedrive):
    others = sorted(vendor.keys() - SERVED)
    assert len(others) > 200
    for method, path in others:
        at = path.replace("{}", "1")
        answer = pipedrive.call(method, at)
        assert answer.status_code in (404, 405, 410), (method, path, answer.status_code)
        assert at in answer.json()["error"] or answer.status_code == 410


def test_the_readme_lists_the_operations_that_are_served():
    text = README.read_text(encoding="utf-8")
    listed = text.partition(BEGIN)[2].partition(END)[0]
    assert listed.strip() == listing()


def listing():
    """The operations as the README has them: a resource a line, its paths with their methods."""
    resources = {}
    for one in sorted(ENDPOINTS, key=lambda one: one.path):
        head, slash, rest = one.path.removeprefix("/api").removeprefix("/").partition("/")
        name, slash, below = rest.partition("/")
        paths = resources.setdefault(f"{'/api' if head == 'v2' else ''}/{head}/{name}", {})
        paths.setdefault(slash + below, []).append(one.method)
    return "\n".join(f"* `{name}` {_paths(paths)}" for name, paths in resources.items())


def _paths(paths):
    lines = [f"{f'`{path}` ' if path else ''}{', '.join(paths[path])}" for path in sorted(paths)]
    return "; ".join(lines)
