"""Killing the worker in the middle of an import loses nothing and leaves nothing half done."""

import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.operations.installing import enishi, environment

ROWS = 800
SCRIPT = f"""
import django; django.setup()
from django.utils import timezone
from enishi.organizations.models import Organization, Membership
from enishi.accounts.models import Person
from enishi.exchange.transfer import importing
town = Organization.objects.get(code="131016")
person = Person.objects.create_user("p@example.jp", "himitsu-no-kotoba", name="試験 一郎")
Membership.objects.create(person=person, organization=town, role="planner", valid_from="2020-04-01")
lines = "\\n".join(f"K-{{n}},課題{{n}},困りごとの説明 {{n}}" for n in range({ROWS}))
batch = importing.receive(kind="challenge", organization=town, content=f"キー,題名,現状\\n{{lines}}".encode(),
    filename="a.csv", visibility="internal", status="open", actor=person, at=timezone.now())
from enishi.exchange.models import ImportBatch
from enishi.foundation import jobs
jobs.run_job.call(str(batch.job_id))
importing.confirm(batch_id=batch.pk, actor=person, at=timezone.now())
"""


def ask(folder: Path, question: str) -> object:
    with sqlite3.connect(folder / "enishi.sqlite3", timeout=20) as database:
        return database.execute(question).fetchone()[0]


def wait_for(folder: Path, question: str, answer: object, seconds: int = 120) -> None:
    for _turn in range(seconds * 10):
        if ask(folder, question) == answer:
            return
        time.sleep(0.1)
    raise AssertionError(f"{question}: {ask(folder, question)}")


@pytest.fixture(scope="module")
def waiting(tmp_path_factory) -> Path:
    """An installation with an import that nobody has begun."""
    folder = tmp_path_factory.mktemp("waiting")
    assert enishi(folder, "setup").returncode == 0
    subprocess.run([sys.executable, "-c", SCRIPT], env=environment(folder), check=True, timeout=120)
    return folder


@pytest.fixture
def installation(waiting, tmp_path) -> Path:
    return shutil.copytree(waiting, tmp_path / "installation")


def start_worker(folder: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "enishi.config", "worker"], env=environment(folder))


@pytest.mark.parametrize("after", [0.0, 0.4])
def test_a_killed_import_is_done_whole_by_the_next_worker(installation, after):
    job = "SELECT status FROM foundation_job WHERE kind = 'import-save'"
    worker = start_worker(installation)
    wait_for(installation, f"SELECT ({job}) <> 'waiting'", 1)
    time.sleep(after)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert ask(installation, "SELECT count(*) FROM exchange_challenge") in (0, ROWS)

    worker = start_worker(installation)
    try:
        wait_for(installation, job, "done")
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait()

    assert ask(installation, "SELECT count(*) FROM exchange_challenge") == ROWS
    assert ask(installation, "SELECT count(*) FROM audit_auditevent WHERE action = 'import'") == ROWS
    assert enishi(installation, "verify").returncode == 0
