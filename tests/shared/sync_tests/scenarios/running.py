"""The four plugins on one ledger, each direction with its own bookmarks."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sync_core.times import comparable

from sync_tests.command import invoke
from sync_tests.scenarios import faults
from sync_tests.scenarios.settings import STREAMS, Settings
from sync_tests.scenarios.steps import Fault, Run
from sync_tests.taps import TapRun
from sync_tests.targets import LedgerFolder, TargetRun

TARGET_OF = {"journy": "pipedrive", "pipedrive": "journy"}
#: (kind, Pipedrive's id, journy's id) of a pair.
Pair = tuple[str, str, str]
RETRIES = "SELECT count(*) FROM retries WHERE direction LIKE ?"


@dataclass
class Did:
    """What a target did.

    Attributes:
        run: Its exit code, states, log and counts.
        records: Stream -> the records that came.
        links: The pairs that the ledger knew at its end, though the process may have died before.
        died: Whether it did.
    """

    run: TargetRun
    records: dict[str, list[dict[str, Any]]]
    links: set[Pair]
    tokens: int
    died: bool = False


class Runner(LedgerFolder):
    """Runs them."""

    def __init__(self, sandbox: Any, folder: Path, capfd: Any, plugins: dict[str, Any]) -> None:
        super().__init__(folder)
        self.sandbox, self._capfd, self._plugins = sandbox, capfd, plugins
        self._catalog: Any = None
        self.states: dict[str, Any] = dict.fromkeys(TARGET_OF)

    @contextmanager
    def by_its_clock(self) -> Iterator[None]:
        """The plugins live by the sandbox's clock, wait for nothing and write one by one."""
        clock = self.sandbox.clock
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sync_core.times.now", lambda: comparable(clock.now()))
            patch.setattr("sync_core.http.LONGEST_WAIT_SECONDS", 0.0)
            patch.setattr("sync_core.pacing.FEWEST_WORKERS", 1)
            patch.setattr("sync_core.pacing.MOST_WORKERS", 1)
            yield

    def read(self, step: Run, settings: Settings) -> TapRun:
        """Run a tap."""
        lines: list[str] = []
        if step.source == "journy":
            lines += ["--catalog", self._file("catalog", self._chosen())]
        if self.states[step.source] and not step.full:
            lines += ["--state", self._file("state", self.states[step.source])]
        with faults.planted(self.sandbox, step.fault, "tap"):
            return TapRun(*self._call(f"tap-{step.source}", settings.tap(step.source), *lines))

    def write(
        self, step: Run, tapped: TapRun, settings: Settings, *, fault: Fault | None, dry: bool
    ) -> Did:
        """Run the target on what a tap gave."""
        self.sandbox.clock.advance(1)
        lines = self.folder / "messages.jsonl"
        lines.write_text(tapped.out, encoding="utf-8")
        config = {**settings.target(step.source), "ledger_url": self.ledger_url, "dry_run": dry}
        if step.budget is not None and step.source == "journy":
            config["daily_token_share"] = step.budget / self.sandbox.pipedrive.limits.left
        death = faults.Death(self.ledger, fault) if fault and fault.kind == faults.KILL else None
        with faults.planted(self.sandbox, fault, "target"):
            if death is None:
                return self._did(step, config, lines, tapped)
            with death.awaited():
                did = self._did(step, config, lines, tapped)
            did.died = death.came
            return did

    def keep(self, step: Run, did: Did) -> None:
        """Take the last state that came back, unless nobody was there to give it."""
        if did.run.states and not did.died:
            self.states[step.source] = did.run.states[-1]

    def links(self) -> set[Pair]:
        """The pairs that the ledger knows."""
        query = "SELECT kind, pipedrive_id, journy_id FROM links"
        return {(kind, one or "", other or "") for kind, one, other in self.ask(query)}

    def known_as(self) -> set[tuple[str, str, str]]:
        """(kind, key, id) of journy's records that the ledger knows."""
        query = "SELECT kind, key, journy_id FROM links WHERE journy_id != ''"
        return {(kind, key, name) for kind, key, name in self.ask(query)}

    def waiting(self, source: str) -> int:
        """How many records are kept for another try."""
        return int(next(iter(self.ask(RETRIES, (f"{source}-%",))), (0,))[0])

    def ask(self, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Ask the ledger's database."""
        if not self.ledger.exists():
            return []
        db = sqlite3.connect(self.ledger)
        try:
            return db.execute(query, values).fetchall()
        except sqlite3.OperationalError:  # it died before it had tables
            return []
        finally:
            db.close()

    def _did(self, step: Run, config: dict[str, Any], lines: Path, tapped: TapRun) -> Did:
        name = f"target-{TARGET_OF[step.source]}"
        ended = self._call(name, config, "--input", str(lines))
        records = {stream: tapped.records(stream) for stream in STREAMS[step.source]}
        runs = self.ask("SELECT tokens FROM runs ORDER BY rowid DESC LIMIT 1")
        tokens = int(runs[0][0]) if runs else 0
        return Did(TargetRun(*ended, *self.recorded()), records, self.links(), tokens)

    def _call(self, name: str, config: dict[str, Any], *lines: str) -> tuple[int, str, str]:
        to_pipedrive = name.endswith("pipedrive")
        service = "pipedrive" if to_pipedrive else "journy"
        access = {"api_url": getattr(self.sandbox, f"{service}_url")}
        access["api_token" if to_pipedrive else "api_key"] = (
            "sandbox-token" if to_pipedrive else "sandbox-key"
        )
        place = self._file("config", {**access, **config})
        return invoke(self._plugins[name], ["--config", place, *lines], self._capfd)

    def _chosen(self) -> Any:
        """The catalog of tap-journy with the streams that the project chooses."""
        if self._catalog is None:
            found = json.loads(self._call("tap-journy", {}, "--discover")[1])
            streams = [each for each in found["streams"] if each["stream"] in STREAMS["journy"]]
            self._catalog = {"streams": streams}
        return self._catalog

    def _file(self, name: str, content: Any) -> str:
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return str(path)
