"""Sentences that are read later, in a language nobody knew when they were made."""

import datetime as dt
import pickle

from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy, override

from enishi.foundation import money
from enishi.foundation.days import day_in_words
from enishi.foundation.previews import Fault
from enishi.foundation.sentences import gettext as _
from enishi.foundation.sentences import (
    in_language,
    in_other_languages,
    joined,
    kept_in_words,
    of_refusal,
    speaking,
)

DUE = dt.date(2026, 12, 1)


def test_a_sentence_says_itself_again_with_the_words_and_days_inside_it() -> None:
    sentence = _("作業「%(title)s」の期限は%(day)sです") % {"title": "下見", "day": day_in_words(DUE)}

    assert sentence == "作業「下見」の期限は令和8年12月1日(火)です"
    assert "下見" in in_language(sentence, "en")
    assert "1 Dec 2026 (Tue)" in in_language(sentence, "en")


def test_a_sentence_made_on_an_english_page_is_kept_in_both_languages() -> None:
    with override("en"):
        said = in_other_languages(title=_("空けておきます。"), body="書いたまま")

    assert set(said["en"]) == {"title"}
    assert kept_in_words(said, "title", "空けておきます。") == "空けておきます。"
    with override("en"):
        assert kept_in_words(said, "title", "空けておきます。") == said["en"]["title"] != "空けておきます。"
        assert kept_in_words(said, "body", "書いたまま") == "書いたまま"


def test_what_a_refusal_says_is_not_fixed_to_the_language_in_which_it_was_raised() -> None:
    refusal = ValidationError(
        [_("必ず書いてください。"), gettext_lazy("空けておきます。"), _("必ず書いてください。")]
    )

    assert of_refusal(refusal) == "必ず書いてください。 空けておきます。"
    assert "。" not in in_language(of_refusal(refusal), "en")


def test_a_kept_fault_is_read_in_the_language_of_the_reader() -> None:
    kept = Fault(3, "予算", "百", joined(" ", [_("必ず書いてください。")])).as_json()

    assert kept["reason"] == "必ず書いてください。"
    with override("en"):
        assert Fault.in_words(kept, "reason") != "必ず書いてください。"
        assert Fault.in_words(kept, "column") == "予算"


def test_a_sentence_can_be_put_away_as_plain_text() -> None:
    assert type(pickle.loads(pickle.dumps(_("空けておきます。")))) is str


def test_an_amount_is_yen_in_words_on_an_english_page() -> None:
    with override("en"):
        assert [money.yen_in_words(-1_234), money.thousands_in_words(1_234_567)] == [
            "-1,234 yen",
            "1,235 thousand yen",
        ]
    assert money.yen_in_words(-1_234) == "△1,234円"


def test_two_at_once_in_one_paper_each_go_back_to_their_own_language() -> None:
    @speaking("ja")
    def paper(*others: str) -> list[str | None]:
        for other in others:
            with override(other):
                paper()
        return [get_language()]

    with override("en"):
        assert [*paper("de"), get_language()] == ["ja", "en"]
