"""A new database, laid down in one go.

Walking through every migration since the first takes many seconds on an empty database: Django draws all models anew at each
step. A database without tables is therefore given today's tables at once; what migrations put into them (the
municipalities, the guard of the record of acts, the table of words) follows in the migrations' order, and all
of them count as made. A test holds the result against the walk through every step.
"""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration, RunPython, RunSQL
from django.db.migrations.executor import MigrationExecutor

OWN = "enishi."


def is_new(connection: BaseDatabaseWrapper) -> bool:
    """Whether nothing lies in the database yet."""
    return not connection.introspection.table_names()


def lay_down(connection: BaseDatabaseWrapper) -> None:
    """Make every table, fill in what migrations fill in, and note all migrations as made: all of it or nothing."""
    executor = MigrationExecutor(connection)
    plan = [migration for migration, _back in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    # SQLite remakes tables; references are looked at when everything stands.
    with connection.constraint_checks_disabled(), transaction.atomic(using=connection.alias):
        _make_tables(connection, plan)
        for migration in plan:
            _fill_in(connection, migration)
        executor.recorder.ensure_schema()
        for migration in plan:
            for node in [*migration.replaces, (migration.app_label, migration.name)]:
                executor.recorder.record_applied(*node)
        connection.check_constraints()


def _make_tables(connection: BaseDatabaseWrapper, plan: Iterable[Migration]) -> None:
    migrated = {migration.app_label for migration in plan}
    with connection.schema_editor(atomic=False) as editor:
        for model in apps.get_models():
            if model._meta.app_label in migrated and model._meta.can_migrate(connection):
                editor.create_model(model)


def _fill_in(connection: BaseDatabaseWrapper, migration: Migration) -> None:
    """Run the migration's own steps. Those of libraries move rows, and there are none."""
    if not type(migration).__module__.startswith(OWN):
        return
    for step in migration.operations:
        if not isinstance(step, RunPython | RunSQL):
            continue
        with connection.schema_editor(atomic=False) as editor:
            _run(step, editor, migration)
        if connection.vendor == "postgresql":
            # What waits for the end of the transaction would forbid the next change of a table.
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _run(step: Any, editor: Any, migration: Migration) -> None:
    """With today's models, which are those of the last step."""
    if isinstance(step, RunPython):
        today: Any = apps
        step.code(today, editor)
    else:
        step.database_forwards(migration.app_label, editor, None, None)
