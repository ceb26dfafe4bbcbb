"""Numbers as Japanese documents write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi.engines import policydoc
from enishi.engines.policydoc.lines import narrow
from enishi.engines.policydoc.quantities import decimal_of, quantities, year_of

TARGETS = {
    "80%以上": ("80", "%", "以上", None),
    "８０％以上": ("80", "%", "以上", None),
    "年4回以上": ("4", "回", "以上", "年"),
    "年間500件以上": ("500", "件", "以上", "年間"),
    "月2回": ("2", "回", None, "月"),
    "1日当たり100人": ("100", "人", None, "1日当たり"),
    "10人/年": ("10", "人", None, "年"),
    "30%削減": ("30", "%", "削減", None),
    "12ポイント増加": ("12", "ポイント", "増加", None),
    "対前年比5%向上": ("5", "%", "対前年比", None),
    "前年度比10件増": ("10", "件", "前年度比", None),
    "平均15分以内": ("15", "分", "以内", None),
    "3万5千人以上": ("35000", "人", "以上", None),
    "1億2,000万円以下": ("120000000", "円", "以下", None),
    "8割以上": ("80", "%", "以上", None),
    "3割5分": ("35", "%", None, None),
    "△5%": ("-5", "%", None, None),
    "▲3.5ポイント": ("-3.5", "ポイント", None, None),
    "50業務以上": ("50", "業務", "以上", None),
    "4.2点以上": ("4.2", "点", "以上", None),
    "ゼロ": ("0", None, None, None),
    "半減": ("50", "%", "削減", None),
    "100以上にする": ("100", None, "以上", None),
    "全28校": ("28", "校", None, None),
    "2050年までに0t-CO2": ("0", "t-CO2", None, None),
    "令和9年度までに8か所以上": ("8", "か所", "以上", None),
    "5年以内に100件": ("100", "件", None, None),
}


@pytest.mark.parametrize("text", TARGETS)
def test_quantity_is_read(text):
    (found,) = quantities(narrow(text))

    assert (f"{found.value:f}", found.unit, found.comparator, found.period) == TARGETS[text]


def test_range_has_two_ends():
    (found,) = quantities(narrow("70〜80%"))

    assert (found.value, found.upper, found.unit) == (70, 80, "%")


@pytest.mark.parametrize("text", ["令和9年度", "2030年", "65歳以上の人", "1人当たり", "第3次計画", "SDGs11"])
def test_names_and_years_are_no_targets(text):
    assert quantities(narrow(text)) == ()


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("令和9年度", 2027),
        ("R7", 2025),
        ("平成31年", 2019),
        ("令和元年", 2019),
        ("H30年度", 2018),
        ("2026年", 2026),
        ("10年間", None),
    ],
)
def test_years_of_the_eras(text, year):
    assert year_of(narrow(text)) == year


@given(st.integers(0, 10**12))
def test_digits_with_commas_are_read_back(number):
    assert decimal_of(f"{number:,}") == Decimal(number)


@given(
    st.text(
        alphabet="課題支援策①②KGIPS:・-#【】()「」。、0123456789%以上件年度令和\n 　|→出典根拠", max_size=300
    )
)
def test_any_text_is_read_and_quoted_exactly(text):
    document = policydoc.read(text)

    for kind in ("measures", "actions", "challenges", "indicators", "evidence", "sources", "cases"):
        for item in getattr(document, kind):
            assert text[item.quote.start : item.quote.end] == item.quote.words


def test_a_huge_text_is_refused():
    with pytest.raises(policydoc.InvalidInputError):
        policydoc.read("あ" * (policydoc.MAX_CHARACTERS + 1))
