# Everything from nothing: `make forecast` and `make test` need only Python 3.13, pip and make.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
BENCH  ?= bench
SEEDS  ?= 1
CASES  ?= 10000
export OMP_NUM_THREADS ?= 1

bench: export STACKCAST_CACHE = $(abspath $(BENCH))/code

.PHONY: forecast test test-slow fuzz browser bench bench-store lint lock clean

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

forecast: $(VENV)/.installed  ## fit the neutral prior scenario as of today and print the headline
	$(BIN)/stackcast fit

browser:  ## Debian's Chromium for the page's tests, where none is found and this user may install it
	@command -v chromium chromium-browser google-chrome >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; } || \
	  echo "no Chromium, and it cannot be installed here: the tests that need one are skipped"

test: $(VENV)/.installed browser  ## lint, types and the fast suite
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest

test-slow: $(VENV)/.installed  ## parameter recovery and repeated fits
	$(BIN)/pytest -m slow

fuzz: $(VENV)/.installed  ## ten thousand files damaged, each read by a verb; a hundred of them are in the fast suite
	$(BIN)/python -m tests.fuzz --cases $(CASES)

bench: $(VENV)/.installed  ## the shipped posterior by our recipe and by every other sampler, the stages of a fit, a refit, then growth with its size
	mkdir -p $(BENCH)
	rm -rf $(BENCH)/code
	$(BIN)/python -m benchmarks.peers.environment numpyro stan
	$(BIN)/python -m benchmarks.samplers --seeds $(SEEDS) --json $(BENCH)/samplers.json --markdown $(BENCH)/samplers.md
	$(BIN)/python -m benchmarks.stages --json $(BENCH)/stages.json --markdown $(BENCH)/stages.md
	$(BIN)/python -m benchmarks.refit --json $(BENCH)/refit.json --markdown $(BENCH)/refit.md
	$(BIN)/python -m benchmarks.growth --json $(BENCH)/growth.json --markdown $(BENCH)/growth.md --plot $(BENCH)/growth.svg

bench-store: $(VENV)/.installed  ## how the store grows, beside plain pandas
	$(BIN)/python -m benchmarks.store

lint: $(VENV)/.installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/.installed  ## renew requirements.lock: names, versions and hashes, no hosts
	$(BIN)/pip-compile --quiet --generate-hashes --extra dev --strip-extras --allow-unsafe \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
