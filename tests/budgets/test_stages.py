"""Files that hold several stages, side by side or line by line, and headings that name their year."""

import pytest

from enishi.budgets.enums import RunMode, RunState
from enishi.budgets.errors import RefusedError
from enishi.budgets.transfer import importing
from enishi.budgets.transfer.columns import guessed
from tests.budgets.making import apply_now, cast, code, profile, receive, receive_stages, why, xlsx
from tests.factories import NOON

pytestmark = pytest.mark.django_db

SIDE_BY_SIDE = """\
(単位：千円)
款,項,目,事業,節,要求額,査定額,当初予算額,第1号補正額,支出済額
03民生費,01社会福祉費,02老人福祉費,2010見守り事業,12委託料,"20,000","18,600","18,600",△600,"17,000"
,,,,10需用費,"2,000","1,400","1,400",,900
,,,2020介護予防事業,12委託料,5000,5000,5000,,
08土木費,02道路橋りょう費,02道路維持費,9110市道維持補修事業,14工事請負費,,,,"75,000",―
合計,,,,,"27,000","25,000","25,000","74,400","17,900"
"""


def test_stages_side_by_side_are_reconciled_one_by_one_and_come_in_together():
    who = cast()
    columns = guessed(SIDE_BY_SIDE.split("\n")[1].split(","))
    by_stage = profile(who.town, who.planner, name="五つの段階", columns=columns, unit=1_000)

    runs = receive_stages(who, SIDE_BY_SIDE.encode("cp932"), by_stage)
    wrong = receive_stages(who, SIDE_BY_SIDE.replace("74,400", "74,401").encode(), by_stage)

    assert [str(part) for part in by_stage.parts] == ["要求", "査定1", "当初", "補正1", "支出"]
    assert [(run.state, run.total_yen) for run in runs] == [
        *(("ready", 27_000_000), ("ready", 25_000_000), ("ready", 25_000_000)),
        *(("ready", 74_400_000), ("ready", 17_900_000)),
    ]
    assert "7『合計』74,401,000" in why(wrong[3]) and "差は △1,000円" in why(wrong[3])
    assert {run.state for run in wrong} == {RunState.READY, RunState.REFUSED}
    with pytest.raises(RefusedError):
        importing.confirm(run_id=wrong[0].pk, actor=who.planner, at=NOON)

    apply_now(who, runs[0])

    total = code(who, "01-03-01-02-2010-12").total
    assert (total.request_yen, total.initial_yen, total.current_yen) == (20_000_000, 18_600_000, 18_000_000)
    assert total.spending_yen == 17_000_000
    assert code(who, "01-08").total.current_yen == 75_000_000
    with pytest.raises(RefusedError, match="同じ内容"):
        receive_stages(who, SIDE_BY_SIDE.encode("cp932"), by_stage)


def test_lines_that_only_name_a_code_name_it_for_every_stage_and_a_stage_without_money_corrects_nothing():
    who = cast()
    file = """\
款,項,目,事業,要求額,当初予算額,決算額
03民生費,,,,,,
,01社会福祉費,,,,,
,,02老人福祉費,2010見守り事業,20,18,
,,,2020介護予防事業,,2,1
合計,,,,20,20,1
"""
    by_stage = profile(who.town, who.planner, name="予算書", columns=guessed(file.split("\n")[0].split(",")))

    runs = receive_stages(who, file.encode(), by_stage)
    apply_now(who, runs[0])
    unspent = file.replace("2,1\n合計,,,,20,20,1", "2,\n合計,,,,20,20,")
    again = receive_stages(who, unspent.encode(), by_stage, RunMode.CORRECT)

    named = [{line["path"]: line["name"] for line in run.findings["lines"]} for run in runs]
    assert [lines["01-03-01"] for lines in named] == ["社会福祉費"] * 3
    assert code(who, "01-03").name == "民生費"
    assert [(run.state, run.findings["differences"]) for run in again][2] == (RunState.EMPTY, [])


