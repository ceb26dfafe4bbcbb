"""The document as plain data, for JSON."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from decimal import Decimal
from typing import Any

from enishi.engines.policydoc.model import Evidence, Goal, Indicator, PolicyDocument, Present, Quote, Source


def as_plain(document: PolicyDocument) -> dict[str, Any]:
    """Return lists of dictionaries; every item has ``start``, ``end`` and ``quote``, which is ``text[start:end]``.

    >>> from enishi.engines.policydoc.reading import read
    >>> as_plain(read("支援策①:見守り"))["measures"]
    [{'title': '見守り', 'number': '支援策①', 'purposes': [], 'unsure': None, 'start': 5, 'end': 8, 'quote': '見守り'}]
    """
    grounds = _grounds(document)
    return {
        "measures": [
            {
                "title": each.title,
                "number": each.number,
                "purposes": [_place(quote) for quote in each.purposes],
                "unsure": each.unsure,
                **_place(each.quote),
            }
            for each in document.measures
        ],
        "actions": [
            {
                "measure": each.measure,
                "title": each.title,
                "details": [_place(quote) for quote in each.details],
                "unsure": each.unsure,
                **_place(each.quote),
            }
            for each in document.actions
        ],
        "challenges": [
            {
                "who": each.who,
                "title": each.title,
                "details": [_place(quote) for quote in each.details],
                "evidence": [{"claim": found.claim, **_place(found.quote)} for found in grounds[at]],
                "harm": _place(each.harm) or None,
                "unsure": each.unsure,
                **_place(each.quote),
            }
            for at, each in enumerate(document.challenges)
        ],
        "indicators": [_indicator(each) for each in document.indicators],
        "evidence": [
            {
                "claim": each.claim,
                "figures": list(each.figures),
                "about": each.about,
                "section": each.section,
                "source": _source(each.source) if each.source else None,
                "unsure": each.unsure,
                **_place(each.quote),
            }
            for each in document.evidence
        ],
        "sources": [_source(each) for each in document.sources],
        "cases": [
            {
                "title": each.title,
                "place": each.place,
                "scope": each.scope,
                "details": [_place(quote) for quote in each.details],
                "unsure": each.unsure,
                **_place(each.quote),
            }
            for each in document.cases
        ],
        "not_found": list(document.not_found),
    }


def _grounds(document: PolicyDocument) -> dict[int, list[Evidence]]:
    """Return what supports each challenge; of several with one title it is the nearest one above the claim."""
    found: dict[int, list[Evidence]] = defaultdict(list)
    named: dict[str, list[int]] = defaultdict(list)
    for at, each in enumerate(document.challenges):
        named[each.title].append(at)
    for claim in document.evidence:
        if claim.section == "課題" and (places := named.get(claim.about or "")):
            above = bisect_right(
                places, claim.quote.start, key=lambda at: document.challenges[at].quote.start
            )
            found[places[max(above - 1, 0)]].append(claim)
    return found


def _place(quote: Quote | None) -> dict[str, Any]:
    if quote is None:
        return {}
    return {"start": quote.start, "end": quote.end, "quote": quote.words}


def _indicator(each: Indicator) -> dict[str, Any]:
    return {
        "measure": each.measure,
        "level": each.level,
        "kind": each.kind,
        "name": each.name,
        "target": _goal(each.target),
        "further_targets": [_goal(goal) for goal in each.further],
        "baseline": _present(each.baseline),
        "method": _place(each.method) or None,
        "unsure": each.unsure,
        **_place(each.quote),
    }


def _goal(goal: Goal | None) -> dict[str, Any] | None:
    if goal is None:
        return None
    return {
        "value": _number(goal.value),
        "upper": _number(goal.upper),
        "comparator": goal.comparator,
        "change": goal.change,
        "unit": goal.unit,
        "period": goal.period,
        "due": {"words": goal.due.words, "year": goal.due.year} if goal.due else None,
        "qualifier": goal.qualifier,
        **_place(goal.quote),
    }


def _present(present: Present | None) -> dict[str, Any] | None:
    if present is None:
        return None
    return {
        "value": _number(present.value),
        "unit": present.unit,
        "qualifier": present.qualifier,
        "year": present.year,
        **_place(present.quote),
    }


def _source(source: Source) -> dict[str, Any]:
    return {
        "publisher": source.publisher,
        "title": source.title,
        "year": source.year,
        "url": source.url,
        "about": source.about,
        "unsure": source.unsure,
        **_place(source.quote),
    }


def _number(value: Decimal | None) -> int | float | None:
    """JSON has one kind of number; the shortest digits of the decimal are kept."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
