"""`enishi recompute`: published files in, the number with its parents out, without a database."""

import datetime as dt
import json
import subprocess
import sys
import zipfile
from decimal import Decimal

import pytest
from click.testing import CliRunner

from enishi.config.cli import cli
from enishi.evaluation.published.answers import shown
from enishi.evaluation.published.measures import MEASURES, recompute
from enishi.evaluation.published.reading import PublishedDataError, open_data
from tests.evaluation.published_data import decision, evaluation, reflection, write, write_twelve


def asked(folder, name, year=None):
    return recompute(name, open_data(folder), year=year)


@pytest.fixture
def twelve(tmp_path):
    return write_twelve(tmp_path)


@pytest.mark.parametrize(
    ("name", "year", "words"),
    [
        ("反映率", 2026, "60.0%(3/5)"),
        ("反映率(一部反映を含む)", 2026, "80.0%(4/5)"),
        ("反映率（金額）", 2026, "66.7%(10,000,000/15,000,000)"),
        ("見直し率", 2024, "41.7%(5/12)"),
        ("スクラップ率", 2024, "25.0%(3/12)"),
        ("拡充", 2024, "8.3%(1/12)"),
    ],
)
def test_worked_example_of_twelve_evaluations(twelve, name, year, words):
    assert shown(asked(twelve, name, year).figure) == words


def test_the_headline_never_counts_what_goes_on(twelve):
    answer = asked(twelve, "反映率", 2026)

    assert shown(answer.beside[0]) == "80.0%(4/5)"
    assert "75.0%" not in str(answer)
    assert [item.key for item in answer.items if item.counts] == ["D09", "D10", "D11"]
    assert {item.key: item.why for item in answer.left_out if item.key == "D01"} == {"D01": "継続は数えない"}
    assert answer.counts["未反映などの理由"] == {"理由の記録なし": 1}


@pytest.mark.parametrize(
    ("evaluated", "courses", "reviewed", "scrapped", "expanded"),
    [
        # 赤穂市 令和2年度, 小牧市 令和元年度, 岡崎市 平成23年度
        (395, {"縮小": 23, "改善": 8, "拡充": 26}, "7.8%(31/395)", "5.8%(23/395)", "6.6%(26/395)"),
        (138, {"廃止": 2}, "1.4%(2/138)", "1.4%(2/138)", "0.0%(0/138)"),
        (1_326, {"廃止": 6, "休止": 4}, "0.8%(10/1,326)", "0.8%(10/1,326)", "0.0%(0/1,326)"),
    ],
)
def test_review_rates_of_real_municipalities(tmp_path, evaluated, courses, reviewed, scrapped, expanded):
    made = [course for course, count in courses.items() for _each in range(count)]
    made += ["継続"] * (evaluated - len(made))
    write(tmp_path, "evaluations", [evaluation(str(n)) for n in range(evaluated)])
    write(tmp_path, "decisions", [decision(str(n), course) for n, course in enumerate(made)])

    said = [shown(asked(tmp_path, name).figure) for name in ("見直し率", "スクラップ率", "拡充の割合")]

    assert said == [reviewed, scrapped, expanded]


def test_logic_models_of_yokohama(tmp_path):
    states = ["承認済み"] * 81 + ["作成中"] * 50 + ["なし"] * 42
    rows = [
        {"unit": str(n), "title": "施策", "scope": "はい", "state": state} for n, state in enumerate(states)
    ]
    rows.append({"unit": "内部", "title": "人事", "scope": "いいえ", "state": "なし"})
    rows.append({"unit": "壊", "title": "施策", "scope": "いいえ", "state": "承認済み", "failed": "L2、L4"})
    write(tmp_path, "logic_models", rows)

    assert shown(asked(tmp_path, "ロジックモデル導入割合").figure) == "46.8%(81/173)"


def proposal(number, days, fate, agreed="いいえ"):
    first = dt.date(2025, 4, 1)
    return {
        "proposal": str(number),
        "received_on": first,
        "decided_on": None if fate == "継続中" else first + dt.timedelta(days=30),
        "agreed": agreed,
        "refusal": "予算がない" if fate == "離脱" else "",
        "fate": fate,
        "ended_on": first + dt.timedelta(days=days),
    }


def test_the_plain_mean_flatters(tmp_path):
    done = [proposal(n, days, "実現", "はい") for n, days in enumerate((60, 90, 120, 200))]
    pending = [proposal(n, days, "継続中") for n, days in enumerate((100, 150, 300), start=10)]
    write(tmp_path, "proposals", [*done, *pending])

    answer = asked(tmp_path, "提案から事業化までの期間", 2025)

    assert (shown(answer.figure), [shown(each) for each in answer.beside]) == ("200日", ["117.5日", "105日"])


