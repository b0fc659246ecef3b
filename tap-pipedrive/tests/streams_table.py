"""Writes the table of streams into the README, from the table that the tap itself uses.

Run it as `python tap-pipedrive/tests/streams_table.py` after a change; a test fails where it was
forgotten.
"""

from __future__ import annotations

from pathlib import Path

from tap_pipedrive.table import STREAMS, Since, StreamSpec

README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN = "<!-- streams: begin, made by tests/streams_table.py -->"
END = "<!-- streams: end -->"
HEAD = (
    "| Stream | Endpoint | Key | Reads | Page | Tokens a page | Custom fields | Deletions |\n"
    "|---|---|---|---|---|---|---|---|\n"
)
READS = {
    Since.SORTED: "changes, resumable",
    Since.UNSORTED: "changes",
    Since.NEVER: "everything",
}


def table() -> str:
    """The streams as a Markdown table."""
    return HEAD + "".join(_row(spec) for spec in STREAMS.values())


def _row(spec: StreamSpec) -> str:
    cells = (
        f"`{spec.name}`",
        f"`{spec.path}`",
        ", ".join(f"`{key}`" for key in spec.keys),
        READS[spec.since],
        "all" if spec.paging.value == "one page" else str(spec.page_size),
        str(spec.tokens),
        "yes" if spec.fields_path else "",
        _deletions(spec),
    )
    return f"| {' | '.join(cells)} |\n"


def _deletions(spec: StreamSpec) -> str:
    if spec.swept:
        return "looked for"
    return "by status" if "status" in spec.params else ""


def with_table(text: str) -> str:
    """The README's text with today's table between the marks."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n{table()}{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    README.write_text(with_table(README.read_text("utf-8")), encoding="utf-8")
