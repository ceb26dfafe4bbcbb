import json
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner

from enishi.config.cli import cli
from enishi.config.cli.server import keep_running
from tests.operations.installing import enishi, environment

COMMANDS = "setup run worker migrate upgrade createadmin import export match reindex seed backup restore verify doctor".split()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does(name):
    answer = CliRunner().invoke(cli, [name, "--help"])

    assert answer.exit_code == 0
    assert "Usage:" in answer.output


def test_an_unknown_command_is_a_wrong_word():
    assert CliRunner().invoke(cli, ["yomu"]).exit_code == 2


def test_match_needs_no_database(tmp_path):
    wants, cans, out = tmp_path / "wants.csv", tmp_path / "cans.csv", tmp_path / "out.csv"
    wants.write_text("id,text\nw1,一人で暮らす高齢者の異変に気づくのが遅れる\n", encoding="utf-8")
    cans.write_text(
        "id,text\nr1,新聞配達員が毎朝の配達で家の様子を見て知らせる\nr2,橋の点検をドローンで行う\n",
        encoding="cp932",
    )

    done = enishi(
        tmp_path,
        "match",
        "--challenges",
        str(wants),
        "--resources",
        str(cans),
        "--out",
        str(out),
        "--explain",
    )

    assert done.returncode == 0, done.stderr
    rows = out.read_text(encoding="utf-8-sig").splitlines()
    assert rows[0] == "challenge_id,rank,resource_id,score,why"
    assert rows[1].startswith("w1,1,r1,")
    assert not (tmp_path / "enishi.sqlite3").exists()


def test_a_wrong_setting_is_a_sentence(tmp_path):
    command = [sys.executable, "-m", "enishi.config", "migrate"]
    wrong = environment(tmp_path) | {"ENISHI_DEBUG": "たぶん"}

    done = subprocess.run(command, env=wrong, capture_output=True, text=True, timeout=60)

    assert done.returncode == 1
    assert "ENISHI_DEBUG" in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_answers_in_json(tmp_path):
    enishi(tmp_path, "migrate")

    done = enishi(tmp_path, "doctor", "--json")

    findings = {finding["name"]: finding["ok"] for finding in json.loads(done.stdout)}
    assert findings["データベース"]
    assert not findings["裏方の処理"]
    assert done.returncode == 1


def test_the_first_administrator_is_let_in(tmp_path):
    enishi(tmp_path, "migrate")
    words = [
        "createadmin",
        "--email",
        "a@example.jp",
        "--name",
        "試験",
        "--organization",
        "131016",
        "--password-stdin",
    ]

    done = enishi(tmp_path, *words, input="himitsu-no-kotoba\n")
    again = enishi(tmp_path, *words, input="himitsu-no-kotoba\n")
    weak = enishi(tmp_path, *words, input="password\n")

    assert (done.returncode, again.returncode, weak.returncode) == (0, 1, 1)
    assert "Traceback" not in again.stderr + weak.stderr


def test_who_is_killed_starts_again_and_who_cannot_run_ends_all(tmp_path):
    told = tmp_path / "told"
    script = f"import pathlib, time; f = pathlib.Path({str(told)!r}); n = f.exists() and len(f.read_text()); "
    script += "f.open('a').write('x'); time.sleep(0.6) if n < 2 else None; raise SystemExit(3)"
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]

    code = keep_running([[sys.executable, "-c", script]], least_life=0.5)

    for number, handler in zip((signal.SIGTERM, signal.SIGINT), before, strict=True):
        signal.signal(number, handler)
    assert (code, told.read_text()) == (3, "xxx")
