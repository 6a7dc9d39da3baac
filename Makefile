# Each target makes the environment it needs; nothing but Python 3.11+, git and make has to be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8080

.PHONY: install demo test torture check bench clean format lock texts chromium
.DEFAULT_GOAL := install

install: $(VENV)/.made  ## the environment alone

$(VENV)/.made: requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=...")'
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

.venv-bench/.made: requirements-bench.txt
	rm -rf .venv-bench
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-bench.txt
	touch $@

demo: install  ## the whole product on this machine: open the address it prints
	$(BIN)/shipbot sandbox --port $(PORT)

test: install chromium  ## every test
	$(BIN)/pytest -n 2

torture: install  ## the proofs of docs/reliability.md at their nightly size: hours
	PYTHONPATH=tests $(BIN)/python -m world.torture
	HYPOTHESIS_PROFILE=thorough WORLD_SEEDS=100 $(BIN)/pytest -n 2 -s tests/unit/shipping_core/properties tests/unit/world/test_sweep.py
	MONGO_KILLS=10 MONGO_TRANSFERS=20000 MONGO_RACE_ROUNDS=1000 $(BIN)/pytest -s tests/integration/mongo/test_failover.py tests/integration/mongo/test_races.py
	TORTURE_KILLS=200 $(BIN)/pytest -s tests/integration/chaos
	$(BIN)/shipbot replay --users 300 --processes 2 --kill-half-way

chromium:
	@sh scripts/chromium.sh

check: install  ## format, lint, strict types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy src tests scripts examples bench
	$(BIN)/lint-imports

bench: install .venv-bench/.made  ## the figures of the README
	$(BIN)/python bench/reader.py
	$(BIN)/python -m bench.dispatch
	$(BIN)/python -m bench.whole_bot
	$(BIN)/python -m bench.stores
	$(BIN)/python -m bench.stateful

format: install  ## put the code in shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

texts: install  ## bring the catalogues, the drawing and .env.example up to date with the code
	$(BIN)/python scripts/extract_texts.py
	$(BIN)/python scripts/draw_conversation.py
	$(BIN)/python scripts/env_example.py
	$(BIN)/python scripts/draw_roles.py

lock: install  ## resolve the requirements anew
	$(BIN)/uv lock --quiet
	$(BIN)/uv export --quiet --format requirements-txt --no-emit-project --no-header --no-annotate --extra all --no-dev -o requirements.txt
	$(BIN)/uv export --quiet --format requirements-txt --no-emit-project --no-header --no-annotate --extra all --group dev -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --no-header --no-annotate bench/requirements.in -o requirements-bench.txt

clean:  ## forget everything that was made
	rm -rf $(VENV) .venv-bench .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage dist build
