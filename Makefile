# What you can do in this folder. `make` alone lists it.
#
#   make lab ARGS=--no-browser        ARGS goes to JupyterLab, or to pytest
#   make lab PYTHON=python3.13        the Python to build .venv with; else one is looked for

.PHONY: help lab test test-all test-lowest test-colab address course check format binder-pins clean always
.DELETE_ON_ERROR:

# Programs of .venv come first: nbgrader calls alembic by its name.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Those of another Python would be found in .venv, too; and without bytecode each program that a
# test starts, or the course, would compile bplab again.
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE
PIP := .venv/bin/python -m pip --disable-pip-version-check
# What would stop the install, and for `make lab` the start, is said before minutes are spent.
BEFORE = -I bplab/cli/start.py \
  $(if $(filter test test-all check format,$(MAKECMDGOALS)),test,$(if $(filter course,$(MAKECMDGOALS)),course,learn)) \
  $(if $(filter lab,$(MAKECMDGOALS)),lab $(ARGS))
LEARN := .venv/.installed-learn
COURSE := .venv/.installed-course
TEST := .venv/.installed-test

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{ printf "make %-12s %s\n", $$1, $$2 }'

lab: $(LEARN) ## open the course in JupyterLab; your copies of the notebooks are in work/
	.venv/bin/bplab lab $(ARGS)

test: $(TEST) ## test what a change can break, and measure how much of the library is reached
	.venv/bin/python -m pytest $(or $(ARGS),--cov --cov-report=term:skip-covered)

test-all: $(TEST) ## test everything, for a release, and show the slowest 20
	BPLAB_ALL=1 .venv/bin/python -m pytest --durations=20 $(or $(ARGS),--cov --cov-report=term:skip-covered)

# One of each kind: library, panels, commands, the wheel, a class graded by nbgrader.
LOWEST := tests/test_*.py tests/gradcheck tests/plots tests/widgets tests/cli tests/course/test_course.py \
  tests/exercises/test_check.py tests/grading/test_cycle.py tests/grading/test_validate.py

test-lowest: ## a part of the tests with the lowest versions that pyproject.toml names (needs uv)
	@command -v uv >/dev/null || { echo "bplab: this needs uv: pip install uv" >&2; exit 1; }
	uv venv --quiet --clear --seed --python $(or $(PYTHON),python3.11) .venv-lowest
	uv pip install --quiet --python .venv-lowest/bin/python --resolution lowest-direct --editable ".[test]"
	.venv-lowest/bin/python -m pytest -n 2 $(or $(ARGS),$(LOWEST))
	uv pip install --quiet --python .venv-lowest/bin/python "ipywidgets==7.7.1"
	.venv-lowest/bin/python -m pytest -n 2 tests/widgets

