"""What each rule says of a form, with its reason and its place."""

from typing import Any

import pytest

from enishi.knowledge.checks.rules import Form, Rule, Value, evaluate, fields_of, number_of, same

FORM = Form(
    {
        "申請日": Value("令和8年5月1日", "B2"),
        "事業開始日": Value("R8.6.1", "B3"),
        "事業終了日": Value("2027/3/31", "B4"),
        "団体名": Value("青葉見守り隊", "B5"),
        "口座名義": Value("青葉 見守り隊", "B6"),
        "総事業費": Value("50万円", "B7"),
        "補助金": Value("300,000円", "B8"),
        "自己資金": Value("200千円", "B9"),
        "区分": Value("新規", "B10"),
        "目的": Value("高齢者の見守りを行う。", "B11"),
        "電話": Value("―", "B12"),
    },
    passages=(Value("暴力団ではないことを誓います", "C20"), Value("見守りを行う", "C21")),
    attachments=("収支予算書.xlsx", "会則.pdf"),
)


def verdict(**rule: Any) -> tuple[str, str]:
    (finding,) = evaluate([Rule(name="決まり", **rule)], FORM)
    return finding.verdict, finding.place


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"kind": "present", "field": "団体名"}, ("met", "B5")),
        ({"kind": "present", "field": "電話"}, ("not_met", "B12")),
        ({"kind": "present", "field": "代表者"}, ("unread", "")),
        (
            {"kind": "date_between", "field": "申請日", "low": "令和8年4月1日", "high": "令和8年5月1日"},
            ("met", "B2"),
        ),
        ({"kind": "date_between", "field": "申請日", "high": "令和8年4月30日"}, ("not_met", "B2")),
        ({"kind": "date_between", "field": "団体名", "low": "令和8年4月1日"}, ("unread", "B5")),
        ({"kind": "date_order", "field": "事業開始日", "other": "事業終了日"}, ("met", "B4")),
        ({"kind": "date_order", "field": "事業終了日", "other": "事業開始日"}, ("not_met", "B3")),
        (
            {"kind": "date_order", "field": "事業開始日", "other": "事業終了日", "high": "300"},
            ("not_met", "B4"),
        ),
        ({"kind": "number_between", "field": "補助金", "high": "30万円"}, ("met", "B8")),
        ({"kind": "number_between", "field": "補助金", "high": "299,999"}, ("not_met", "B8")),
        ({"kind": "number_between", "field": "目的", "low": "1"}, ("unread", "B11")),
        ({"kind": "choice", "field": "区分", "words": ("新規", "継続")}, ("met", "B10")),
        ({"kind": "choice", "field": "区分", "words": ("継続",)}, ("not_met", "B10")),
        ({"kind": "agree", "field": "団体名", "other": "口座名義"}, ("met", "B5")),
        ({"kind": "differ", "field": "団体名", "other": "口座名義"}, ("not_met", "B5")),
        ({"kind": "sum", "field": "総事業費", "words": ("補助金", "自己資金")}, ("met", "B7")),
        ({"kind": "sum", "field": "総事業費", "words": ("補助金",)}, ("not_met", "B7")),
        ({"kind": "sum", "field": "総事業費", "words": ("補助金", "寄付")}, ("unread", "")),
        ({"kind": "length", "field": "目的", "low": "50"}, ("not_met", "B11")),
        ({"kind": "length", "field": "目的", "high": "11"}, ("met", "B11")),
        ({"kind": "words", "words": ("暴力団", "誓います")}, ("met", "C20")),
        ({"kind": "words", "words": ("暴力団", "個人情報")}, ("not_met", "C20")),
        ({"kind": "no_words", "field": "目的", "words": ("政治",)}, ("met", "")),
        ({"kind": "no_words", "words": ("見守り",)}, ("not_met", "C21")),
        ({"kind": "attachment", "words": ("予算書",), "other": ".xlsx"}, ("met", "")),
        ({"kind": "attachment", "words": ("予算書",), "other": ".pdf"}, ("not_met", "")),
        ({"kind": "attachment", "low": "3"}, ("not_met", "")),
    ],
)
def test_rule_finds_what_stands_there(rule: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(**rule)[0] == expected[0]
    if expected[1]:
        assert verdict(**rule)[1] == expected[1]


def test_a_sum_that_is_wrong_says_both_sides() -> None:
    (finding,) = evaluate([Rule("合計", "sum", field="総事業費", words=("補助金",))], FORM)

    assert finding.reason == "300,000 = 300,000 ですが、500,000 と書かれています。"


def test_a_rule_with_a_condition_is_left_out_when_it_does_not_hold() -> None:
    rule = Rule("前年の報告", "present", field="代表者", when_field="区分", when_value="継続")

    assert evaluate([rule], FORM) == []


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("令和8年4月1日", "2026-04-01", True),
        ("1,200円", "1200", True),
        ("12人", "12", True),
        ("1.5", "1.50", True),
        ("青葉", "あおば", False),
    ],
)
def test_fields_agree_by_what_they_mean(left: str, right: str, expected: bool) -> None:
    assert same(left, right) is expected


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("△500", -500),
        ("3万円", 30_000),
        ("12名", 12),
        ("0.5", 0.5),
        ("多数", None),
        ("", None),
        ("金300,000円也", 300_000),
        ("金 30万円", 300_000),
        ("なし", 0),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, number: float | None) -> None:
    assert number_of(text) == number


def test_fields_are_all_that_rules_read() -> None:
    rules = [
        Rule("a", "sum", field="合計", words=("甲", "乙")),
        Rule("b", "words", words=("探す言葉",), when_field="区分"),
    ]

    assert fields_of(rules) == ["合計", "区分", "甲", "乙"] or fields_of(rules) == [
        "合計",
        "甲",
        "乙",
        "区分",
    ]


def test_a_rule_is_stored_and_read_as_it_was() -> None:
    rule = Rule("名", "choice", field="区分", words=("新規",), severity="look", hint="選んでください")

    assert Rule.read(rule.stored()) == rule
