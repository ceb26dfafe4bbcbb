"""What was begun on SQLite moves to PostgreSQL."""

import json
import os
import subprocess
import sys

import pytest

from tests.operations.installing import environment


@pytest.mark.skipif(
    not os.environ.get("ENISHI_DATABASE_URL", "").startswith("postgres"), reason="needs PostgreSQL"
)
def test_a_backup_of_sqlite_moves_to_postgresql(backup, tmp_path):
    import psycopg

    url = os.environ["ENISHI_DATABASE_URL"]
    base, _slash, _name = url.rpartition("/")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS enishi_moved")
        connection.execute("CREATE DATABASE enishi_moved")
    moved = environment(tmp_path) | {"ENISHI_DATABASE_URL": f"{base}/enishi_moved"}
    command = [sys.executable, "-m", "enishi.config"]

    done = subprocess.run(
        [*command, "restore", str(backup)], env=moved, capture_output=True, text=True, timeout=240
    )

    assert done.returncode == 0, done.stderr
    verified = subprocess.run(
        [*command, "verify", "--json"], env=moved, capture_output=True, text=True, timeout=120
    )
    assert all(finding["ok"] for finding in json.loads(verified.stdout))
    with psycopg.connect(f"{base}/enishi_moved") as connection:
        assert connection.execute("SELECT count(*) FROM exchange_challenge").fetchone() == (3,)
