"""An installation and its backup, made once for the tests of a file."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.operations.installing import SCRIPT, enishi, environment


@pytest.fixture(scope="module")
def installation(tmp_path_factory) -> Path:
    """A data folder in which somebody has worked."""
    folder = tmp_path_factory.mktemp("installation")
    assert enishi(folder, "migrate").returncode == 0
    subprocess.run([sys.executable, "-c", SCRIPT], env=environment(folder), check=True, timeout=120)
    return folder


@pytest.fixture(scope="module")
def backup(installation, tmp_path_factory) -> Path:
    done = enishi(installation, "backup", "--to", str(tmp_path_factory.mktemp("backups")), "--json")
    assert done.returncode == 0, done.stderr
    return Path(json.loads(done.stdout)["path"])
