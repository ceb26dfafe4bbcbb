import csv
from importlib import resources

import pytest

from enishi.organizations.codes import (
    completed_government_code,
    is_corporate_number,
    is_government_code,
)


def public_bodies() -> list[dict[str, str]]:
    text = (resources.files("enishi.organizations") / "data" / "public_bodies.csv").read_text(
        encoding="utf-8"
    )
    return list(csv.DictReader(text.splitlines()))


def test_every_preloaded_code_checks():
    assert [row["code"] for row in public_bodies() if not is_government_code(row["code"])] == []


def test_all_of_japan_is_there_once():
    rows = public_bodies()

    assert len({row["code"] for row in rows}) == len(rows) == 1_741 + 47
    assert sum(row["kind"] == "prefecture" for row in rows) == 47


@pytest.mark.parametrize("code", ["131017", "13101", "１３１０１６", "abcdef", ""])
def test_wrong_government_codes_are_refused(code):
    assert not is_government_code(code)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("92011", "092011"), ("13101", "131016"), ("131016", "131016"), ("131017", None), ("x", None)],
)
def test_government_code_is_completed_when_there_is_no_doubt(written, meant):
    assert completed_government_code(written) == meant


@pytest.mark.parametrize("number", ["7123456789012", "4011001098993", "2120901007402", "8000012010038"])
def test_corporate_numbers_check(number):
    assert is_corporate_number(number)


@pytest.mark.parametrize("number", ["6123456789012", "712345678901", "712345678901x", ""])
def test_wrong_corporate_numbers_are_refused(number):
    assert not is_corporate_number(number)
