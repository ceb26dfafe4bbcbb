"""``migrate`` as Django has it, but for a database in which nothing lies yet."""

from typing import Any

from django.core.management.commands.migrate import Command as DjangoCommand
from django.db import connections

from enishi.config import new_database

_ASKED_FOR_LESS = ("app_label", "plan", "fake", "fake_initial", "check_unapplied", "prune")


class Command(DjangoCommand):
    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        whole = not any(options.get(name) for name in _ASKED_FOR_LESS)
        if whole and new_database.is_new(connection):
            new_database.lay_down(connection)
        super().handle(*args, **options)
