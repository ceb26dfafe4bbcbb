"""A database laid down in one go is the one that walking through every migration makes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from enishi.config import new_database
from enishi.organizations.models import Organization

WALK = """
import json, django
django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from tests.operations.test_new_database import shape
executor = MigrationExecutor(connection)
executor.migrate(executor.loader.graph.leaf_nodes())
print(json.dumps(shape()))
"""


def shape() -> dict[str, Any]:
    """Tables with columns, indexes and constraints, triggers, and how many rows migrations put in."""
    with connection.cursor() as cursor:
        tables = sorted(connection.introspection.table_names(cursor))
        found = {table: _table(cursor, table) for table in tables if table not in LATER}
        cursor.execute(TRIGGERS[connection.vendor])
        triggers = sorted(row[0] for row in cursor.fetchall())
    return {"tables": found, "triggers": triggers, "bodies": Organization.objects.count()}


LATER = {"enishi_cache", "django_cache"}
TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT DISTINCT tgname FROM pg_trigger WHERE NOT tgisinternal",
}


def _table(cursor: Any, table: str) -> dict[str, Any]:
    described = connection.introspection.get_table_description(cursor, table)
    constraints = connection.introspection.get_constraints(cursor, table)
    return {
        "columns": sorted(
            # A library's table between two others is numbered wide when walked to; nothing asks for that number.
            [column.name, "" if column.name == "id" else str(column.type_code), column.null_ok]
            for column in described
        ),
        "constraints": sorted(
            json.dumps(
                [
                    sorted(one["columns"] or []) if one["check"] else one["columns"],
                    one["unique"],
                    one["primary_key"],
                    bool(one["check"]),
                    bool(one["index"]),
                    list(one["foreign_key"] or []),
                ]
            )
            for one in constraints.values()
        ),
        "names": sorted(
            name for name in constraints if not name.startswith(("__", table[:10], "sqlite_autoindex"))
        ),
    }


def walked(environment: dict[str, str]) -> dict[str, Any]:
    project = Path(settings.PACKAGE_FOLDER).parent.parent
    answer = subprocess.run(
        [sys.executable, "-c", WALK],
        env={**os.environ, **environment, "DJANGO_SETTINGS_MODULE": "enishi.config.settings"},
        cwd=project,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


@pytest.fixture
def elsewhere(tmp_path: Path) -> Any:
    """An empty database of the same kind beside the suite's own."""
    if connection.vendor == "sqlite":
        yield {"ENISHI_DATA": str(tmp_path)}
        return
    import psycopg

    address = os.environ["ENISHI_DATABASE_URL"]
    name = f"{connection.settings_dict['NAME']}_walked"
    with psycopg.connect(address, autocommit=True) as beside:
        beside.execute(f'DROP DATABASE IF EXISTS "{name}"')
        beside.execute(f'CREATE DATABASE "{name}"')
        yield {"ENISHI_DATA": str(tmp_path), "ENISHI_DATABASE_URL": f"{address.rsplit('/', 1)[0]}/{name}"}
        beside.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.django_db
def test_one_go_and_every_step_lead_to_the_same_database(elsewhere: dict[str, str]) -> None:
    step_by_step, at_once = walked(elsewhere), shape()

    assert sorted(at_once["tables"]) == sorted(step_by_step["tables"])
    for table, made in step_by_step["tables"].items():
        assert at_once["tables"][table] == made, table
    assert at_once["triggers"] == step_by_step["triggers"]
    assert at_once["bodies"] == step_by_step["bodies"] > 1_700


@pytest.mark.django_db
def test_a_database_in_which_something_lies_is_never_laid_down_anew() -> None:
    assert not new_database.is_new(connection)
