# Every target sets up what it needs; nothing but Python 3.10 to 3.13 and make must be there.
# PYTHON=/path/to/python3 chooses the interpreter.

PYTHON = python3
BIN = .venv/bin
SETUP = @$(PYTHON) tools/environment.py .venv
QUICK = -m "not full"
# half of the tests by the time they take, for one of two processes; the other one has all that is not listed
HALF = tests/attacks tests/test_assignments.py tests/test_wrong.py \
	tests/test_otter_bundle.py tests/test_notebooks.py tests/test_notebooks_graded.py \
	tests/test_notebook_runs.py tests/test_lazy_compiler.py tests/test_sandbox.py

.PHONY: help demo test test-full test-pythons test-platform bench lint verify template lock clean lint-only

help:  ## print this list
	@sed -n 's/^\([a-z-]*\):.*  ## /\1|/p' Makefile | awk -F'|' '{ printf "make %-13s %s\n", $$1, $$2 }'

demo:  ## make a class of homework submissions, grade it, show the table and the report
	$(SETUP) --no-torch
	$(BIN)/autograder demo hw1_optimizers --out demo

test:  ## lint, types and the quick tests; what CI runs
	$(SETUP)
	@$(MAKE) --no-print-directory lint-only
	@mkdir -p .cache
	@($(PYTHON) tools/environment.py .venv-otter --otter && $(BIN)/python -m pytest $(QUICK) $(HALF)) \
		> .cache/half.txt 2>&1 & half=$$!; \
	$(BIN)/python -m pytest $(QUICK) $(HALF:%=--ignore=%); code=$$?; \
	wait $$half || code=$$?; cat .cache/half.txt; exit $$code

test-full:  ## everything in `test`, the long tests, all proofs anew, and test-pythons
	@$(MAKE) --no-print-directory test QUICK=
	$(BIN)/autograder verify --anew --jobs 2
	@$(MAKE) --no-print-directory test-pythons

test-pythons:  ## the kit's and the bundle's tests on every Python from 3.10 to 3.13 found
	@$(PYTHON) tools/pythons.py

test-platform:  ## as root on Debian: the bundle and ten attacks in a container like Gradescope's
	$(SETUP) --no-torch
	PYTHONPATH=tools $(BIN)/python -m platform_box

bench:  ## measure grading times, alone and against otter-grader
	$(SETUP)
	$(BIN)/python benchmarks/bench.py

lint:  ## ruff and mypy
	$(SETUP) --no-torch
	@$(MAKE) --no-print-directory lint-only

lint-only:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

verify:  ## prove the tests of every assignment; minutes, or seconds if little has changed
	$(SETUP)
	$(BIN)/autograder verify --jobs 2

template:  ## generate student_template/ from assignments/ and solutions/
	$(SETUP)
	$(BIN)/autograder template

lock:  ## pin the development environment again, for every Python found
	$(SETUP) --no-torch
	$(BIN)/python tools/lock.py

clean:  ## remove what the other targets made, except .venv and student_template/
	rm -rf .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist demo results *.egg-info
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
