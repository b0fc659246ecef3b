# What one does with this project. Everything is kept inside its folder; `make setup` runs by itself where it is needed.
# PYTHON=/path/to/python3 chooses the interpreter for the set-up, once.

bin := .venv/bin
# Commands that call others (Meltano, uv) have to find those of this project.
with_path := PATH="$(CURDIR)/$(bin):$$PATH"
packages := tap-pipedrive target-pipedrive tap-journy target-journy sync-connector sync-sandbox

.PHONY: help setup demo test lock lint format definitions sandbox clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\	\2/p' Makefile

demo: setup ## Sync two services in a sandbox, both ways, and show what happened
	@$(with_path) sandbox demo

test: setup lint ## Check style and types, and run every test
	@$(with_path) pytest --numprocesses auto --dist loadfile --ignore tests/roundtrip
	@# One run of a plugin at a time: these share this project's own .meltano/run.
	@$(with_path) pytest tests/roundtrip

setup: ## Install everything inside this folder; quick when nothing changed
	@scripts/bootstrap

sandbox: setup ## Serve a local Pipedrive and journy.io on port 8765 until Ctrl-C
	@$(with_path) sandbox serve --port 8765 --state .meltano/sandbox.json

lint: setup ## Check style and types
	@$(bin)/ruff check --quiet .
	@$(bin)/ruff format --quiet --check .
	@$(bin)/mypy

format: setup ## Bring every file into the house style
	@$(bin)/ruff check --fix .
	@$(bin)/ruff format .

lock: setup ## Pin third-party packages anew; LOCK=--upgrade takes newer ones
	@$(bin)/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes \
		--no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		$(foreach package,$(packages),--no-emit-package $(package)) $(LOCK) \
		--group dev pyproject.toml --output-file requirements.lock
	@# pip takes no hashes beside an editable plugin, so Meltano's installations get the versions alone.
	@sed -n 's/^\([a-z0-9.-]*==.*\) \\$$/\1/p' requirements.lock > constraints.txt

definitions: setup ## Write plugins/hub anew, from which other Meltano projects add the plugins
	@$(bin)/python plugins/definitions.py

clean: ## Remove what was installed and built; state, ledgers and logs stay
	@rm -rf .venv .tools .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@rm -rf .meltano/extractors .meltano/loaders .meltano/utilities .meltano/run .meltano/manifests
