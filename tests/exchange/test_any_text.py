"""Whatever somebody types is kept as it reads, or refused with a sentence."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enishi.exchange.completeness import missing_for_publication
from enishi.exchange.conditions import Conditions
from enishi.exchange.enums import RecordKind
from enishi.exchange.files import safe_name
from enishi.exchange.models import Challenge, Resource
from enishi.exchange.values import cleaned
from enishi.exchange.windows import window_in_words, years_of_window
from enishi.exchange.writing import advice
from tests.factories import TODAY

# Lone halves of characters come from programs, not from keyboards, and must do no harm either.
texts = st.text(st.characters(codec=None), max_size=200)
days = st.none() | st.dates()


@given(texts, texts)
def test_text_comes_out_storable(title, body):
    values = cleaned(Challenge, {"title": title, "present_state": body})

    assert all("\x00" not in value and value == value.strip() for value in values.values())
    assert all(value.encode() is not None for value in values.values())


@given(st.integers(), days)
def test_numbers_and_days_are_taken_or_refused(amount, day):
    try:
        values = cleaned(Challenge, {"budget_max_yen": amount, "due_on": day})
    except ValidationError as refused:
        assert set(refused.message_dict) <= {"budget_max_yen", "due_on"}
    else:
        assert values == {"budget_max_yen": amount, "due_on": day}


@given(texts)
def test_advice_never_fails(text):
    advice([("present_state", text)])


@given(days, days)
def test_every_window_has_words_and_years(begin, end):
    assert window_in_words(begin, end, today=TODAY, verb="提供")
    assert len(years_of_window(begin, end, around=TODAY)) <= 10


@given(
    st.dictionaries(
        st.sampled_from(["q", "field", "area", "window", "sort", "mine", "fresh"]), st.lists(texts) | texts
    )
)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_address_is_read_and_reads_the_same_again(parameters):
    conditions = Conditions.read(RecordKind.RESOURCE, parameters)

    assert Conditions.read(RecordKind.RESOURCE, conditions.parameters()) == conditions


@given(texts)
def test_a_file_keeps_a_short_name_without_folders(name):
    kept = safe_name(name)

    assert 0 < len(kept) <= 150
    assert "/" not in kept


@pytest.mark.django_db
@pytest.mark.parametrize("record", [Challenge(), Resource()])
def test_an_empty_record_is_not_complete(record):
    record.pk = 1

    assert missing_for_publication(record)
