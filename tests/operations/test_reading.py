"""`enishi read-policy`: a file in, its structure out, without a database."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from enishi.config.cli import cli

DOCUMENT = """課題
住民の課題
通院の足がない
  ・路線バスは一日二便です。
支援策①:予約型の乗合交通
主な取組①:予約窓口の一本化
KGI・KSI・KPI
  ・KGI
    ・通院をあきらめた人の割合:5%以下(現状平均18.4%)
      ・データ取得方法:高齢者調査
"""


def run(path, *options):
    return CliRunner().invoke(cli, ["read-policy", str(path), *options])


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "plan.txt"
    path.write_text(DOCUMENT, encoding="utf-8")
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_json_quotes_stand_at_their_offsets(tmp_path, encoding):
    path = tmp_path / "plan.txt"
    path.write_bytes(DOCUMENT.replace("\n", "\r\n").encode(encoding))

    found = json.loads(run(path, "--json").stdout)

    (indicator,) = found["indicators"]
    assert DOCUMENT[indicator["start"] : indicator["end"]] == indicator["name"] == "通院をあきらめた人の割合"
    assert (indicator["level"], indicator["measure"]) == ("KGI", "予約型の乗合交通")
    target = indicator["target"]
    assert (target["value"], target["comparator"], target["unit"], target["period"]) == (5, "以下", "%", None)
    assert DOCUMENT[target["start"] : target["end"]] == target["quote"] == "5%以下"
    assert (indicator["baseline"]["value"], indicator["baseline"]["unit"]) == (18.4, "%")
    assert indicator["method"]["quote"] == "高齢者調査"
    assert found["challenges"][0]["who"] == "住民"
    assert found["actions"][0]["measure"] == found["measures"][0]["title"]


def test_json_has_every_kind_and_says_what_is_missing(document):
    found = json.loads(run(document, "--json").stdout)

    assert list(found)[:8] == [
        "measures", "actions", "challenges", "indicators", "evidence", "sources", "cases", "not_found",
    ]  # fmt: skip
    assert found["not_found"] == ["客観的根拠: 見つからない", "出典: 見つからない", "先進事例: 見つからない"]


def test_text_is_written_for_the_offsets(document, tmp_path):
    result = run(document, "--text", str(tmp_path / "text.txt"))

    assert result.exit_code == 0
    assert (tmp_path / "text.txt").read_text(encoding="utf-8") == DOCUMENT


def test_report_is_readable(document):
    lines = run(document).stdout.splitlines()

    assert lines[0] == "支援策(1件)"
    start = DOCUMENT.index("通院の足がない")
    assert lines[5] == f"  {start}〜{start + 7}  住民: 通院の足がない"
    assert lines[-1] == "見つからないもの — 先進事例: 見つからない"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.txt", b"", "Error: empty.txt: ファイルが空です。中身のあるファイルを選んでください。\n"),
        (
            "broken.pdf",
            b"%PDF-1.4 x",
            "Error: broken.pdf: PDFを開けません。壊れているか、途中までしかないようです。もう一度保存するか、元の文書を選んでください。\n",
        ),
    ],
)
def test_what_cannot_be_read_is_a_sentence(tmp_path, name, content, sentence):
    (tmp_path / name).write_bytes(content)

    result = run(tmp_path / name, "--json")

    assert (result.exit_code, result.stderr, result.stdout) == (1, sentence, "")


def test_no_django_is_loaded(document):
    script = (
        "import sys; from click.testing import CliRunner; from enishi.config.cli import cli; "
        f"result = CliRunner().invoke(cli, ['read-policy', {str(document)!r}]); "
        "print(result.exit_code, 'django' in sys.modules)"
    )

    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )

    assert answer.stdout == "0 False\n"
