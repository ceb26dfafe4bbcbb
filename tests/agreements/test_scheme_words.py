"""The scheme chooser speaks the reader's language; the law does not change for it."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from django.utils import translation

from enishi.agreements.knowledge import data, knowledge
from enishi.agreements.scheme_words import cited_in_words, told_knowledge
from enishi.engines.schemes import advise
from enishi.engines.schemes.model import Article, Citation

JAPANESE = re.compile(r"[\u3041-\u30fa\u4e00-\u9fff]")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from _texts(each)
    elif is_dataclass(value) and not isinstance(value, (Article, Citation, type)):
        for field in fields(value):
            if field.name != "source":
                yield from _texts(getattr(value, field.name))


def test_every_text_of_the_legal_forms_has_its_english():
    known = knowledge()
    texts = {
        text
        for part in (known.schemes, known.questions, known.rules)
        for text in _texts(part)
        if JAPANESE.search(text)
    }

    assert sorted(texts - set(data("scheme_words_en"))) == []
    assert {law for law, _number in known.articles} <= set(data("scheme_words_en"))


def test_english_changes_the_words_and_neither_the_advice_nor_the_law():
    answers = {"partner": "local_government", "disaster": True}
    with translation.override("en"):
        told = told_knowledge()
        cited = cited_in_words(Citation("地方自治法", "252_2_2", 3))

    assert cited == "Local Autonomy Act Art. 252-2-2 para. 3"
    assert told.articles == knowledge().articles
    assert told.questions["partner"].ask == "Who is the other side?"
    first, same = advise(answers, told).first, advise(answers, knowledge()).first
    assert first is not None and same is not None
    assert (first.scheme.id, first.scheme.name) == (same.scheme.id, "災害時の応援 (help in disasters)")
    assert JAPANESE.search(first.why) is None


@pytest.mark.django_db
def test_pages_in_english_say_once_that_the_law_is_japanese(client):
    client.cookies["django_language"] = "en"

    asked = client.get("/agreements/schemes/ask/").content.decode()
    shown = client.get("/agreements/schemes/shitei_kanri/").content.decode()
    compared = client.get("/agreements/schemes/compare/").content.decode()

    assert "Who is the other side?" in asked
    assert shown.count("Statute texts are in Japanese") == 1
    assert "指定管理者 (designated manager)" in shown
    assert "public notice, notification" in compared
