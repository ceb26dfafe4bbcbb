"""What residents write about themselves and others is gone before anything is kept; what they ask about is not."""

from enishi.knowledge.answers import guards
from tests.knowledge.answers.sentences import HARMLESS, POINTING


def test_nothing_that_points_to_a_person_is_kept_and_the_question_still_is():
    kept = [(guards.masked(text).text, gone, stays) for text, gone, stays in POINTING]

    assert [row for row in kept if any(each in row[0] for each in row[1])] == []
    assert [row for row in kept if not all(each in row[0] for each in row[2])] == []


def test_laws_amounts_days_places_and_ordinary_words_stay():
    assert [text for text in HARMLESS if guards.masked(text).kinds] == []
