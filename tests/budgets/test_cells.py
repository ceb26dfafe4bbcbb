import datetime as dt

import pytest

from enishi.budgets.coding import split
from enishi.budgets.enums import Level, Stage
from enishi.budgets.transfer.cells import (
    UnreadableCellError,
    day_fault,
    read_amount,
    read_year,
    total_word,
    years_named,
)
from enishi.budgets.transfer.columns import guessed, unit_in
from enishi.budgets.transfer.joined_codes import JoinedCodes


@pytest.mark.parametrize(
    ("written", "unit", "yen"),
    [
        ("1234", 1, 1_234),
        ("1,234", 1_000, 1_234_000),
        ("１，２３４", 1, 1_234),
        ("△1,000", 1, -1_000),
        ("▲１０００", 1_000, -1_000_000),
        ("-5", 1, -5),
        ("(300)", 1, -300),
        ("¥1,200円", 1, 1_200),
        ("12.5", 1_000, 12_500),
        ("3", 1_000_000, 3_000_000),
        ("0", 1, 0),
        ("―", 1, 0),
        ("", 1, None),
        ("  ", 1, None),
    ],
)
def test_amounts_are_read_as_people_and_systems_write_them(written: str, unit: int, yen: int | None) -> None:
    assert read_amount(written, unit) == yen


@pytest.mark.parametrize(
    ("written", "unit", "why"),
    [
        ("1.2E+6", 1, "指数"),
        ("12,34", 1, "桁区切り"),
        ("0.5", 1, "端数"),
        ("120千", 1, "単位"),
        ("なし", 1, "読めません"),
        ("9" * 16, 1, "大きすぎます"),
        ("1_000", 1, "読めません"),
    ],
)
def test_other_amounts_are_refused_with_a_reason(written: str, unit: int, why: str) -> None:
    with pytest.raises(UnreadableCellError, match=why):
        read_amount(written, unit)


@pytest.mark.parametrize("written", ["令和8年度", "令和８年", "R8", "r8年度", "2026", "2026年度", "8", "08"])
def test_years_are_read_in_era_and_common_years(written: str) -> None:
    assert read_year(written) == 2026


def test_titles_name_their_years():
    assert years_named("令和７年度・令和８年度 歳出予算") == {2025, 2026}
    assert years_named("平成元年度") == {1989}


@pytest.mark.parametrize(
    ("written", "level"),
    [
        ("款計", "款"),
        ("合　計", ""),
        ("【小計】", ""),
        ("歳出合計", "歳出"),
        ("会計課", None),
        ("計画費", None),
    ],
)
def test_lines_that_say_sums_are_known_by_their_word(written: str, level: str | None) -> None:
    assert total_word(written) == level


@pytest.mark.parametrize(
    ("written", "level", "found"),
    [
        ("3", Level.KAN, ("03", "")),
        ("０３款　民生費", Level.KAN, ("03", "民生費")),
        ("(款)03 民生費", Level.KAN, ("03", "民生費")),
        ("第12節 委託料", Level.SETSU, ("12", "委託料")),
        ("123", Level.JIGYO, ("0123", "")),
        ("A1", Level.JIGYO, ("A1", "")),
    ],
)
def test_codes_are_one_code_however_they_are_written(written: str, level: Level, found: object) -> None:
    assert split(written, level) == found


def test_headings_of_a_file_suggest_the_profile():
    found = guessed(
        ["会計コード", "款", "款名称", "項", "目", "事業コード", "節", "当初予算額(千円)", "摘要"]
    )

    assert found == {
        "account": "会計コード",
        "kan": "款",
        "kan_name": "款名称",
        "ko": "項",
        "moku": "目",
        "jigyo": "事業コード",
        "setsu": "節",
        "amount": "当初予算額(千円)",
        "note": "摘要",
    }
    assert unit_in("当初予算額(千円)") == 1_000
    assert unit_in("(単位：百万円)") == 1_000_000


@pytest.mark.parametrize(
    ("day", "stage", "fits"),
    [
        (dt.date(2026, 4, 1), Stage.SPENDING, True),
        (dt.date(2027, 5, 31), Stage.SPENDING, True),
        (dt.date(2027, 6, 1), Stage.SPENDING, False),
        (dt.date(2027, 4, 1), Stage.COMMITMENT, False),
        (dt.date(2026, 3, 24), Stage.INITIAL, True),
        (dt.date(2024, 3, 24), Stage.INITIAL, False),
    ],
)
def test_days_belong_to_the_year_and_its_closing_months(day: dt.date, stage: Stage, fits: bool) -> None:
    assert (day_fault(day, 2026, stage) == "") is fits


@pytest.mark.parametrize(
    ("layout", "written", "path"),
    [
        ("款項目節", "03-01-02-12 委託料", "03-01-02---12"),
        ("款２項２目２事業４節２", "30102201012", "03-01-02-2010--12"),
        ("会計款項目", "1.3.1.2", "1/3-1-2"),
        ("款項目節", "（款）3 民生費", "3"),
        ("款2項2目2節2", "0301", "03-01"),
    ],
)
def test_one_column_for_the_whole_code_is_taken_apart(layout, written, path):
    account, *codes = JoinedCodes(layout).parts(written)

    said = "-".join(code.split(" ")[0] for code in codes).rstrip("-")
    assert (f"{account}/{said}" if account else said) == path


@pytest.mark.parametrize("written", ["030102", "03-01-02-12-01", "委託料"])
def test_a_code_that_does_not_fit_its_layout_is_refused(written):
    with pytest.raises(UnreadableCellError):
        JoinedCodes("款2項2目3節2").parts(written)
