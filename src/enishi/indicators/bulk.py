"""Many rows at once, on either database: COPY where there is one, otherwise one prepared statement."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from django.db import connections, models, router

AT_ONCE = 20_000


def insert_rows(
    model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]], *, at_once: int = AT_ONCE
) -> int:
    """Write rows of plain values in the order of ``names``; keys are made by the database. Returns how many.

    Values go in as they are: dates and decimals as text are fine. Nothing is validated but by the database's constraints.
    """
    using = router.db_for_write(model)
    connection = connections[using]
    quote = connection.ops.quote_name
    known = {field.name: field.column for field in model._meta.concrete_fields if field.column}
    columns = ", ".join(quote(known[name]) for name in names)
    table = quote(model._meta.db_table)
    count, source = 0, iter(rows)
    # Rows are made before they are sent: making them may ask the same connection, which a COPY under way would block.
    while batch := list(islice(source, at_once)):
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                _copy(cursor, f"COPY {table} ({columns}) FROM STDIN", batch)
            else:
                marks = ", ".join(["%s"] * len(names))
                cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", batch)  # noqa: S608
        count += len(batch)
    return count


def _copy(cursor: Any, statement: str, batch: Sequence[Sequence[Any]]) -> None:
    with cursor.copy(statement) as copy:
        for row in batch:
            copy.write_row(row)


def raw_rows(queryset: models.QuerySet[Any, Any]) -> Iterable[tuple[Any, ...]]:
    """The rows of ``values_list`` as the driver gives them: numbers may be int, float or Decimal, days text or dates."""
    connection = connections[queryset.db]
    sql, params = queryset.query.get_compiler(connection=connection).as_sql()
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        while batch := cursor.fetchmany(AT_ONCE):
            yield from batch