test-colab: ## the solved notebooks and the panels with the versions that Colab has (needs uv)
	@command -v uv >/dev/null || { echo "bplab: this needs uv: pip install uv" >&2; exit 1; }
	uv venv --quiet --clear --seed --python $(or $(PYTHON),python3.12) .venv-colab
	uv pip install --quiet --python .venv-colab/bin/python --requirement tests/places/colab.txt
	uv build --quiet --wheel --out-dir .venv-colab/wheel
	.venv-colab/bin/python -m pip install --quiet --no-index .venv-colab/wheel/*.whl
	cd .venv-colab && bin/python ../tests/places/colab.py

course: $(COURSE) ## install what instructors need, and build the notebooks from course/notebooks/*.py
	.venv/bin/bplab course build

check: $(TEST) ## style, types, whether the notebooks are up to date, how easy they are to read
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/bplab course build --check
	.venv/bin/python -m tests.course.reading_ease

format: $(TEST) ## put the code into the style that `make check` wants
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

BUILD := $(shell sed -n 's/^requires = \["\(.*\)"\]$$/\1/p' pyproject.toml)

binder-pins: ## resolve the versions in binder/requirements.txt again, with their hashes (needs uv)
	@command -v uv >/dev/null || { echo "bplab: this needs uv: pip install uv" >&2; exit 1; }
	@scratch=$$(mktemp -d); trap 'rm -rf "$$scratch"' EXIT; set -e; \
	echo "$(BUILD)" | uv pip compile --quiet --upgrade pyproject.toml - --extra course --python-version 3.12 \
	  --python-platform x86_64-unknown-linux-gnu --generate-hashes --no-strip-extras --no-annotate \
	  --no-header --output-file "$$scratch/pins" >/dev/null; \
	{ grep '^#' binder/requirements.txt; cat "$$scratch/pins"; } >"$$scratch/new"; \
	cp "$$scratch/new" binder/requirements.txt

address: ## put the repository's address into all pages: make address URL=https://github.com/you/bplab
	@python3 .ci/address.py "$(URL)"

clean: ## remove .venv, caches and builds; work/ and the class's files stay
	rm -rf .venv .venv-lowest .venv-colab build dist .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment ------------------------------------------------------------------------
# A stamp is written only after its install has succeeded, so an interrupted one is done again.

# uv is several times as fast, but does not know what pip has been told of proxies and indexes:
# where pip has been told anything, pip does it.
UV = command -v uv >/dev/null && [ -z "$$($(PIP) config list)" ]
# pip is as old as the Python that brings it, and 3.11's spends a third of the time on choosing
# versions. Where no newer one can be had, that one does it.
NEWER_PIP = { $(UV) || $(PIP) install --no-user --no-compile --retries 0 --upgrade pip; } >/dev/null 2>&1
# For learners nothing is compiled in advance: what is used is when it is first loaded, and half
# a minute and 70 MB are saved. pip's own is taken away again once it has done its work: 8 MB.
$(LEARN) $(COURSE) $(TEST): .venv/.installed-%: pyproject.toml .venv/.made-in
	@.venv/bin/python $(BEFORE)
	@echo "Installing into .venv what '$*' needs. Once; a minute or two, more on a slow network."
	@{ $(UV) && uv pip install --python .venv/bin/python --editable ".[$*]"; } \
	  || $(PIP) install --no-user --no-compile --editable ".[$*]" \
	  || { echo "bplab: the install did not end, see above. Once mended, make goes on." >&2; exit 1; }
	@$(if $(filter learn,$*),find .venv -name __pycache__ -type d -prune -exec rm -rf {} +,$(COMPILE))
	@touch $@ $(if $(filter course test,$*),$(LEARN)) $(if $(filter test,$*),$(COURSE))

# Many programs start in a test run or a class: what they import is compiled before, on all cores.
# A file that is no Python of this version, as some packages have them, is nobody's fault. Tests of
# packages and what runs as a program of its own are a quarter, and nobody imports them.
COMPILE = .venv/bin/python -m compileall -qq -j 0 -x '/(tests|pip|mypyc?)/' .venv/lib || true

# Made again when its Python is gone or not the one that is asked for, or the folder was moved:
# programs in .venv/bin hold its path.
THIS = -c 'import sys; print(sys.base_prefix, sys.version)' 2>/dev/null
ifneq ($(shell .venv/bin/python -c '' 2>/dev/null && cat .venv/.made-in 2>/dev/null),$(CURDIR))
.venv/.made-in: always
else ifeq ($(origin PYTHON),command line)
ifneq ($(shell "$(PYTHON)" $(THIS)),$(shell .venv/bin/python $(THIS)))
.venv/.made-in: always
endif
endif

# Each candidate is run, as some are only there in name (pyenv's shims). One that is itself in an
# environment, perhaps in the old .venv, stands for the Python that this was made with.
.venv/.made-in:
	@for python in $(if $(PYTHON),"$(PYTHON)",python3 python3.14 python3.13 python3.12 python3.11); do \
	  base=$$("$$python" -c 'import sys; print(getattr(sys, "_base_executable", sys.executable))' \
	    2>/dev/null) || { found="$$found, $$python does not run"; continue; }; \
	  version=$$("$$base" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	  "$$base" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { found="$$found, $$python is $$version"; continue; }; \
	  "$$base" -c 'import ensurepip, venv' 2>/dev/null \
	    || { found="$$found, $$python has no ensurepip"; lacking=$$version; continue; }; \
	  "$$base" $(BEFORE) || exit 1; \
	  echo "Making .venv with $$base (Python $$version)."; \
	  rm -rf .venv && said=$$("$$base" -m venv .venv 2>&1) && { $(NEWER_PIP); pwd -P >$@; exit 0; }; \
	  rm -rf .venv; \
	  echo "$$said"; \
	  echo "bplab: $$base could not make an environment."; \
	  exit 1; \
	done >&2; \
	echo "bplab: no Python 3.11 or newer that can make an environment. Tried: $${found#, }." >&2; \
	[ -z "$$lacking" ] || echo "On Debian or Ubuntu: sudo apt-get install python$$lacking-venv" >&2; \
	echo "Install one, or name it: make $(or $(firstword $(MAKECMDGOALS)),lab) PYTHON=/path/to/python3.12" >&2; \
	exit 1