def test_closing_rate_shows_the_pending_and_the_reasons(tmp_path):
    write(
        tmp_path,
        "proposals",
        [proposal(1, 50, "実現", "はい"), proposal(2, 40, "離脱"), proposal(3, 90, "継続中")],
    )

    answer = asked(tmp_path, "提案成約率")

    assert shown(answer.figure) == "50.0%(1/2)"
    assert answer.counts == {"決定前": {"件数": 1}, "不採択の理由": {"予算がない": 1}}


def test_statutory_plans_and_renewals_are_counted_as_published(tmp_path):
    plans = [("総合戦略", "はい", "確かめ済み"), ("官民データ計画", "いいえ", "原典で未確認")]
    write(
        tmp_path,
        "statutory_plans",
        [{"plan": name, "integrated": done, "certainty": sure} for name, done, sure in plans],
    )
    needs = [("建物", 900, 300), ("道路", 100, 200)]
    write(
        tmp_path,
        "renewals",
        [
            {"year": 2026, "kind": kind, "needed_yen": need, "funded_yen": given}
            for kind, need, given in needs
        ],
    )

    integrated = asked(tmp_path, "統合計画率")

    assert shown(integrated.figure) == "50.0%(1/2)"
    assert integrated.counts == {"根拠が未確認のもの": {"件数": 1}}
    assert shown(asked(tmp_path, "施設更新費充足率", 2026).figure) == "50.0%(500/1,000)"


def test_indicators_missing_a_value_stay_below_the_line(tmp_path):
    rows = [
        {"indicator": "1", "status": "達成", "value": "8", "source": "調査", "due_on": "2026-05-31", "recorded_on": "2026-05-01"},
        {"indicator": "2", "status": "遅れ", "value": "3", "due_on": "2026-05-31", "recorded_on": "2026-06-01"},
        {"indicator": "3", "status": "判定不能", "reason": "調査を中止したため"},
        {"indicator": "4", "status": "達成", "value": "0", "source": "台帳"},
    ]  # fmt: skip
    write(tmp_path, "indicators", [{"year": 2025, "title": "指標", **row} for row in rows])

    names = (
        "目標達成指標割合",
        "目標達成指標割合(判定できた指標のうち)",
        "欠測率",
        "出所付与率",
        "期限内更新率",
    )
    assert [shown(asked(tmp_path, name, 2025).figure) for name in names] == [
        "50.0%(2/4)",
        "66.7%(2/3)",
        "25.0%(1/4)",
        "66.7%(2/3)",
        "50.0%(1/2)",
    ]


def test_a_supplementary_budget_never_lifts_the_headline(tmp_path):
    write(tmp_path, "decisions", [decision("D1", "拡充", "はい", 100), decision("D2", "縮小", "はい", -100)])
    write(
        tmp_path,
        "reflections",
        [reflection("D1", "反映", 100), reflection("D2", "未反映", 0, reason="契約が残る"), reflection("D2", "反映", -100, stage="補正1")],
    )  # fmt: skip

    answer = asked(tmp_path, "反映率", 2026)

    assert shown(answer.figure) == "50.0%(1/2)"
    assert answer.items[1].why == "契約が残る。のちに補正予算で反映"
    assert answer.counts["補正での反映(率には数えない)"] == {"件数": 1}


def test_what_contradicts_itself_is_said(tmp_path):
    write(tmp_path, "decisions", [decision("D1", "縮小", "はい", -100), decision("D2", "廃止", "はい", -100)])
    write(tmp_path, "reflections", [reflection("D1", "反映", 500), reflection("D9", "反映", 1)])
    entries = [("前", 2025, 9_000_000), ("後", 2026, 10_000_500)]
    write(
        tmp_path,
        "entries",
        [
            {"decision": "D1", "year": 2026, "stage": "当初", "side": side, "budget_year": year, "code": "03-01", "yen": yen}
            for side, year, yen in entries
        ],
    )  # fmt: skip

    answer = asked(tmp_path, "反映率", 2026)

    assert answer.notes == (
        "反映の行の決定番号「D9」は、改善決定の表にありません。数えていません。",
        "決定「D1」は「反映」とありますが、「縮小」なのに額が減っていないため疑わしいものです。",
        "決定「D1」の反映前の額は、裏付けの科目の合計と合いません。",
    )
    assert answer.counts["未反映などの理由"] == {"反映の記録がない": 1}


