"""Making many tables in one step of a migration."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

Detail = AddField | AddConstraint | AddIndex


class MakeTables(Operation):
    """New models with all their fields, constraints and indexes, laid down at once.

    Django draws every model of the program anew for each single step, and SQLite remakes a table for each constraint:
    a room's first migration took twenty seconds that way, and takes one this way. The steps are those that
    ``makemigrations`` writes; all of them are about models made here.
    """

    reversible = True

    def __init__(self, *steps: CreateModel | Detail) -> None:
        self.steps = steps
        made = {step.name_lower for step in steps if isinstance(step, CreateModel)}
        strange = [step for step in steps if isinstance(step, Detail) and step.model_name_lower not in made]
        if strange:
            raise ValueError(f"These are not about a table made here: {strange}")

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, list(self.steps), {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        # Models that are drawn already would be drawn again at each step.
        state.__dict__.pop("apps", None)
        for step in self.steps:
            step.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for name in self._tables():
            model = to_state.apps.get_model(app_label, name)
            if self.allow_migrate_model(schema_editor.connection.alias, model):
                schema_editor.create_model(model)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for name in reversed(self._tables()):
            model = from_state.apps.get_model(app_label, name)
            if self.allow_migrate_model(schema_editor.connection.alias, model):
                schema_editor.delete_model(model)

    def describe(self) -> str:
        return f"Make tables {', '.join(self._tables())}"

    def _tables(self) -> list[str]:
        return [step.name for step in self.steps if isinstance(step, CreateModel)]
