"""From the plain objects of the data files to frozen knowledge."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from enishi.engines.core.errors import InvalidInputError
from enishi.engines.schemes.model import (
    Answer,
    Article,
    Citation,
    Condition,
    Council,
    Fact,
    Knowledge,
    Modifier,
    Needed,
    Notice,
    Question,
    Rule,
    Scheme,
    Seen,
)

Plain = Mapping[str, Any]
_UNSURE = re.compile(r"[((](unverified|memory)[^))]*[))]")
_FURTHER = {
    "dispute": "紛争の道",
    "can_share": "共に持てるもの",
    "condition": "条件",
    "cost": "費用",
    "plan": "計画",
    "election": "議員・長の選び方",
    "fee": "利用料金",
    "budget": "予算",
    "benefit": "できるようになること",
    "rule": "通例",
}


def read_knowledge(schemes: Plain, laws: Plain, supplements: Plain, words: Plain) -> Knowledge:
    """Knowledge from four plain objects.

    Parameters
    ----------
    schemes : mapping with ``schemes``, ``questions``, ``rules``, ``modifiers`` (lists of mappings)
    laws : mapping with ``laws``: law name to ``{text_as_of, egov_url, articles: [{article, number, text, text_truncated}]}``
    supplements : scheme id to ``{responsibility, lead_time, steps}``: our own reading, marked as such
    words : question id to ``{help, labels: {value: words}}``

    Raises
    ------
    InvalidInputError
        If a rule names a scheme or a question that is not there.
    """
    known = {row["id"]: _scheme(row, supplements.get(row["id"], {})) for row in schemes["schemes"]}
    questions = {row["id"]: _question(row, words.get(row["id"], {})) for row in schemes["questions"]}
    rules = tuple(_rule(row) for row in schemes["rules"])
    modifiers = tuple(Modifier(row["id"], _conditions(row), row["add"]) for row in schemes["modifiers"])
    _check(known, questions, rules, modifiers)
    return Knowledge(known, questions, rules, modifiers, _articles(laws))


def _check(
    schemes: Mapping[str, Scheme],
    questions: Mapping[str, Question],
    rules: Iterable[Rule],
    modifiers: Iterable[Modifier],
) -> None:
    for rule in rules:
        for name in (rule.recommend, *rule.alternatives):
            if name not in schemes:
                raise InvalidInputError("rules", f"{rule.id} names an unknown scheme {name!r}")
    every: list[Rule | Modifier] = [*rules, *modifiers]
    for each in every:
        for condition in each.when:
            if condition.question not in questions:
                raise InvalidInputError("rules", f"{each.id} asks an unknown question {condition.question!r}")


def _articles(laws: Plain) -> dict[tuple[str, str], Article]:
    return {
        (name, row["number"]): Article(
            law=name,
            number=row["number"],
            name=row["article"],
            text=row["text"],
            as_of=law["text_as_of"],
            url=law["egov_url"],
            is_truncated=bool(row["text_truncated"]),
        )
        for name, law in laws["laws"].items()
        for row in law["articles"]
    }


def _question(row: Plain, words: Plain) -> Question:
    values = row["values"] if isinstance(row["values"], list) else []
    labels: dict[Answer, str] = {}
    for value in values:
        usual = (
            {True: "はい", False: "いいえ"}.get(value, str(value)) if isinstance(value, bool) else str(value)
        )
        labels[value] = words.get("labels", {}).get(
            str(value).lower() if isinstance(value, bool) else value, usual
        )
    return Question(row["id"], words.get("ask", row["ask"]), labels, words.get("help", ""))


def _rule(row: Plain) -> Rule:
    return Rule(row["id"], _conditions(row), row["recommend"], tuple(row["alternatives"]), row["why"])


def _conditions(row: Plain) -> tuple[Condition, ...]:
    return tuple(
        Condition(each["q"], each["op"], tuple(each["v"]) if isinstance(each["v"], list) else each["v"])
        for each in row["when"]
    )


def _scheme(row: Plain, supplement: Plain) -> Scheme:
    return Scheme(
        id=row["id"],
        group=row["group"],
        name=row["name"],
        basis=_cites(row["basis"]),
        personality=_fact(row, "legal_personality"),
        authority=_fact(row, "authority"),
        instrument=row["instrument"],
        council=_council(row),
        notice=_notice(row["notice"]),
        exit=_fact(row, "exit"),
        duration=_duration(row),
        limit=_UNSURE.sub("", row["limit"]),
        uses=tuple(row["typical_use"]),
        further=tuple((label, _fact(row, name)) for name, label in _FURTHER.items() if name in row),
        variants=tuple(row.get("variants", ())),
        required_terms=_cites(row.get("required_terms_cite")),
        responsibility=_supplement(supplement.get("responsibility")),
        lead_time=_supplement(supplement.get("lead_time")),
        steps=tuple(_supplement(step) for step in supplement.get("steps", ())),
        seen=row["seen"],
        source=row.get("source", ""),
    )


def _fact(row: Plain, name: str) -> Fact:
    text = str(row[name])
    told = str(row.get(f"{name}_seen", ""))
    citations = _cites(row.get(f"{name}_cite"))
    seen: Seen = "statute" if citations or str(row["seen"]).startswith("statute") else "secondary"
    if told.startswith("memory"):
        seen = "memory"
    return _marked(text, citations, seen, str(row.get(f"{name}_source", "")))


def _duration(row: Plain) -> Fact:
    told = row["typical_seen"]
    seen: Seen = "secondary" if told is True else "memory" if told is False else "unverified"
    source = str(row.get("duration_source", row.get("source", "")))
    return _marked(str(row["typical_duration"]), (), seen, source)


def _marked(text: str, citations: tuple[Citation, ...], seen: Seen, source: str = "") -> Fact:
    """A fact; what the file itself doubts in brackets is said by ``seen`` and not by the text."""
    doubt = _UNSURE.search(text)
    if doubt:
        seen = cast(Seen, doubt[1])
    return Fact(_UNSURE.sub("", text).strip(), citations, seen, source)


def _supplement(value: Any) -> Fact:
    if value is None:
        return Fact("", seen="unverified")
    if isinstance(value, str):
        return Fact(value, seen="derived")
    return Fact(value["text"], _cites(value.get("cite")), value.get("seen", "derived"))


def _council(row: Plain) -> Council:
    council = row["council"]
    needed: Needed = {True: "yes", False: "no"}.get(council["needed"], "conditional")  # type: ignore[assignment]
    citations = _cites(council.get("cite")) + _cites(row.get("council_cite"))
    return Council(needed, council.get("note", ""), council.get("except", ""), citations)


def _notice(notice: Plain) -> Notice:
    return Notice(tuple(notice["kind"]), notice["to"] or "", _cites(notice.get("cite")))


def _cites(value: Any) -> tuple[Citation, ...]:
    if not value:
        return ()
    rows = value if isinstance(value, list) else [value]
    return tuple(
        Citation(row["law"], str(row["article"]), row.get("paragraph"), row.get("item")) for row in rows
    )
