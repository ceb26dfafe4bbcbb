"""Backup and restore, through the command line as an administrator runs it, on folders of its own."""

import json
import resource
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from enishi.config.cli import cli
from tests.operations.installing import enishi, environment


def titles(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "enishi.sqlite3") as database:
        return [row[0] for row in database.execute("SELECT title FROM exchange_challenge ORDER BY id")]


def test_a_backup_is_readable_by_its_owner_alone(backup):
    assert backup.stat().st_mode & 0o777 == 0o600


def test_what_was_backed_up_comes_back_whole(backup, tmp_path):
    done = enishi(tmp_path, "restore", str(backup))

    assert done.returncode == 0, done.stderr
    assert titles(tmp_path) == ["課題0 𠮷", "課題1 𠮷", "課題2 𠮷"]
    assert (tmp_path / "files/attachments/a").read_bytes() == b"file"
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600
    verified = enishi(tmp_path, "verify", "--json")
    assert [finding["ok"] for finding in json.loads(verified.stdout)] == [True, True, True]
    assert (tmp_path / "demo-password.txt").read_text() == "aikotoba"


OLDER = """
import django; django.setup()
from django.core.management import call_command
from enishi.config import startup
assert not startup.is_behind()
call_command("migrate", "notifications", "0002", verbosity=0)
assert startup.is_behind()
startup.migrate(lambda line: None)
startup.migrate(lambda line: None)
assert not startup.is_behind()
"""


def test_a_newer_program_backs_up_what_an_older_one_left_before_it_touches_it(installation, tmp_path):
    folder = tmp_path / "older"
    shutil.copytree(installation, folder)

    subprocess.run([sys.executable, "-c", OLDER], env=environment(folder), check=True, timeout=120)

    [made] = (folder / "backups").glob("*.zip")
    with zipfile.ZipFile(made) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert "said" not in manifest["tables"]["notifications.notice"]["columns"]
    assert not any(name.startswith("notifications.0003") for name in manifest["migrations"])


def test_restoring_never_overwrites_people(installation, backup):
    done = enishi(installation, "restore", str(backup))

    assert done.returncode == 1
    assert "もう利用者がいます" in done.stderr


def test_a_changed_backup_is_refused(backup, tmp_path):
    changed = tmp_path / "changed.zip"
    with zipfile.ZipFile(backup) as source, zipfile.ZipFile(changed, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            target.writestr(entry, content.replace("課題1".encode(), "課題9".encode()))

    done = enishi(tmp_path / "data", "restore", str(changed))

    assert done.returncode == 1
    assert "書き換わっているか壊れています" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"text"])
def test_what_is_no_backup_is_refused_with_a_sentence(content, tmp_path):
    path = tmp_path / "x.zip"
    path.write_bytes(content)

    done = CliRunner().invoke(cli, ["restore", str(path)])

    assert done.exit_code == 1
    assert "控えとして読めません" in done.output
    assert "Traceback" not in done.output


def test_a_full_disk_leaves_no_half_backup_and_says_so(installation, tmp_path):
    def at_most_a_megabyte() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    done = enishi(installation, "backup", "--to", str(tmp_path), preexec_fn=at_most_a_megabyte)

    assert done.returncode == 1
    assert "控えを書けませんでした" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_change_behind_our_back_is_found(backup, tmp_path):
    enishi(tmp_path, "restore", str(backup))
    with sqlite3.connect(tmp_path / "enishi.sqlite3") as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE audit_auditevent SET actor_name = 'だれか' WHERE sequence = 2")

    (tmp_path / "files" / "attachments" / "a").write_bytes(b"elif")

    done = enishi(tmp_path, "verify")

    assert done.returncode == 1
    assert "書き換えられています" in done.stdout
    assert "中身が変わったもの 1件" in done.stdout
