"""What every test may rely on."""

import gc
import os
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.db.models.signals import post_migrate
from django.utils import translation
from xdist.scheduler import LoadScopeScheduling

if os.environ.get("ENISHI_DATABASE_URL"):
    # These meet no database, start an installation of their own on SQLite, or (the matrix and its like) ask the same
    # questions of the same code ten thousand times: another database proves nothing that the rooms' own tests do not.
    collect_ignore = [
        "api",
        "test_access_matrix.py",
        "browser",
        "desk/test_confidentiality.py",
        "desk/test_demo.py",
        "engines",
        "exchange/test_matchfile.py",
        "foundation/test_translations.py",
        "knowledge/test_retrievalfile.py",
        "language",
        "operations/test_archive.py",
        "operations/test_command_line.py",
        "operations/test_crash.py",
        "operations/test_spreadsheets.py",
    ]
    # Pages ask what selectors ask, and those are tried on both.
    collect_ignore_glob = ["*/test_*pages*.py"]


# What is imported and collected lives to the end: nobody need look through it for garbage again and again.
gc.disable()


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()


TOGETHER = (
    "tests/browser/",
    "tests/exchange/test_matchfile.py",
    "tests/foundation/test_translations.py",
    "tests/knowledge/test_retrievalfile.py",
    "tests/language/",
    "tests/operations/test_archive.py",
    "tests/operations/test_crash.py",
)
"""Tests that share what takes seconds to make: a site, an installation, a model."""


class Scheduling(LoadScopeScheduling):
    """Any worker takes the next test; those that share something dear go to one, and begin first."""

    def _split_scope(self, nodeid: str) -> str:
        return next((shared for shared in TOGETHER if nodeid.startswith(shared)), nodeid)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: whoever drives the browser mostly waits for it."""
    return (os.cpu_count() or 1) + 1


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    return Scheduling(config, log)


@pytest.fixture(autouse=True)
def _speak_japanese() -> Iterator[None]:
    """A page asked for in English leaves the thread speaking English: each test begins in Japanese."""
    with translation.override("ja"):
        yield


@pytest.fixture(autouse=True)
def _guard_steps_aside_for_the_flush(
    request: pytest.FixtureRequest, _django_db_marker: None, _live_server_helper: None
) -> Iterator[None]:
    """A test that commits is cleaned up by emptying every table, which the record of acts refuses: its guard comes back after."""
    yield
    marker = request.node.get_closest_marker("django_db")
    commits = marker is not None and marker.kwargs.get("transaction", False)
    if commits or {"transactional_db", "live_server"} & set(request.fixturenames):
        import_module("enishi.audit.migrations.0003_guard").unguard(connection)


def _guard_again(sender: Any, **kwargs: Any) -> None:
    import_module("enishi.audit.migrations.0003_guard").guard(connection)


@pytest.fixture(scope="session", autouse=True)
def _guard_after_every_flush() -> Iterator[None]:
    from django.apps import apps

    sender = apps.get_app_config("audit")
    post_migrate.connect(_guard_again, sender=sender)
    yield
    post_migrate.disconnect(_guard_again, sender=sender)
