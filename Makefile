# Enishi (縁). `make help` lists what can be done. Only Python >= 3.11 and make are needed.
SHELL := /bin/sh
.DEFAULT_GOAL := help

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3.14 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
# On a closed network: ENISHI_WHEELS=/folder/of/wheels (filled elsewhere by `make wheels`).
PIP := $(BIN)/pip --disable-pip-version-check --quiet install $(if $(ENISHI_WHEELS),--no-index --find-links $(ENISHI_WHEELS))

help: ## この一覧を表示する
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 以上が見つかりません。入れてから、もう一度実行してください。"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "仮想環境を作れません。Debian/Ubuntu では apt install python3-venv を実行してください。"; exit 1; }

.venv/.base: requirements/base.lock pyproject.toml | .venv/bin/python
	@echo "必要な部品を入れています(初回は数分かかります)…"
	@$(PIP) --require-hashes -r requirements/base.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements/dev.lock .venv/.base
	@$(PIP) --require-hashes -r requirements/dev.lock
	@touch $@

setup: .venv/.base ## 環境を作り、言語モデルを用意する
	@$(BIN)/enishi setup

run: .venv/.base ## 起動する(初回は見本の地域「あおば市」を入れる)
	@$(BIN)/enishi run --demo

test: .venv/.dev ## すべての試験を実行する(ブラウザの試験を含む)
	@$(BIN)/pytest -n auto

check: .venv/.dev ## 書き方・型・階の決まり・移行・様式を調べる
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/djlint src --quiet --lint
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m django makemigrations --check --dry-run
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m django check --fail-level WARNING

bench: .venv/.dev ## 質と速さを、同じ実行の中の基準と並べて表示する
	@$(BIN)/python -m bench

seed: .venv/.base ## 全国規模のデータを作る(測定用。別の ENISHI_DATA で)
	@$(BIN)/enishi seed

screenshots: .venv/.dev ## 手引きの画面写真を撮り直す
	@$(BIN)/pytest -q tests/browser --screenshots

wheels: .venv/.base ## 閉じた網のために、部品一式を wheels/ に集める
	@$(BIN)/pip --disable-pip-version-check download --quiet --require-hashes -r requirements/base.lock -d wheels
	@echo "wheels/ を運び、ENISHI_WHEELS=wheels make run と実行してください。"

lock: .venv/.dev ## requirements/*.in から固定版の一覧を作り直す
	@for name in base dev; do $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --quiet \
		--no-header --no-annotate requirements/$$name.in -o requirements/$$name.lock; done

.PHONY: help setup run test check bench seed screenshots wheels lock
