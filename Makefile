PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARM    := arm-none-eabi-gcc=gcc-arm-none-eabi,libnewlib-arm-none-eabi
# what tests run beside the project: they skip without
PEERS  := qemu-system-arm=qemu-system-arm gdb-multiarch=gdb-multiarch clang=clang,libclang-rt-dev \
          mosquitto=mosquitto chromium/google-chrome=chromium Xvfb=xvfb npm=npm
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: test-renode help setup arm peers demo test check-random fuzz soak cuts lint format bench bench-diff operators size size-diff wheel clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: setup ## set up whatever is missing, then: clips to "Heard yes" on the simulated board
	$(BIN)/earkit demo

test: setup peers ## set up whatever is missing, then run every test
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-renode: setup ## the board suite and the Robot story in Renode; IMAGE=firmware.elf: on that image
	$(BIN)/python -m pytest tests/board tests/python/simulator/test_renode_engine.py --board renode \
	  $(if $(IMAGE),--board-image $(IMAGE))

check-random: setup ## 200 random models: tflite-micro, the PC and the simulated board must agree
	EARKIT_RANDOM_MODELS=200 $(BIN)/python -m pytest tests/python/compiler -k random

fuzz: setup ## a minute of whatever a serial line may carry, for each end of the protocol
	scripts/fuzz $(or $(FUZZ_SECONDS),60)

soak: setup ## watch the simulated board for half an hour with everything streaming: nothing may be lost
	$(BIN)/python scripts/soak.py

cuts: setup ## cut the link to a board 100 times: every detection that arrives is logged once
	EARKIT_CUTS=100 $(BIN)/python -m pytest -q -s tests/python/monitor/test_cuts.py

bench: setup ## instructions, bytes and speeds of the shipped model
	$(BIN)/earkit bench

bench-diff: setup ## the same beside the figures that are committed; fails when one got worse
	$(BIN)/earkit bench --diff docs/lab-book/cost.csv

size: setup ## flash and RAM of the shipped spotter, by part
	$(BIN)/earkit build

size-diff: setup ## the same beside the figures that are committed; fails when one grew
	$(BIN)/earkit build --diff docs/lab-book/size.csv

lint: setup ## ruff, mypy, clang-format
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	$(BIN)/clang-format --dry-run -Werror $$(git ls-files 'firmware/*.[ch]' 'firmware/*.cpp' 'tests/*.[ch]')

format: setup ## format Python and C
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .
	$(BIN)/clang-format -i $$(git ls-files 'firmware/*.[ch]' 'firmware/*.cpp' 'tests/*.[ch]')

operators: setup ## print docs/operators.md from the compiler's own tables
	$(BIN)/python -m earkit.compiler.operators docs/operators.md

wheel: setup ## build the wheel into dist/
	rm -rf build # what was deleted since the last time would be in the wheel again
	$(BIN)/python -m build --wheel --outdir dist

clean: ## remove the environment and what was built here (earkit clean removes the caches)
	rm -rf $(VENV) build dist out .pio

setup: $(VENV)/ready arm

$(VENV)/ready: pyproject.toml setup.py constraints.txt host/earkit/core/build_core.py host/earkit/simulator/build_counter.py $(wildcard firmware/core/frontend/*.[ch] firmware/core/recognizer/*.[ch] firmware/core/spotter/*.[ch])
	@command -v gcc >/dev/null || { echo "gcc is not installed; run: sudo apt-get install gcc make"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	  { echo "Earkit wants Python 3.11 to 3.13; run: make PYTHON=python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "no venv module; run: sudo apt-get install python3-venv"; exit 1; }
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

arm: # the Arm compiler, by apt where that may be done
	@scripts/apt-install $(ARM)

peers: # where apt may not be used, a line says so and the tests skip
	@scripts/apt-install $(PEERS) || true
