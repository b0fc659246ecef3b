"""The commands, one a module; `sync_sandbox.cli` gathers them."""
