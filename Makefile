# Nightjar: `make nightly` runs one whole night on sample data, `make test` runs every check.
# Both set up what is missing first, in .venv/, and need only Python 3.11, make and a package index.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV_VERSION := 0.13.8
UV := .uv/bin/uv
BIN := .venv/bin
export UV_COMPILE_BYTECODE := 1
export UV_PROJECT_ENVIRONMENT := .venv

.PHONY: setup
setup: .venv/.locked  ## Install the locked environment.

$(UV):
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; v == (3, 11) or sys.exit(f"Nightjar needs Python 3.11, found {v[0]}.{v[1]} ({sys.executable}); run: make PYTHON=/path/to/python3.11 ...")'
	@$(PYTHON) -m venv .uv
	@.uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/.locked: $(UV) pyproject.toml uv.lock
	@echo "installing the locked environment into .venv (about 2 GB, once)"
	@$(UV) sync --locked --quiet --all-extras --python $(PYTHON)
	@touch $@
