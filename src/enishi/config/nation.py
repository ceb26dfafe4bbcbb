"""A nation's volume for measuring: partners, resources and challenges put together by a machine, marked as such.

The same number gives the same data. What was begun goes on where it stopped: every record has the key
``nation-<seed>-<number>``, and a batch is written whole, with its search index, or not at all.
"""

import datetime as dt
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection, models, transaction
from django.db.models import Max
from django.utils import timezone

from enishi.config.nation_records import Ground, Row, challenge, prepare, resource
from enishi.config.nation_vectors import Meanings
from enishi.exchange.enums import RecordKind
from enishi.exchange.matches import services as matches
from enishi.exchange.models import Challenge, Resource
from enishi.foundation import trail
from enishi.knowledge import services as knowledge

Tell = Callable[[str], None]
Vectors = Literal["none", "derived", "embedded"]
Index = Callable[[str, Sequence[Any]], int]
BATCH = 2_000


def generate(
    *,
    resources: int = 1_000_000,
    challenges: int = 100_000,
    seed: int = 1,
    tell: Tell,
    vectors: Vectors = "derived",
) -> None:
    """Fill the database and build both indexes.

    ``vectors``: ``derived`` takes the meaning of a few hundred demo texts and shifts it a little for each record (minutes);
    ``embedded`` has the model read every text (days for a nation); ``none`` leaves matching to be built later.
    """
    at = timezone.now()
    ground = prepare(resources, seed, tell)
    meanings = Meanings.read(seed, tell) if vectors == "derived" else None
    with knowledge.bulk() as index:
        run = _Run(ground, meanings, index, seed, at, tell)
        run.write(RecordKind.CHALLENGE, challenges)
        run.write(RecordKind.RESOURCE, resources)
        tell("検索の索引を並べ直しています…")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    if vectors != "none":
        matches.rebuild(tell)


@dataclass(frozen=True)
class _Run:
    """One filling: what it stands on and where it writes."""

    ground: Ground
    meanings: Meanings | None
    index: Index
    seed: int
    at: dt.datetime
    tell: Tell

    def write(self, kind: RecordKind, wanted: int) -> None:
        """Write records of a kind until there are so many, in batches."""
        model: Any = Resource if kind is RecordKind.RESOURCE else Challenge
        make = resource if kind is RecordKind.RESOURCE else challenge
        prefix = f"nation-{self.seed}-"
        done = model._default_manager.filter(import_key__startswith=prefix).count()
        began, first = time.monotonic(), done
        for number in range(done, wanted, BATCH):
            size = min(BATCH, wanted - number)
            chance = random.Random(f"{kind}-{self.seed}-{number}")  # noqa: S311  the same every time
            keys = ((f"{prefix}{number + step}", (number + step) / wanted) for step in range(size))
            self._write_batch(
                model, kind, [make(chance, self.ground, key, self.at, age) for key, age in keys]
            )
            done += size
            if done == wanted or (done // BATCH) % 10 == 0:
                rate = (done - first) / max(time.monotonic() - began, 0.001)
                self.tell(f"{kind.label} {_bar(done, wanted)} {done:,} / {wanted:,}(毎秒{rate:,.0f}件)")

    @transaction.atomic
    def _write_batch(self, model: Any, kind: RecordKind, rows: Sequence[Row]) -> None:
        """Rows, their fields and areas, both indexes, one line in the trail."""
        first = (model._default_manager.aggregate(last=Max("pk"))["last"] or 0) + 1
        keys = range(first, first + len(rows))
        columns = list(model._meta.concrete_fields)
        insert(
            model, columns, (_prepared(columns, key, row.values) for key, row in zip(keys, rows, strict=True))
        )
        for name in ("fields", "areas"):
            _link(model, name, keys, [getattr(row, name) for row in rows])
        _move_sequence(model)
        records = [self._record(model, key, row) for key, row in zip(keys, rows, strict=True)]
        self.index(kind.value, records)
        if self.meanings is not None:
            columns, profiles = self.meanings.profiles(kind, records)
            insert(columns[0].model, columns, profiles)
        note = f"測定用に{len(rows):,}件を一括で作成"
        trail.record(trail.Act(actor=None, action="seed", subject=records[0], at=self.at, note=note))

    def _record(self, model: Any, key: int, row: Row) -> Any:
        """The record with everything an index reads, without asking the database again."""
        record = model(pk=key, **row.values)
        record.organization = self.ground.organizations[row.values["organization_id"]]
        record._prefetched_objects_cache = {
            "fields": [self.ground.fields_by_key[pk] for pk in row.fields],
            "areas": [self.ground.organizations[pk] for pk in row.areas],
            "parties": [],
        }
        return record


def _bar(done: int, total: int) -> str:
    filled = round(20 * done / max(total, 1))
    return "[" + "#" * filled + "-" * (20 - filled) + "]"


def _prepared(columns: Iterable[Any], key: int, values: Mapping[str, Any]) -> list[Any]:
    return [
        key
        if column.primary_key
        else column.get_db_prep_save(
            values[column.attname] if column.attname in values else column.get_default(), connection
        )
        for column in columns
    ]


def _link(model: type[models.Model], name: str, keys: Iterable[int], chosen: Iterable[Sequence[int]]) -> None:
    relation: Any = model._meta.get_field(name)
    through = relation.remote_field.through._meta
    columns = [
        through.get_field(relation.m2m_field_name()),
        through.get_field(relation.m2m_reverse_field_name()),
    ]
    pairs = [(key, one) for key, several in zip(keys, chosen, strict=True) for one in several]
    insert(relation.remote_field.through, columns, pairs)


def insert(model: type[models.Model], columns: Sequence[Any], rows: Iterable[Sequence[Any]]) -> None:
    """The quickest way in that each database has."""
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    names = ", ".join(quote(column.column) for column in columns)
    # Whole beforehand: rows that ask the database themselves would wait for the copy for ever.
    rows = list(rows)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608


def _move_sequence(model: type[models.Model]) -> None:
    """Keys were given by hand: the database's own counter must know."""
    if connection.vendor == "postgresql":
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence(%s, 'id'), (SELECT max(id) FROM {table}))",  # noqa: S608
                [table],
            )
