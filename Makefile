# Nightjar: `make nightly` runs one whole night on sample data, `make test` runs every check.
# Both set up what is missing first, in .venv/, and need only Python 3.11, make and a package index.

SHELL := /bin/bash -o pipefail
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
	@$(BIN)/nightjar prepare
	@touch $@

# --- one night on sample data -----------------------------------------------------------------------

SAMPLE_FIRST := 2025-01-01
SAMPLE_PAST := 2025-02-28
SAMPLE_LAST := 2025-03-01
NIGHTJAR := $(BIN)/nightjar
# Everything that Airflow needs to know, as `nightjar env` says it; .venv first, since Airflow starts its parts by name.
ENVIRONMENT = export PATH="$(CURDIR)/$(BIN):$$PATH"; eval "$$($(NIGHTJAR) env --app $(1))"
# Airflow says a lot; all of it goes to a file, and what the stages say is shown as they say it.
STAGE_LINES := sed -unE 's/.*([0-9:]{8} (INFO|WARNING|ERROR) +.*) \[airflow\..*/\1/p'
# umask: what Airflow writes beside our files is as private as these.
AIRFLOW_NIGHT = umask 027; mkdir -p "$$AIRFLOW_HOME"; \
  [ -f "$$AIRFLOW_HOME/airflow.db" ] || { echo "preparing Airflow (once)"; airflow db migrate > "$$AIRFLOW_HOME/migrate.log" 2>&1; \
    airflow pools set "$$NIGHTJAR_POOL" "$$NIGHTJAR_POOL_SLOTS" "Stages at a time" >> "$$AIRFLOW_HOME/migrate.log" 2>&1; }; \
  airflow dags test nightly_$(1) $(2) 2>&1 | tee "$$AIRFLOW_HOME/nightly_$(1).log" | $(STAGE_LINES) \
  || { echo "the night failed; all that Airflow said is in $$AIRFLOW_HOME/nightly_$(1).log"; exit 1; }

.PHONY: nightly
nightly: setup  ## Make sample data, run its last night through Airflow, and show what apps read.
	@$(NIGHTJAR) sample
	@$(NIGHTJAR) backfill --app sample --from $(SAMPLE_FIRST) --to $(SAMPLE_PAST) --tables-only
	@$(call ENVIRONMENT,sample); $(call AIRFLOW_NIGHT,sample,$(SAMPLE_LAST))
	@$(NIGHTJAR) show --app sample --date $(SAMPLE_LAST)

# The real data of `make test-real`: a folder of files YYYY-MM-DD.csv, see conf/apps/online_retail.yaml.
ONLINE_RETAIL ?= ../shared/data/online-retail/by-day

# --- checks -----------------------------------------------------------------------------------------

.PHONY: test lint types architecture unit slow
test: lint types architecture unit slow  ## Every check: lint, types, architecture, unit, end to end.

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

architecture: setup
	$(BIN)/lint-imports --no-cache

unit: setup
	$(BIN)/pytest -m "not slow and not real and not long and not production and not faults"

slow: setup
	$(BIN)/pytest -m "slow and not long"

.PHONY: audit
audit: setup  ## List known vulnerabilities of the locked dependencies; asks the service OSV.
	@$(UV) audit --locked --preview-features audit-command || { status=$$?; \
	  echo "audit: exit $$status; 1 says that there are vulnerabilities; where the service could not be reached, nothing is known" >&2; exit $$status; }

.PHONY: test-long
test-long: setup  ## Replays, logs in another order, and properties of Spark jobs often: many minutes.
	NIGHTJAR_EXAMPLES=often $(BIN)/pytest -m "long and not real"
	NIGHTJAR_EXAMPLES=often $(BIN)/pytest tests/transforms tests/features tests/adapters/test_lake_digest.py

.PHONY: torture-serving
torture-serving: setup  ## Kill publishes while readers read, on SQLite and on Redis: 200 publishes each.
	$(BIN)/python -m tests.torture.torture --store sqlite
	$(BIN)/python -m tests.torture.torture --store redis

.PHONY: test-faults
test-faults: setup  ## A dozen faults to the stages of a night, drawn from a seed; minutes.
	$(BIN)/pytest tests/torture/nights -m faults

