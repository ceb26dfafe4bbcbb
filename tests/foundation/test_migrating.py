import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations import AddConstraint, AddField, CreateModel
from django.db.migrations.state import ProjectState

from enishi.foundation.migrating import MakeTables

STEPS = MakeTables(
    CreateModel("Town", [("id", models.BigAutoField(primary_key=True)), ("people", models.IntegerField())]),
    CreateModel("Street", [("id", models.BigAutoField(primary_key=True))]),
    AddField("street", "town", models.ForeignKey("foundation.town", models.CASCADE)),
    AddConstraint(
        "town", models.CheckConstraint(name="somebody_lives_there", condition=models.Q(people__gt=0))
    ),
)


@pytest.mark.django_db(transaction=True)
def test_tables_come_with_all_that_belongs_to_them_and_go_again():
    before, after = ProjectState(), ProjectState()
    STEPS.state_forwards("foundation", after)

    with connection.schema_editor() as editor:
        STEPS.database_forwards("foundation", editor, before, after)
    town, street = (after.apps.get_model("foundation", name) for name in ("Town", "Street"))
    street.objects.create(town=town.objects.create(people=1))
    with pytest.raises(IntegrityError), transaction.atomic():
        town.objects.create(people=0)

    with connection.schema_editor() as editor:
        STEPS.database_backwards("foundation", editor, after, before)
    assert not {town._meta.db_table, street._meta.db_table} & set(connection.introspection.table_names())


def test_a_step_about_another_table_is_refused():
    with pytest.raises(ValueError, match="not about a table made here"):
        MakeTables(AddField("elsewhere", "town", models.IntegerField()))
