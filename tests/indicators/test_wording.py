"""What the engine found, in the language of the reader: nothing it can say is left without words."""

import re
from fractions import Fraction

import pytest
from django.utils import translation

from enishi.engines import progress
from enishi.engines.progress import Because, Direction, Member, Missing, Status
from enishi.engines.progress.status import judge_rate
from enishi.indicators import wording

HALF = progress.year_attainment(
    direction=Direction.UP, baseline=60, target_of_year=80, value=70, interpolated=True
)
UNKNOWN = progress.year_attainment(
    direction=Direction.UP, baseline=60, target_of_year=80, value=Missing(Because.NO_VALUE)
)
BRANCH = progress.roll_up(
    [Member(Status.ACHIEVED, Fraction(1), None), Member(Status.LATE, Fraction(0), None)]
)


def test_every_status_and_every_reason_has_words_that_japanese_says_as_the_engine_does():
    assert {status: wording.status_in_words(status) for status in Status} == {
        status: status.value for status in Status
    }
    assert {reason: wording.reason_in_words(reason) for reason in Because} == {
        reason: reason.value for reason in Because
    }
    assert wording.spread_in_words(BRANCH) == BRANCH.explanation


@pytest.mark.parametrize(
    ("say", "expected"),
    [
        (lambda: wording.judged_in_words(judge_rate(HALF)), "50.0% = 10 ÷ 20"),
        (lambda: wording.judged_in_words(judge_rate(UNKNOWN)), "Cannot be judged"),
        (lambda: wording.spread_in_words(BRANCH), "2"),
        (lambda: wording.mean_in_words(BRANCH.mean), "no agreed weights"),
    ],
)
def test_an_english_page_says_it_in_english(say, expected):
    with translation.override("en"):
        said = say()

    assert expected in said
    assert not re.search("[ぁ-んァ-ヶ一-鿿]", said)


def test_a_reason_somebody_wrote_stays_as_it_was_written():
    with translation.override("en"):
        assert wording.reason_in_words("調査を中止したため") == "調査を中止したため"
