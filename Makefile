# The menu of this project. `make` prints it.

VENV := .venv/bin
INSTALL := $(VENV)/python -m pip install --quiet --disable-pip-version-check
PYTEST := $(VENV)/python -m pytest
# Files run side by side, the slow folders first, which come first by name; what measures time runs alone, afterwards.
SIDE_BY_SIDE := -n auto --dist loadfile --no-loadscope-reorder
# What Python's packages do not bring: command=Debian's package.
TOOLS := strace=strace
PROXIES := nginx=nginx-light caddy=caddy haproxy=haproxy
NODE := node=nodejs
BROWSERS := chromium=chromium chromedriver=chromium-driver
# Texts are measured in the same letters everywhere: usual ones, and the widest.
FACE := face:NotoSans-Regular=fonts-noto-core face:DejaVuSans=fonts-dejavu-core
FONTS := font:hi=fonts-lohit-deva font:ja=fonts-droid-fallback
FIREFOX := firefox-esr=firefox-esr
DESKTOP := dbus-daemon=dbus-daemon
MONITORING := promtool=prometheus
# Of `make cluster`: a number, or the first and the last.
SEEDS := 1-10
PAGE_TESTS = $(wildcard tests/unit/page/*.test.js tests/unit/page/*.test.mjs)

.PHONY: menu run test long test-models quick lint install bench container crash cluster growth fuzz load lock screenshots icons vendor
.NOTPARALLEL:
.DELETE_ON_ERROR:

menu:
	@echo "make …"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' Makefile | awk -F'|' '{printf "%-14s %s\n", $$1, $$2}'

run: .venv/installed ## install what is missing, then the server on http://localhost:3000
	@$(VENV)/leyline serve

test: .venv/installed-for-tests .venv/hard-pictures/LICENSE lint ## install what is missing, then the tests; BROWSER=no leaves out what needs a browser
ifeq ($(BROWSER),no)
	@.ci/need $(TOOLS) $(PROXIES)
	@echo "BROWSER=no: the tests that need Chromium or Node.js are LEFT OUT." >&2
	@$(PYTEST) $(SIDE_BY_SIDE) -m "not alone and not long" --ignore=tests/browser
	@$(PYTEST) -m "alone and not long" --ignore=tests/browser
	@echo "BROWSER=no: the tests that need Chromium or Node.js were LEFT OUT." >&2
else
	@.ci/need $(TOOLS) $(PROXIES) $(NODE) $(BROWSERS) $(FACE)
	@.ci/need $(MONITORING) || echo "The tests of alerts and dashboard by promtool are LEFT OUT." >&2
	@node --test --test-reporter=spec $(PAGE_TESTS)
	@$(PYTEST) $(SIDE_BY_SIDE) -m "not alone and not long"
	@$(PYTEST) -m "alone and not long"
endif

long: .venv/installed-for-tests ## the tests that take long: kills and faults at every step, a proxy's every refusal, a second browser
	@.ci/need $(TOOLS) $(PROXIES) $(BROWSERS) $(DESKTOP) $(FACE)
	@.ci/need $(FONTS) || echo "Letters of Hindi, Chinese, Japanese and Korean are measured as BOXES." >&2
	@.ci/need $(FIREFOX) || echo "The tests of watching in Firefox are LEFT OUT." >&2
	@$(PYTEST) $(SIDE_BY_SIDE) -m "long and not alone"
	@$(PYTEST) -m "long and alone"

test-models: .venv-models/installed ## the model `diffusers` with real pipelines, tiny ones, in an environment of its own that has PyTorch
	@.ci/need $(BROWSERS)
	@OMP_NUM_THREADS=1 .venv-models/bin/python -m pytest tests/real_models

quick: .venv/installed-for-tests .venv/hard-pictures/LICENSE lint ## what to run while working: lint, types, and the tests that are done at once
	@.ci/need $(TOOLS) $(NODE)
	@node --test --test-reporter=dot $(PAGE_TESTS)
	@$(PYTEST) $(SIDE_BY_SIDE) -m "not alone and not slow and not long" tests/unit tests/integration tests/migrations

lint: .venv/installed-for-tests ## formatting, lint and types
	@$(VENV)/ruff format --check --quiet . || { echo "Some files are not formatted; $(VENV)/ruff format . does it." >&2; exit 1; }
	@$(VENV)/ruff check --quiet .
	@$(VENV)/mypy

install: .venv/installed ## the environment in .venv, with .venv/bin/leyline
	@echo "Leyline is installed: .venv/bin/leyline"

bench: .venv/installed-for-tests ## print the figures: hand-over, first answer, memory
	@$(VENV)/python -m tests.bench

container: .venv/installed-for-tests ## the image of the Dockerfile, built and run with what compose.yaml says
	@.ci/need podman=podman runc=runc debootstrap=debootstrap catatonit=catatonit
	@.ci/image leyline-under-test
	@LEYLINE_IMAGE_UNDER_TEST=localhost/leyline-under-test $(PYTEST) tests/container

crash: .venv/installed-for-tests ## kill everything at every moment, and look for what was lost
	@$(VENV)/python -m tests.acceptance.crash

cluster: .venv/installed-for-tests ## a front door and four workers in a network of their own, and all that can go wrong there, ten times
	@.ci/need ip=iproute2 unshare=util-linux nsenter=util-linux
	@$(VENV)/python -m tests.cluster_runs --seeds $(SEEDS)

growth: .venv/installed-for-tests ## 20,000 tasks through one server, which must not grow by them
	@$(VENV)/python -m tests.acceptance.growth

fuzz: .venv/installed-for-tests ## thousands of damaged pictures, each of which must get a clear answer
	@$(VENV)/python -m tests.integration.fuzz_pictures

load: .venv/installed-for-tests ## hundreds of uploads and thousands of sockets at once, and what they cost
	@$(VENV)/python -m tests.acceptance.load

lock: .venv/bin/python ## the locks anew: what setup.cfg allows, in its newest releases, with hashes
	@.ci/lock

screenshots: .venv/installed-for-tests ## pictures of the page in each of its states, on five screens, light and dark, in build/
	@.ci/need $(BROWSERS)
	@$(VENV)/python -m tests.browser.screenshots --keep
	@.ci/need $(FONTS) || true
	@$(VENV)/python -m tests.browser.screenshots.languages

icons: ## make the installed page's icons anew, from static/look/icon.svg
	@.ci/need $(BROWSERS)
	@.ci/icons

vendor: ## make the page's one foreign module anew, from npm
	@.ci/vendor

# Installed again only when what is needed has changed. Two steps: pip takes no editable install with hashes.

.venv/bin/python:
	@PYTHON="$(PYTHON)" .ci/environment

.venv/installed: .venv/bin/python requirements.lock setup.cfg pyproject.toml
	@echo "Installing Leyline and what it needs into .venv (the first time takes a minute) …"
	@$(INSTALL) --require-hashes --requirement requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/installed-for-tests: .venv/bin/python requirements-test.lock setup.cfg pyproject.toml
	@echo "Installing Leyline, what it needs and what its tests need into .venv (the first time takes a minute) …"
	@$(INSTALL) --require-hashes --requirement requirements-test.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch .venv/installed $@

# PyTorch is not in the lock: which build of it is right depends on the machine, and so does its hash.
.venv-models/bin/python:
	@PYTHON="$(PYTHON)" .ci/environment .venv-models

.venv-models/installed: .venv-models/bin/python requirements-models.lock requirements-models.txt setup.cfg pyproject.toml
	@echo "Installing Leyline, PyTorch and diffusers into .venv-models (the first time takes some minutes) …"
	@.venv-models/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement requirements-models.lock
	@.venv-models/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements-models.txt
	@.venv-models/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/hard-pictures/LICENSE: .venv/bin/python tests/hard_pictures.txt
	@.ci/hard-pictures