def test_a_line_for_each_stage_repeats_its_code_and_corrects_stage_by_stage():
    who = cast()
    words = "1 = 当初\n9月補正 = 第2号補正"
    columns = {"kan": "款", "ko": "項", "moku": "目", "stage": "段階", "amount": "金額"}
    by_line = profile(who.town, who.planner, name="一行一段階", columns=columns, stage_words=words)
    file = "款,項,目,段階,金額\n03,01,02,1,100\n,,,9月補正,△10\n,,04,1,50\n計,,,１,150\n計,,,9月補正,-10\n総計,,,,140\n"

    runs = receive_stages(who, file.encode(), by_line)
    apply_now(who, runs[0])
    unknown = receive_stages(who, file.replace("9月補正,△10", "3,△10").encode(), by_line, RunMode.CORRECT)
    later = receive_stages(who, file.replace("50", "60").encode(), by_line, RunMode.CORRECT)
    apply_now(who, later[0])

    assert [run.total_yen for run in runs] == [150, -10]
    assert any("総計" in each or "7行目" in each for each in runs[0].findings["remarks"])
    assert "3『段階』3: この段階は読み取りの設定にありません" in why(unknown[0])
    assert code(who, "01-03").total.current_yen == 150
    assert later[0].findings["differences"] == [["01-03-01-04", 50, 60]]


def test_a_heading_that_names_its_year_is_found_in_the_next_years_file_and_refused_in_another():
    who = cast()
    columns = {"kan": "款", "ko": "項", "moku": "目", "amount": "令和7年度当初予算額"}
    dated = profile(who.town, who.planner, name="年度つき", columns=columns)
    file = "款,項,目,令和{old}年度決算額,令和{new}年度当初予算額\n03,01,02,5,7\n合計,,,5,7\n"

    run = receive(who, file.format(old=6, new=8).encode(), profile=dated, stated_total_yen=None)
    other = receive(who, file.format(old=6, new=7).encode(), profile=dated, stated_total_yen=None)

    both = guessed(["款", "項", "目", "令和7年度当初予算額", "令和8年度当初予算額"])
    assert both["amount"] == "令和8年度当初予算額"
    assert (run.state, run.total_yen) == (RunState.READY, 7)
    assert "1『年度』令和7年度当初予算額: 令和7年度の列です。取り込み先は令和8年度です。" in why(other)


def test_an_office_workbook_with_joined_headings_named_sums_and_a_hidden_column_is_read_as_it_is_seen():
    who = cast()
    rows: list[list[object]] = [
        ["令和８年度　予算要求総括表", *[""] * 8],
        ["款", "", "項", "", "目", "", "要求額", "査定額", "決算額"],
        ["コード", "名称", "コード", "名称", "コード", "名称"],
        ["03", "民生費", "01", "社会福祉費", "03", "老人福祉費", "２５，０００", 24000, 1],
        [None, None, None, None, "04", "障害者福祉費", "△5", 0, 1],
        ["", "民生費 計", "", "", "", "", "24,995", "24,000", 2],
        ["※職員人件費は別葉"],
    ]
    merged = "A1:I1 A2:B2 C2:D2 E2:F2 G2:G3 H2:H3 I2:I3 A4:A5 B4:B5 C4:C5 D4:D5 A7:I7"
    seen = xlsx(rows, merged=merged, hidden_column="I")
    heads = ["款 コード", "款 名称", "項 コード", "項 名称", "目 コード", "目 名称", "要求額", "査定額"]
    by_stage = profile(who.town, who.planner, name="総括表", columns=guessed(heads))
    hidden = profile(who.town, who.planner, name="決算も", columns=guessed([*heads, "決算額"]))

    runs = receive_stages(who, seen, by_stage)
    refused = receive_stages(who, seen, hidden)

    assert [(run.state, run.total_yen) for run in runs] == [("ready", 24_995), ("ready", 24_000)]
    assert {"01-03": "民生費", "01-03-01-04": "障害者福祉費"}.items() <= {
        line["path"]: line["name"] for line in runs[0].findings["lines"]
    }.items()
    assert any(remark.startswith("I列は非表示") for remark in runs[0].findings["remarks"])
    assert "『見出し』決算額: この見出しのI列は非表示なので、読みません。" in why(refused[0])