# NIGHTS=3 adds two nights by a back-fill of Airflow, and one of an older date; NIGHTS=31 a back-fill of thirty.
NIGHTS ?= 1
.PHONY: test-production
test-production: setup  ## The sample app's DAG on real servers: PostgreSQL, Redis, MLflow, Spark cluster, Airflow.
	NIGHTJAR_NIGHTS="$(NIGHTS)" $(BIN)/pytest tests/production -m production --durations=0

# Three of four faults on the embedded default, one on servers, side by side: hours on two cores. What an earlier run
# has tried without a trace is not tried again, so that it may be stopped; build/torture/ has what came of each.
FAULTS ?= 200
SEED ?= 7
.PHONY: torture torture-docs
torture: setup  ## Kill stages, Java, workers and servers, fill the disk, run copies; ask that nothing is left of it.
	$(BIN)/python -m tests.torture.nights.run --count $(FAULTS) --seed $(SEED)

torture-docs: setup  ## Write the outcomes of `make torture` into docs/reliability.md.
	$(BIN)/python -m tests.torture.nights.table

# CHRISTMAS=full runs sixty nights one by one, a quarter of an hour more.
CHRISTMAS ?=
# REAL="real and not long" leaves out Christmas.
REAL ?= real
.PHONY: test-real
test-real: setup  ## The same DAG on real orders, where their folder exists; about half an hour.
	NIGHTJAR_ONLINE_RETAIL="$(ONLINE_RETAIL)" NIGHTJAR_CHRISTMAS="$(CHRISTMAS)" $(BIN)/pytest tests/real -m "$(REAL)"

.PHONY: demo-picture
demo-picture: setup  ## Take the picture of the page /demo in docs/, in headless Chromium; after make nightly.
	$(BIN)/python tests/feature_repo/client/demo_picture.py --date $(SAMPLE_LAST)

# --- benches: figures of docs/performance.md --------------------------------------------------------

# Parts of events: fixed 20m jsonlines scale history cluster. All take about an hour on two cores and 20 GB of disk.
# Parts of the recommender: online_retail sample als spark_als topk night_5000x4000. All take about an hour as well.
REPEATS ?= 1
.PHONY: bench-events bench-events-data bench-recommender bench-docs
bench-events: PARTS ?= fixed 20m jsonlines scale history cluster
bench-recommender: PARTS ?= online_retail sample als spark_als topk night_5000x4000
bench-events: setup  ## Measure a day of 20 million events, DuckDB beside it, and a night after a year.
	$(BIN)/python -m tests.bench.bench_events --parts $(PARTS) --repeats $(REPEATS)

bench-recommender: setup  ## Measure lists on real orders and on samples, training beside implicit and Spark, top-k.
	$(BIN)/python -m tests.bench.bench_recommender --parts $(PARTS) --repeats $(REPEATS) --online-retail "$(ONLINE_RETAIL)"

.PHONY: bench-predictions
bench-predictions: PARTS ?= online_retail sample profiles speed
bench-predictions: setup  ## Measure predictions on real orders and on the sample, and how long 100,000 users take.
	$(BIN)/python -m tests.bench.bench_predictions --parts $(PARTS) --online-retail "$(ONLINE_RETAIL)"

.PHONY: bench-profiles
bench-profiles: setup  ## Measure groups, send times and next interests on 200 days of a sample.
	$(BIN)/python -m tests.bench.bench_profiles

.PHONY: bench-serving
bench-serving: PARTS ?= publish_sqlite publish_redis publish_spark publish_memory read http
bench-serving: setup  ## Measure publishing, reading and HTTP, Feast's own ways beside them.
	$(BIN)/python -m tests.bench.bench_serving --parts $(PARTS)

# Parts of nights: 10k 100k 1m workers stock redis. All take hours on two cores, 20 GB of memory and 100 GB of disk.
.PHONY: bench-night
bench-night: PARTS ?= 10k 100k 1m workers stock redis
bench-night: setup  ## Measure whole nights of ten thousand to a million users, and stock parts beside ours.
	$(BIN)/python -m tests.bench.bench_night --parts $(PARTS) --repeats $(REPEATS)

bench-events-data: setup  ## Write the days that the bench reads, 5 and 20 million events in two formats.
	$(BIN)/python -m tests.bench.events_data

bench-docs: setup  ## Write the newest figures into docs/performance.md.
	$(BIN)/python -m tests.bench.figures

.PHONY: help clean
help:  ## Say what can be made.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 20

clean:  ## Remove what the default home (.nightjar) and the benches hold.
	rm -rf build .nightjar
