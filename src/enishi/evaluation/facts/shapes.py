"""The facts of a sheet as plain values: what JSON can hold, what a hash can prove."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any, TypedDict

from django.utils.translation import gettext as _

from enishi.evaluation.enums import Criterion

SHAPE = 1
"""Counts up when the shape changes, so that frozen facts of old are read as they were written."""


ABOVE = "above"
"""The role of an indicator that is the branch's and not the programme's own."""
FOLLOWING = ("people", "full", "unit")
"""Money that is computed from other records."""


class Item(TypedDict):
    """One line. ``value`` is empty where the records hold nothing; ``source`` says where it comes from or would."""

    key: str
    label: str
    value: str
    source: str
    url: str


class YearValue(TypedDict):
    year: int
    target: str
    value: str
    status: str
    reason: str
    rate: str


class Yardstick(TypedDict):
    """An indicator with its years; ``status`` and ``why`` are those of the evaluated year."""

    key: str
    name: str
    role: str
    stage: str
    unit: str
    aim: str
    baseline: str
    years: list[YearValue]
    status: str
    why: str
    formula: str
    source: str
    url: str


class MoneyRow(TypedDict):
    """Yen by year (``None``: nothing recorded, which is not zero), or another figure when ``unit`` is not 円."""

    key: str
    label: str
    unit: str
    values: list[str | None]
    yen: list[int | None]
    source: str


class Text(TypedDict):
    """Something written last time, or a decision and what became of it."""

    label: str
    value: str
    source: str
    url: str


class Computed(TypedDict):
    letter: str
    why: str


class Facts(TypedDict):
    shape: int
    unit: str
    year: int
    years: list[int]
    as_of: str
    basics: list[Item]
    purpose: list[Item]
    yardsticks: list[Yardstick]
    money: list[MoneyRow]
    last: list[Text]
    computed: dict[str, Computed]
    previous: dict[str, str]
    why: list[str]


def canonical(facts: Any) -> str:
    """The one way of writing the same facts."""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(facts: Any) -> str:
    return hashlib.sha256(canonical(facts).encode()).hexdigest()


def filled_and_blank(facts: Facts) -> tuple[int, list[str]]:
    """How many boxes of the official form the records fill, and the names of those they leave blank.

    Counted are the lines of the basics and the purpose, five boxes for each indicator (name, unit, target, value,
    status), the money of the evaluated year and the year before, the judgements computed, why the subject was chosen,
    and what was before. What follows from a record that is missing is not counted a second time: without people no
    cost of people, without an indicator no judgement computed. Indicators of the branch above fill no box.
    """
    boxes = list(_boxes(facts))
    blank = [label for label, is_filled in boxes if not is_filled]
    return len(boxes) - len(blank), blank


def _boxes(facts: Facts) -> Iterator[tuple[str, bool]]:
    known = {each["key"] for each in facts["basics"] if each["value"]}
    for item in [*facts["basics"], *facts["purpose"]]:
        if item["key"] != "kinds" or "codes" in known:
            yield item["label"], bool(item["value"])
    yield from _boxes_of_indicators(facts)
    yield from _boxes_of_money(facts)
    for text in facts["last"]:
        yield text["label"], bool(text["value"])
    yield "", bool(facts["why"])


def _boxes_of_indicators(facts: Facts) -> Iterator[tuple[str, bool]]:
    own = [each for each in facts["yardsticks"] if each["role"] != ABOVE]
    if not own:
        yield _("指標"), False
        return
    for each in own:
        at: Any = next((row for row in each["years"] if row["year"] == facts["year"]), {})
        yield each["name"], bool(each["name"])
        yield each["name"], bool(each["unit"])
        for name in ("target", "value", "status"):
            yield each["name"], bool(at.get(name))
    has_unit = any(row["key"] == "unit" and any(row["values"]) for row in facts["money"])
    for key, computed in facts["computed"].items():
        if key != "efficiency" or has_unit:
            yield (
                str(Criterion(key).label) if key in Criterion.values else _("判定"),
                bool(computed["letter"]),
            )


def _boxes_of_money(facts: Facts) -> Iterator[tuple[str, bool]]:
    column = facts["years"].index(facts["year"])
    had_before = column > 0 and any(row["values"][column - 1] for row in facts["money"])
    for row in facts["money"]:
        if row["key"] in FOLLOWING and not any(row["values"]):
            continue
        if had_before and not row["key"].startswith("fund:"):
            yield row["label"], row["values"][column - 1] is not None
        yield row["label"], row["values"][column] is not None
