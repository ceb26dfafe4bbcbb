"""The facts of a sheet as plain values: what JSON can hold, what a hash can prove."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any, TypedDict

SHAPE = 1
"""Counts up when the shape changes, so that frozen facts of old are read as they were written."""


ABOVE = "above"
"""The role of an indicator that is the branch's and not the programme's own."""


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


def filled_and_blank(facts: Facts) -> tuple[int, int]:
    """How many boxes of the official form the records fill, and how many they leave blank.

    Counted are the lines of the basics and the purpose, five boxes for each indicator (name, unit, target, value,
    status), each row of money in the evaluated year, the judgements computed, and what was decided last time.
    """
    boxes = list(_boxes(facts))
    filled = sum(boxes)
    return filled, len(boxes) - filled


def _boxes(facts: Facts) -> Iterator[bool]:
    for item in [*facts["basics"], *facts["purpose"]]:
        yield bool(item["value"])
    for yardstick in facts["yardsticks"]:
        at = [each for each in yardstick["years"] if each["year"] == facts["year"]]
        yield bool(yardstick["name"])
        yield bool(yardstick["unit"])
        for name in ("target", "value", "status"):
            yield any(bool(str(each.get(name, ""))) for each in at)
    column = facts["years"].index(facts["year"])
    for row in facts["money"]:
        yield row["values"][column] is not None
    for each in facts["computed"].values():
        yield bool(each["letter"])
    for text in facts["last"]:
        yield bool(text["value"])
