"""Run the command line with `python -m sync_sandbox`."""

from __future__ import annotations

from sync_sandbox.cli import main

if __name__ == "__main__":
    main()
