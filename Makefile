# Every command sets up .venv by itself the first time.
PYTHON ?= python3
BIN    := .venv/bin
READY  := .venv/.ready
DRAWS  := $(filter-out dlcore/book/%,$(wildcard dlcore/*.py dlcore/*/*.py))

# No news and no updates: nothing asks the network. In a container the user may be root.
LAB    := --ServerApp.kernel_websocket_connection_class=dlcore.lab.PromptConnection \
          --LabApp.news_url=None --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate \
          $(if $(filter 0,$(shell id -u 2>/dev/null)),--allow-root)

# Where two processes run side by side, a second thread in each would only make them wait for each other.
ALONE  := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

.PHONY: help lab test book serve check bench clean

help:            ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## */make \1	/p' Makefile

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "This course needs Python 3.11 or newer, $(PYTHON) is $$($(PYTHON) --version 2>&1): try  make PYTHON=python3.12"; exit 1; }
	@echo "Setting up .venv, once: about 2 GB, a few minutes."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --progress-bar on --constraint constraints.txt --editable ".[lab,test,book]"
	@touch $@

lab: $(READY)    ## open the course in JupyterLab
	$(BIN)/jupyter lab --LabApp.default_url=/lab/tree/chapters/00_start.ipynb $(LAB)

test: $(READY)   ## the unit tests, and every chapter compared with its stored outputs
	$(ALONE) $(BIN)/pytest --nbval -n 2

# Cached outputs are good as long as the package that drew them is the same.
_build/.drawn-with: $(DRAWS)
	@rm -rf _build/.jupyter_cache
	@mkdir -p _build && touch $@

# Jupyter Book alone would run one chapter after the other; it takes what it finds in the cache.
CACHE  := --cache-path _build/.jupyter_cache

book: $(READY) _build/.drawn-with    ## run all chapters and build the book
	@yes | $(BIN)/jcache notebook $(CACHE) add chapters/*.ipynb >/dev/null
	DLCORE_BAKE=1 $(ALONE) $(BIN)/jcache project $(CACHE) execute --executor local-parallel --timeout 600
	@rm -rf _build/html
	DLCORE_BAKE=1 $(BIN)/jupyter-book build . --all -W -n --keep-going
	@echo "The book is at _build/html/index.html: open it, or run  make serve"

serve:           ## serve the book that was built, on port 8000
	@test -f _build/html/index.html || { echo "There is no book yet: run  make book  first"; exit 1; }
	@echo "The book: http://localhost:8000  (stop with Ctrl-C)"
	@$(BIN)/python -m http.server --directory _build/html 8000

check: test book ## also the browsers, and the claims under other seeds and numbers of threads
	$(BIN)/ruff check
	$(BIN)/pytest tests/browser tests/wheel -p no:cacheprovider
	$(BIN)/dlcore margins

bench: $(READY)  ## dlcore beside torch, on the same work
	$(ALONE) $(BIN)/python -m benchmarks

clean:           ## remove .venv, the built book and all caches
	rm -rf .venv _build .pytest_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -prune -exec rm -rf {} +
