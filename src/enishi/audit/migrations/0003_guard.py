"""Let the database itself refuse that an act is changed or taken away.

SQLite loses triggers when a table is remade: a later migration that alters ``audit_auditevent`` must call ``guard`` again.
"""

from django.db import migrations

TABLE = "audit_auditevent"
REFUSAL = "the record of acts is append-only"

SQLITE = {
    "audit_event_unchanged": f"CREATE TRIGGER audit_event_unchanged BEFORE UPDATE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    "audit_event_kept": f"CREATE TRIGGER audit_event_kept BEFORE DELETE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
}

POSTGRESQL = {
    "audit_event_unchanged": f"CREATE TRIGGER audit_event_unchanged BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION audit_event_refuse()",
    "audit_event_kept": f"CREATE TRIGGER audit_event_kept BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse()",
}

FUNCTION = f"""
CREATE OR REPLACE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$
"""


def guard(connection):
    unguard(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(FUNCTION)
        for statement in (POSTGRESQL if connection.vendor == "postgresql" else SQLITE).values():
            cursor.execute(statement)


def unguard(connection):
    on = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in SQLITE:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_acts_of_an_organization")]

    operations = [
        migrations.RunPython(
            lambda apps, editor: guard(editor.connection), lambda apps, editor: unguard(editor.connection)
        )
    ]
