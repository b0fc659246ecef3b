"""What a wheel holds, what it asks for, and that it works alone.

Blind spot: the dependencies come at the versions of the lock; older ones that the ranges allow
aren't tried.
"""

from __future__ import annotations

import ast
import json
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path, PurePosixPath

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from sync_sandbox import Sandbox


def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def declared(wheel: Path) -> set[str]:
    """Distributions that the wheel asks for, without those of its extras."""
    with zipfile.ZipFile(wheel) as archive:
        (path,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        lines = archive.read(path).decode().splitlines()
    wanted = [line.partition(": ")[2] for line in lines if line.startswith("Requires-Dist: ")]
    always = (found for text in wanted if "extra" not in str((found := Requirement(text)).marker))
    return {canonicalize_name(found.name) for found in always}


def module_of(name: str) -> str:
    path = PurePosixPath(name)
    parts = path.parent.parts if path.name == "__init__.py" else path.with_suffix("").parts
    return ".".join(parts)


def imported(module: str, source: str) -> Iterator[str]:
    """Modules that a source file imports when it runs; imports for types alone don't count."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative imports aren't followed"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def reachable(wheel: Path, package: str) -> set[str]:
    """Top-level modules from elsewhere that importing every module of the package can need."""
    with zipfile.ZipFile(wheel) as archive:
        sources = {
            module_of(name): archive.read(name).decode()
            for name in archive.namelist()
            if name.endswith(".py")
        }
    waiting = {module for module in sources if module.split(".")[0] == package}
    own = {module.split(".")[0] for module in sources}
    seen: set[str] = set()
    outside: set[str] = set()
    while waiting:
        module = waiting.pop()
        seen.add(module)
        for name in imported(module, sources[module]):
            parts = name.split(".")
            if parts[0] not in own:
                outside.add(parts[0])
                continue
            parents = {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
            waiting |= (parents & sources.keys()) - seen
    return outside


def test_a_wheel_holds_the_plugin_and_the_shared_source_with_their_types(wheel, plugin):
    package = plugin.replace("-", "_")
    assert {f"{package}/py.typed", "sync_core/py.typed", "sync_singer/py.typed"} <= {*names(wheel)}
    top = {name.split("/")[0] for name in names(wheel)} - {f"{package}-0.1.0.dist-info"}
    assert top == {package, "sync_core", "sync_singer"}


def distributions(modules: set[str]) -> set[str]:
    """The distributions that bring these modules; the standard library's are in none."""
    by_module = metadata.packages_distributions()
    return {canonicalize_name(by_module[name][0]) for name in modules if name in by_module}


def test_a_wheel_declares_exactly_what_its_source_can_import(wheel, plugin):
    needed = distributions(reachable(wheel, plugin.replace("-", "_")))
    # SQLAlchemy imports PostgreSQL's driver by the name that the ledger's address has.
    drivers = {"psycopg"} if "sqlalchemy" in needed else set()
    assert needed | drivers == declared(wheel)


@pytest.mark.parametrize("utility", ["connector", "sandbox"])
def test_a_utility_declares_what_its_source_can_import(utility, build):
    wheel = build(f"plugins/{utility}")
    needed = distributions(reachable(wheel, f"sync_{utility}"))
    assert needed <= declared(wheel)


def test_only_targets_carry_a_database_library(wheel, plugin):
    assert ("sqlalchemy" in declared(wheel)) == plugin.startswith("target-")


def test_a_plugin_alone_tells_its_version(alone):
    assert "0.1.0" in alone.run("--version")


def test_a_plugin_alone_describes_its_settings(alone, plugin):
    about = json.loads(alone.run("--about", "--format=json"))
    assert about["name"] == plugin
    credential = "api_token" if plugin.endswith("pipedrive") else "api_key"
    assert credential in about["settings"]["properties"]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=5, persons=20, organizations=5, users=20, accounts=5) as sandbox:
        yield sandbox


CONFIGURATION = {
    "tap-pipedrive": ("pipedrive", {"api_token": "sandbox-token"}, {"persons", "organizations"}),
    "tap-journy": ("journy", {"api_key": "sandbox-key"}, {"users", "accounts"}),
}


def test_a_tap_alone_discovers_its_streams(alone, plugin, sandbox, tmp_path):
    if plugin not in CONFIGURATION:
        assert "--discover" not in alone.run("--help"), "a target has nothing to discover"
        return
    service, settings, streams = CONFIGURATION[plugin]
    config = tmp_path / "config.json"
    config.write_text(json.dumps({**settings, "api_url": f"{sandbox.url}/{service}"}))
    catalog = json.loads(alone.run("--config", str(config), "--discover"))
    assert streams <= {stream["tap_stream_id"] for stream in catalog["streams"]}
