"""Files into the books: everything or nothing, to the yen, and a sentence for each cell that cannot be used."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Sum

from enishi.budgets import selectors, services
from enishi.budgets.access import code_access
from enishi.budgets.enums import RunMode, RunState, Stage
from enishi.budgets.errors import ClosedYearError, RefusedError
from enishi.budgets.models import (
    BudgetCode,
    BudgetEntry,
    BudgetImport,
    FundSource,
    ProgrammeMoney,
    Unallocated,
)
from enishi.budgets.transfer import importing, looking
from enishi.budgets.transfer.taking_back import take_back
from tests.budgets.making import (
    COLUMNS,
    HEAD,
    ROWS,
    TOTAL,
    YEAR,
    bring_in,
    cast,
    code,
    profile,
    receive,
    text,
    why,
    xlsx,
)
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def test_a_file_fills_the_tree_and_its_sums_to_the_yen():
    who = cast()

    run = bring_in(who, text())

    assert run.state == RunState.APPLIED
    assert code(who, "01-03").total.initial_yen == 25_000_001
    assert code(who, "01-03-01-02-2010").total.current_yen == 20_000_000
    assert code(who, "01-08-02-02-9110-14").name == "工事請負費"
    entry = BudgetEntry.objects.get(code=code(who, "01-03-01-02-2020-12"))
    assert (entry.amount_yen, entry.row_no, entry.import_run_id) == (5_000_001, 4, run.pk)


def test_cp932_with_a_title_full_width_and_zeros_lost_is_the_same_file():
    who = cast()
    rows = ROWS.replace("18600000", '"１８，６００，０００"').replace("03,民生費,01", "3,民生費,1")

    run = bring_in(who, f"令和8年度 歳出予算一覧\n\n{HEAD}\n{rows}".encode("cp932"))

    assert code(who, "01-03-01-02-2010-12").total.initial_yen == 18_600_000
    assert run.findings["encoding"] == "cp932"


def test_thousands_become_yen():
    who = cast()
    thousands = profile(who.town, who.planner, name="千円", unit=1_000)

    bring_in(
        who,
        text("03,民生費,01,社,02,老,2010,見守り,12,委託料,△1.5\n03,民生費,01,社,02,老,2010,見守り,10,需,3\n"),
        profile=thousands,
        stated_total_yen=1_500,
    )

    assert code(who, "01-03-01-02-2010-12").total.initial_yen == -1_500


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (text(ROWS.replace("5000001", "ごひゃく")), "4『金額』ごひゃく: 「ごひゃく」は金額として読めません"),
        (text(ROWS.replace("5000001", "")), "4『金額』: 金額が空です"),
        (
            text(
                ROWS.replace("03,民生費,01,社会福祉費,02,老人福祉費,2020", "03,民生費,,,02,老人福祉費,2020")
            ),
            "項のコードがありません",
        ),
        (text(ROWS + ",,,,,,,合計,,,100000000\n"), "6『合計』100,000,000: この合計は"),
        (text(ROWS + "03,款計,,,,,,,,,25000000\n"), "01-03 民生費の明細の合計は 25,000,001円 で、1円 の差"),
        (text(ROWS, "令和7年度歳出予算\n" + HEAD), "令和7年度のファイルのようです"),
        (text(ROWS, "(単位:千円)\n" + HEAD), "ファイルは千円、読み取りの設定は円です"),
        (text(ROWS, HEAD.replace("金額", "予算")), "『見出し』金額"),
        (b"", "ファイルが空です"),
        (b"\x81\xff\x00\x01\x02", "文字コードが分かりません"),
        (b"%PDF-1.7", "表のファイルではありません"),
        ("あいうえお,かきくけこ\n1,2\n".encode(), "見出しの行が見つかりません"),
        (text(""), "金額のある行がありません"),
    ],
)
def test_what_cannot_be_used_is_named_cell_by_cell_and_nothing_comes_in(
    content: bytes, sentence: str
) -> None:
    run = receive(cast(), content)

    assert sentence in why(run)


def test_a_total_that_is_one_yen_off_is_refused():
    run = receive(cast(), text(), stated_total_yen=TOTAL + 1)

    assert "△1円 の差があります" in why(run)


def test_a_file_without_any_total_is_refused_and_its_sum_told():
    run = receive(cast(), text(), stated_total_yen=None)

    assert "100,000,001円" in why(run)


def test_sums_of_chapters_typed_beside_the_file_are_compared():
    run = receive(cast(), text(), stated_total_yen=None, stated={"01-03": 25_000_001, "01-08": 1})

    assert "01-08 土木費の明細の合計は 75,000,000円" in why(run)


def test_totals_inside_the_file_are_compared_and_not_counted():
    who = cast()
    rows = ROWS.replace("08,土木費", ",,,,目計,,,,,,25000001\n03,款計,,,,,,,,,25000001\n08,土木費")

    run = bring_in(who, text(rows + "合計,,,,,,,,,,100000001\n"), stated_total_yen=None)

    assert code(who, "01-03").total.initial_yen == 25_000_001
    stated = [line for line in run.findings["lines"] if line["stated"] is not None]
    assert [(line["path"], line["difference"]) for line in stated] == [
        ("", 0),
        ("01-03", 0),
        ("01-03-01-02", 0),
    ]


def test_chapters_with_amounts_above_their_parts_are_read_as_their_sums():
    who = cast()
    rows = "03,民生費,,,,,,,,,25000001\n" + ROWS

    bring_in(who, text(rows), stated_total_yen=None)

    assert code(who, "01-03").total.initial_yen == 25_000_001
    assert not BudgetEntry.objects.filter(code=code(who, "01-03")).exists()


def test_blank_codes_of_joined_cells_repeat_the_line_above():
    who = cast()
    head = HEAD.split(",")
    rows = [line.split(",") for line in ROWS.strip().split("\n")]
    rows[1][:8] = [""] * 8
    content = xlsx([head, *[[*row[:10], int(row[10])] for row in rows]], merged="A2:A3", hidden=[head, ["x"]])

    run = bring_in(who, content)

    assert code(who, "01-03-01-02-2010").total.initial_yen == 20_000_000
    assert any("控え" in remark for remark in run.findings["remarks"])


def test_joined_amounts_are_refused_by_their_cells():
    head = HEAD.split(",")
    rows = [line.split(",") for line in ROWS.strip().split("\n")]

    run = receive(cast(), xlsx([head, *rows], merged="K2:K3"))

    assert "金額のセル K2:K3 が結合されています" in why(run)


def test_rows_of_another_year_are_refused():
    who = cast()
    with_year = profile(who.town, who.planner, name="年度付き", columns={**COLUMNS, "fiscal_year": "年度"})
    rows = "".join(f"{line},{'R7' if '2020' in line else 'R8'}\n" for line in ROWS.strip().split("\n"))

    run = receive(who, text(rows, HEAD + ",年度"), profile=with_year)

    assert why(run) == "4『年度』R7: 令和7年度の行です。取り込み先は令和8年度です。"


def test_revenue_rows_are_left_out_and_counted():
    who = cast()
    sided = profile(who.town, who.planner, name="区分付き", columns={**COLUMNS, "side": "区分"})
    rows = "".join(f"{line},歳出\n" for line in ROWS.strip().split("\n"))

    revenue = "03,地方譲与税,01,市民税,01,個人,,,,,999,歳入\n合計,,,,,,,,,,999,\n"
    run = bring_in(who, text(revenue + rows, HEAD + ",区分"), profile=sided)

    assert run.total_yen == TOTAL
    assert code(who, "01-03").name == "民生費"
    assert not BudgetCode.objects.filter(path="01-03-01-01").exists()
    assert "歳入の行 2 行は読みません(歳出だけを扱います)。" in run.findings["remarks"]


def test_b3_funds_must_sum_to_the_amount_row_by_row():
    who = cast()
    funded = profile(
        who.town, who.planner, name="財源", columns={**COLUMNS, "national": "国庫", "general": "一財"}
    )
    row = "03,民生費,01,社,02,老,2010,見守り,12,委託料,100,"

    wrong = receive(who, text(row + "40,59\n", HEAD + ",国庫,一財"), profile=funded, stated_total_yen=100)
    bring_in(who, text(row + "40,60\n", HEAD + ",国庫,一財"), profile=funded, stated_total_yen=100)

    assert "財源の合計 99円 が金額 100円 と 1円 合いません" in why(wrong)
    funds = FundSource.objects.filter(code=code(who, "01-03-01-02-2010-12")).order_by("kind")
    assert [(row.kind, row.amount_yen) for row in funds] == [("general", 60), ("national", 40)]


def test_the_same_file_twice_is_refused():
    who = cast()
    bring_in(who, text())

    with pytest.raises(RefusedError, match="同じ内容のファイル"):
        receive(who, text(), mode=RunMode.ADD)


def test_a_second_file_must_say_whether_it_corrects_or_goes_on():
    who = cast()
    bring_in(who, text())

    with pytest.raises(RefusedError, match=r"「訂正」.*「続き」"):
        receive(who, text(ROWS + " "))


def test_b6_a_corrected_file_adds_the_differences_and_changes_nothing_written():
    who = cast()
    first = bring_in(who, text())
    before = list(first.entries.values_list("pk", "amount_yen"))

    second = bring_in(
        who, text(ROWS.replace("5000001", "4000000")), mode=RunMode.CORRECT, stated_total_yen=99_000_000
    )

    assert list(first.entries.values_list("pk", "amount_yen")) == before
    assert list(second.entries.values_list("code__path", "amount_yen")) == [
        ("01-03-01-02-2020-12", -1_000_001)
    ]
    assert code(who, "01-03-01-02-2020").total.initial_yen == 4_000_000
    assert BudgetImport.objects.get(pk=first.pk).state == RunState.CORRECTED


def test_b7_spending_happens_only_on_codes_of_the_year():
    who = cast()
    bring_in(who, text())
    row = "03,民生費,01,社,02,老,9999,知らない,12,委託料,100\n"

    run = receive(who, text(row), stage=Stage.SPENDING, stated_total_yen=100, dated_on=dt.date(2026, 6, 1))

    assert "この科目は令和8年度の予算にありません" in why(run)


def test_b2_spending_over_the_budget_is_refused_with_both_amounts():
    who = cast()
    bring_in(who, text())
    rows = ROWS.replace("5000001", "5000002")

    run = receive(
        who, text(rows), stage=Stage.SPENDING, stated_total_yen=TOTAL + 1, dated_on=dt.date(2026, 6, 1)
    )

    settled = receive(
        who, text(rows), stage=Stage.SETTLEMENT, stated_total_yen=TOTAL + 1, dated_on=dt.date(2027, 5, 31)
    )

    assert "支出 5,000,002円 が予算現額 5,000,001円 を超えます" in why(run)
    told = (
        "目が 1 あります。補正・流用・繰越の取り込みが済んでいるか、確かめてください: 01-03-01-02 老人福祉費"
    )
    assert any(told in remark for remark in settled.findings["remarks"])


def test_transfers_must_sum_to_nothing():
    who = cast()
    bring_in(who, text())
    rows = "03,民,01,社,02,老,2010,見守り,12,委,△500\n03,民,01,社,02,老,2010,見守り,10,需,400\n"

    run = receive(who, text(rows), stage=Stage.TRANSFER, stated_total_yen=-100)

    assert "流用は出す科目(△)と受ける科目の合計が0円になります" in why(run)


def test_a_file_taken_back_leaves_the_books_as_they_were_and_may_come_again():
    who = cast()
    first = bring_in(who, text())
    wrong = bring_in(
        who,
        text(ROWS.replace("5000001", "9000001")),
        mode=RunMode.CORRECT,
        stated_total_yen=TOTAL + 4_000_000,
    )

    with pytest.raises(RefusedError, match="訂正も取り消しもされていない"):
        take_back(run_id=first.pk, reason="誤り", actor=who.planner, at=NOON)
    undoing = take_back(run_id=wrong.pk, reason="年度の取り違え", actor=who.planner, at=NOON)
    corrected = code(who, "01-03").total.initial_yen
    take_back(run_id=first.pk, reason="作り直し", actor=who.planner, at=NOON)
    rests = Unallocated.objects.count()

    first.refresh_from_db()
    wrong.refresh_from_db()
    assert (corrected, undoing.total_yen) == (25_000_001, -4_000_000)
    assert (first.state, wrong.state) == (RunState.TAKEN_BACK, RunState.TAKEN_BACK)
    assert selectors.years_with_budget(who.town.pk) == [] and rests == 0
    assert not code_access.visible(who.planner).listed().exists()
    assert BudgetEntry.objects.aggregate(sum=Sum("amount_yen"))["sum"] == 0
    bring_in(who, text())
    assert code(who, "01-03").total.initial_yen == 25_000_001


def test_an_assessment_taken_back_gives_the_round_before_its_place_again():
    who = cast()
    bring_in(who, text(), stage=Stage.ASSESSMENT, round_no=1)
    second = bring_in(
        who,
        text(ROWS.replace("5000001", "1")),
        stage=Stage.ASSESSMENT,
        round_no=2,
        stated_total_yen=TOTAL - 5_000_000,
    )

    take_back(run_id=second.pk, reason="差し替え", actor=who.planner, at=NOON)

    assert code(who, "01-03").total.assessment_yen == 25_000_001


def test_a_budget_that_was_spent_from_is_not_taken_back():
    who = cast()
    run = bring_in(who, text())
    bring_in(who, text(), stage=Stage.SPENDING, dated_on=dt.date(2026, 6, 1))

    with pytest.raises(RefusedError, match="の記録がないのに"):
        take_back(run_id=run.pk, reason="誤り", actor=who.planner, at=NOON)

    assert BudgetImport.objects.get(pk=run.pk).state == RunState.APPLIED


def test_lines_nobody_sees_are_left_out_and_said_and_so_are_notes():
    who = cast()
    rows = [HEAD.split(","), *(line.split(",") for line in ROWS.splitlines())]
    rows += [["※職員人件費は別葉"], ["合計", *[""] * 9, str(TOTAL - 5_000_001)]]
    run = bring_in(who, xlsx(rows, hidden_row=4), stated_total_yen=None)

    said = " ".join(run.findings["remarks"])
    assert "非表示の行は読みません: 4行目(1行)" in said and "合わせて 5,000,001円" in said
    assert "注記として読みませんでした: 6行目" in said
    assert code(who, "01-03").total.initial_yen == 20_000_000


def test_a_closed_year_takes_no_file():
    who = cast()
    services.close_year(organization=who.town, fiscal_year=YEAR, reason="決算", actor=who.planner, at=NOON)

    with pytest.raises(ClosedYearError, match="令和8年度は締めてある"):
        receive(who, text())


def test_only_finance_brings_files_in():
    who = cast()

    with pytest.raises(PermissionDenied):
        receive(who, text(), actor=who.officer)


def test_nothing_is_half_imported_when_the_books_changed_meanwhile():
    who = cast()
    bring_in(who, text())
    run = receive(
        who,
        text(ROWS.replace("5000001", "5000000")),
        stage=Stage.SPENDING,
        dated_on=dt.date(2026, 6, 1),
        stated_total_yen=TOTAL - 1,
    )
    looks = looking.look_at([run])
    services.record_entry(
        code_id=code(who, "01-03-01-02-2020-12").pk,
        typed=services.Typed(Stage.SPENDING, 2, dt.date(2026, 6, 2), "消耗品"),
        actor=who.planner,
        at=NOON,
    )

    with pytest.raises(RefusedError, match="予算現額"):
        importing.apply(looks, at=NOON)

    assert not run.entries.exists()
    assert code(who, "01-03").total.spending_yen == 2


def test_b5_programmes_and_rest_make_up_every_code_to_the_yen():
    who = cast()
    bring_in(who, text())
    from tests.budgets.making import programme

    first, second = programme(who), programme(who, "100102")
    services.allocate(
        code_id=code(who, "01-03-01-02-2020").pk,
        shares=[services.NewShare(first.pk, share_bp=3_333), services.NewShare(second.pk, share_bp=3_333)],
        actor=who.planner,
        at=NOON,
    )

    given = ProgrammeMoney.objects.filter(stage="initial").aggregate(sum=Sum("amount_yen"))["sum"]
    rest = Unallocated.objects.aggregate(sum=Sum("initial_yen"))["sum"]
    tops = BudgetCode.objects.filter(level=1).aggregate(sum=Sum("total__initial_yen"))["sum"]
    assert given + rest == tops == TOTAL


def test_a_file_with_the_whole_code_in_one_column_comes_in_with_its_names_and_sums():
    who = cast()
    columns = {"whole": "予算科目コード", "whole_name": "科目名称", "amount": "当初予算額"}
    one = profile(who.town, who.planner, name="一列", columns=columns, code_layout="款2項2目2事業4節2")
    rows = (
        "予算科目コード,科目名称,当初予算額\n"
        "3,民生費,25000001\n30102,民生費/社会福祉費/老人福祉費,25000001\n"
        "30102201012,委託料,18600000\n30102201010,需用費,1400000\n030102202012,委託料,5000001\n合計,,25000001\n"
    )

    run = bring_in(who, rows.encode("cp932"), profile=one, stated_total_yen=None)

    assert run.total_yen == 25_000_001
    assert "「30102201012」は 款03・項01・目02・事業2010・節12 と読みました" in run.findings["remarks"][0]
    assert code(who, "01-03-01-02-2010").total.initial_yen == 20_000_000
    assert code(who, "01-03-01").name == "社会福祉費"
    wrong = receive(
        who, (rows + "3010220,半端,5\n").encode(), profile=one, stage=Stage.SUPPLEMENT, round_no=1
    )
    assert (
        "8『科目』3010220: 「3010220」は、設定の並び「款2項2目2事業4節2」と桁数か区切りが合いません。"
        in why(wrong)
    )


def test_one_column_needs_its_layout_and_leaves_no_other_code_columns():
    who = cast()

    with pytest.raises(ValidationError, match="科目の並びとして読めません"):
        profile(who.town, who.planner, name="一列", columns={"whole": "科目", "amount": "金額"})
    with pytest.raises(ValidationError, match="款・項・目などの列は選ばないで"):
        profile(
            who.town, who.planner, name="一列", columns={**COLUMNS, "whole": "科目"}, code_layout="款項目"
        )
