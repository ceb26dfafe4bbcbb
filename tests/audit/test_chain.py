import pytest
from django.db import DatabaseError, connection, transaction
from django.utils.translation import override

from enishi.audit.models import AppendOnlyError, AuditEvent, ChainHead
from enishi.audit.selectors import BrokenLink, broken_links, history
from enishi.foundation import trail
from enishi.foundation.sentences import gettext as _
from tests.factories import NOON, OrganizationFactory, PersonFactory

pytestmark = pytest.mark.django_db


def acts(count: int = 3) -> list[AuditEvent]:
    house, person = OrganizationFactory(), PersonFactory()
    for number in range(count):
        change = {"name": (f"前{number}", f"後{number}")}
        trail.record(trail.Act(person, "edit", house, NOON, organization_id=house.pk, changes=change))
    return list(AuditEvent.objects.order_by("sequence"))


def tampered(statement: str) -> None:
    """What somebody with the database file and bad intent could do: take the guard off first."""
    from importlib import import_module

    import_module("enishi.audit.migrations.0003_guard").unguard(connection)
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_whole_chain_has_no_broken_link():
    events = acts()

    assert list(broken_links()) == []
    assert [event.previous_hash for event in events] == ["0" * 64, events[0].hash, events[1].hash]


def test_history_of_a_record_is_latest_first():
    events = acts()
    house = OrganizationFactory._meta.model.objects.get(pk=events[0].subject_id)

    assert list(history(house)) == events[::-1]


def test_a_rewritten_act_shows():
    acts()
    tampered("UPDATE audit_auditevent SET actor_name = '別人' WHERE sequence = 2")

    assert list(broken_links()) == [BrokenLink(2, "内容が書き換えられています。")]


def test_an_act_taken_out_of_the_middle_shows():
    acts()
    tampered("DELETE FROM audit_auditevent WHERE sequence = 2")

    assert [link.sequence for link in broken_links()] == [3, 3]


def test_acts_taken_off_the_end_show():
    acts()
    tampered("DELETE FROM audit_auditevent WHERE sequence = 3")

    assert list(broken_links()) == [BrokenLink(3, "最後の記録が失われています。")]


def test_a_chain_without_its_head_shows():
    acts()
    ChainHead.objects.all().delete()

    assert [link.sequence for link in broken_links()] == [3]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_auditevent SET note = 'x'", "DELETE FROM audit_auditevent"],
)
def test_the_database_itself_refuses(statement):
    acts()

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert AuditEvent.objects.count() == 3


def test_the_model_refuses_before_the_database_has_to():
    event = acts(1)[0]

    with pytest.raises(AppendOnlyError):
        event.save()
    with pytest.raises(AppendOnlyError):
        event.delete()


def test_many_acts_are_checked_without_holding_them_all(django_assert_max_num_queries):
    acts(30)

    with django_assert_max_num_queries(2):
        assert sum(1 for _link in broken_links()) == 0


def test_a_note_of_ours_is_read_in_the_readers_language_and_guarded_in_both():
    house, person = OrganizationFactory(), PersonFactory()
    trail.record(trail.Act(person, "edit", house, NOON, organization_id=house.pk, note=_("空けておきます。")))
    event = AuditEvent.objects.get()

    with override("en"):
        assert event.note_in_words != event.note == "空けておきます。"

    assert list(broken_links()) == []
    tampered("UPDATE audit_auditevent SET said = NULL")
    assert [link.sequence for link in broken_links()] == [event.sequence]