@pytest.mark.parametrize("how", [{"labels": False}, {"encoding": "cp932"}, {"encoding": "utf-8"}])
def test_the_same_from_every_form_of_file(tmp_path, how):
    write_twelve(tmp_path, **how)

    assert shown(asked(tmp_path, "反映率", 2026).figure) == "60.0%(3/5)"


def test_the_same_from_json_and_from_a_zip(twelve, tmp_path):
    whole = open_data(twelve)
    names = [measure.table for measure in MEASURES if measure.table.key in ("evaluations", "decisions")]
    from enishi.evaluation.published.tables import REFLECTION_ROWS

    with zipfile.ZipFile(tmp_path / "data.zip", "w") as archive:
        for table in {*names, REFLECTION_ROWS}:
            rows = [dict(row) for row in whole.rows(table)]
            archive.writestr(f"公開/{table.key}.json", json.dumps(rows, default=str))

    assert asked(tmp_path / "data.zip", "反映率", 2026) == asked(twelve, "反映率", 2026)


def break_file(folder, name, before, after):
    path = folder / name
    path.write_text(path.read_text(encoding="utf-8-sig").replace(before, after, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("方向", "向き", "decisions.csv: 列「方向」がありません。"),
        ("拡充", "大拡充", "decisions.csv: 10行目の「方向」の「大拡充」は読めません。"),
        ("D09,", "D10,", "decisions.csv: 11行目の「D10」は10行目にもあります。"),
        ("5000000", "五百万", "decisions.csv: 10行目の「決定した増減額」の「五百万」は読めません。円(整数"),
        ("2024", "来年", "decisions.csv: 2行目の「評価年度」の「来年」は読めません。"),
        ("いいえ", "", "decisions.csv: 2行目の「予算に関わる」が空です。"),
        ("D01の事業", '"D01の事業', "がCSVとして読めません"),
    ],
)
def test_a_broken_file_is_refused_with_its_place(twelve, before, after, sentence):
    break_file(twelve, "decisions.csv", before, after)

    with pytest.raises(PublishedDataError) as refusal:
        asked(twelve, "反映率", 2026)

    assert sentence in str(refusal.value)


@pytest.mark.parametrize(
    ("written", "read"), [("△3,000千円", 60), ("▲3000000", 60), ("－３，０００，０００", 60)]
)
def test_amounts_as_offices_write_them(twelve, written, read):
    break_file(twelve, "decisions.csv", "-3000000", f'"{written}"')

    figure = asked(twelve, "反映率(金額)", 2026).figure

    assert figure.percent() == Decimal("66.7")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["反映率", "--year", "2030"],
            "対象年度が令和12年度のデータはありません(このデータにあるのは 令和8年度)。",
        ),
        (["反映率", "--year", "らいねん"], "「らいねん」は年度として読めません。"),
        (["幸福度", "--year", "2026"], "「幸福度」という数字はありません。"),
        (["目標達成指標割合", "--year", "2025"], "indicators.csv(指標)がありません。"),
        (["反映率", "--data", "/nowhere"], "/nowhere: ありません。"),
    ],
)
def test_the_command_refuses_with_a_sentence(twelve, arguments, sentence):
    arguments = arguments if "--data" in arguments else [*arguments, "--data", str(twelve)]

    result = CliRunner().invoke(cli, ["recompute", *arguments])

    assert (result.exit_code, sentence in result.stderr) == (1, True)


def test_a_file_that_is_no_zip_is_refused(tmp_path):
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 nothing")

    with pytest.raises(PublishedDataError, match="zipでもありません"):
        open_data(tmp_path / "x.zip")


def test_the_command_needs_no_django(twelve):
    code = (
        "import sys\n"
        "from enishi.config.cli import main\n"
        "try: main()\n"
        "finally: print('django' in {name.split('.')[0] for name in sys.modules}, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "recompute", "反映率", "--year", "令和8年度", "--data", str(twelve), "--json"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    found = json.loads(done.stdout)
    assert (found["value"], found["shown"], found["numerator"], found["denominator"]) == (
        "3/5",
        "60.0%(3/5)",
        "3",
        "5",
    )
    assert found["formula"] == {"code": "reflection_strict", "version": 1}
    assert done.stderr.strip() == "False"


def test_changed_files_are_told(twelve):
    import hashlib

    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in twelve.glob("*.csv")}
    (twelve / "about.json").write_text(json.dumps({"sha256": {**digests, "reflections.csv": "0" * 64}}))

    said = CliRunner().invoke(cli, ["recompute", "反映率", "--year", "2026", "--data", str(twelve)]).stdout

    assert "decisions.csv 12行 sha256" in said
    assert [line.rsplit("(")[-1] for line in said.splitlines()[-2:]] == [
        "公開されたまま)",
        "公開されたものと中身が違う)",
    ]
