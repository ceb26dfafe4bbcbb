"""Documents of the family, written for these tests, with answers made by hand."""

import json
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from enishi.engines import policydoc

DOCUMENTS = sorted((Path(__file__).parent / "documents").glob("*.txt"))
KINDS = ("measures", "actions", "challenges", "indicators", "evidence", "sources", "cases")


@cache
def read(path):
    """Each document is read once for all tests."""
    text = path.read_text(encoding="utf-8")
    return text, policydoc.read(text), json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))


def found_in(document):
    """The document in the short form of the answers."""
    titles = [each.title for each in document.measures]
    place = {title: at for at, title in reversed(list(enumerate(titles)))}
    return {
        "measures": titles,
        "actions": [(place.get(each.measure), each.title) for each in document.actions],
        "challenges": [
            (each.who and each.who.value, each.title, joined(each.harm)) for each in document.challenges
        ],
        "indicators": [indicator(each, place) for each in document.indicators],
        "evidence": [
            (joined(each.quote), joined(each.source.quote) if each.source else None)
            for each in document.evidence
        ],
        "sources": [joined(each.quote) for each in document.sources],
        "cases": [each.title for each in document.cases],
    }


def indicator(each, place):
    target, baseline = each.target, each.baseline
    return (
        place.get(each.measure),
        each.level and each.level.value,
        each.kind and each.kind.value,
        each.name,
        f"{target.value:f}" if target and target.value is not None else None,
        target and target.comparator,
        target and target.unit,
        target and target.period,
        f"{baseline.value:f} {baseline.unit}"
        if baseline and baseline.value is not None
        else baseline and joined(baseline.quote),
        joined(each.method),
    )


def joined(quote):
    """A quotation without the line breaks of the page."""
    return None if quote is None else "".join(line.strip() for line in quote.words.split("\n"))


def as_answers(items):
    return Counter(tuple(each) if isinstance(each, list) else each for each in items)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_document_is_read_as_by_hand(path):
    _, document, answers = read(path)

    found = found_in(document)
    wrong = {}
    for kind in KINDS:
        have, want = as_answers(found[kind]), as_answers(answers[kind])
        if have != want:
            wrong[kind] = {
                "missed": list((want - have).elements()),
                "made up": list((have - want).elements()),
            }
    assert wrong == {}


@pytest.mark.parametrize("kind", KINDS)
def test_precision_and_recall_over_all_documents(kind):
    right = have = want = 0
    for path in DOCUMENTS:
        _, document, answers = read(path)
        found, expected = as_answers(found_in(document)[kind]), as_answers(answers[kind])
        right, have, want = right + (found & expected).total(), have + found.total(), want + expected.total()

    assert right / have >= 0.95
    assert right / want >= 0.95


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_quotation_stands_where_it_says(path):
    text, document, _ = read(path)

    for quote in quotations(policydoc.as_plain(document)):
        assert text[quote["start"] : quote["end"]] == quote["quote"] != ""


def quotations(plain):
    if isinstance(plain, dict):
        if "quote" in plain:
            yield plain
        for value in plain.values():
            yield from quotations(value)
    elif isinstance(plain, list):
        for value in plain:
            yield from quotations(value)


def test_there_are_enough_documents():
    assert len(DOCUMENTS) >= 12


def test_a_claim_belongs_to_the_nearest_challenge_of_its_title():
    one = """課題
住民の課題
足の不足
  ・客観的根拠:
    ・通院をやめた人は18%です。
    ・(出典)あおば市「調査」令和5年度
"""
    first, second = policydoc.as_plain(policydoc.read(one + one))["challenges"]

    assert [len(each["evidence"]) for each in (first, second)] == [1, 1]
    assert first["evidence"][0]["start"] < second["start"] < second["evidence"][0]["start"]
