"""Words in PostgreSQL: one tsvector without positions for each document, found by a GIN index or by walking down the keys.

Rare words come from the GIN index and are sorted. Common ones would bring a third of the table to sort, so the newest
documents are looked at one after the other until the page is full; the walk has an end, after which the index answers.
"""

from collections.abc import Iterable, Sequence

from django.db import DatabaseError, connection, transaction
from django.db.models import BigIntegerField
from django.db.models.expressions import RawSQL

from enishi.knowledge.queries import Expression, Group

INDEX = "CREATE INDEX knowledge_words_tokens ON knowledge_words USING gin (tokens) WITH (fastupdate = off)"
CREATE = (
    "CREATE TABLE knowledge_words (document_id bigint PRIMARY KEY, tokens tsvector NOT NULL)",
    # Words stay in the row and unpacked: walking reads thousands of them.
    "ALTER TABLE knowledge_words ALTER COLUMN tokens SET STORAGE MAIN",
    "ALTER TABLE knowledge_words SET (toast_tuple_target = 8160)",
    INDEX,
)
DROP = ("DROP TABLE IF EXISTS knowledge_words",)
COMMON = 4_000
"""From so many expected documents on, walking is cheaper than sorting."""
LONGEST_WALK = 20_000
_SAMPLED_FROM = 50_000
_DAMAGE = ("42P01", "XX001", "XX002")
"""Undefined table, corrupted data, corrupted index."""


class PostgresqlWords:
    def create(self) -> None:
        with connection.cursor() as cursor:
            for statement in (*DROP, *CREATE):
                cursor.execute(statement)

    def write(self, rows: Iterable[tuple[int, Sequence[str]]]) -> None:
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY knowledge_words (document_id, tokens) FROM STDIN") as copy,
        ):
            for key, words in rows:
                copy.write_row((key, " ".join(_quoted(word) for word in words)))

    def erase(self, keys: Sequence[int]) -> None:
        if keys:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM knowledge_words WHERE document_id = ANY(%s)", [list(keys)])

    def keys(
        self, expression: Expression, *, limit: int, beyond: int | None, ascending: bool, expected: float
    ) -> list[int]:
        if expected > COMMON:
            found = self._walked(expression, limit, beyond, ascending=ascending)
            if len(found) == limit:
                return found
        return self._looked_up(expression, limit, beyond, ascending=ascending)

    def _walked(
        self, expression: Expression, limit: int, beyond: int | None, *, ascending: bool
    ) -> list[int]:
        where, order, parameters = _from(beyond, ascending=ascending)
        sql = (
            f"SELECT document_id FROM (SELECT document_id, tokens FROM knowledge_words {where} "
            f"ORDER BY document_id {order} LIMIT {LONGEST_WALK}) newest WHERE tokens @@ %s::tsquery LIMIT {int(limit)}"
        )
        return _column(sql, [*parameters, ts_query(expression)])

    def _looked_up(
        self, expression: Expression, limit: int, beyond: int | None, *, ascending: bool
    ) -> list[int]:
        where, order, parameters = _from(beyond, ascending=ascending)
        # Materialised: the planner must not walk down the keys in search of a word that is rare.
        sql = (
            "WITH found AS MATERIALIZED (SELECT document_id FROM knowledge_words WHERE tokens @@ %s::tsquery) "
            f"SELECT document_id FROM found {where} ORDER BY document_id {order} LIMIT {int(limit)}"
        )
        return _column(sql, [ts_query(expression), *parameters])

    def subquery(self, expression: Expression, *, limit: int) -> RawSQL:
        sql = "SELECT document_id FROM knowledge_words WHERE tokens @@ %s::tsquery LIMIT %s"
        return RawSQL(sql, (ts_query(expression), limit), output_field=BigIntegerField())  # noqa: S611

    def count(self, expression: Expression, *, limit: int) -> int:
        inner = "SELECT 1 FROM knowledge_words WHERE tokens @@ %s::tsquery LIMIT %s"
        return _column(f"SELECT count(*) FROM ({inner}) found", [ts_query(expression), limit])[0]

    def frequencies(self) -> Iterable[tuple[str, int]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM knowledge_words")
            total = cursor.fetchone()[0]
            share = min(1.0, _SAMPLED_FROM / max(total, 1))
            sample = "" if share == 1.0 else f" TABLESAMPLE SYSTEM ({100 * share:.4f}) REPEATABLE (1)"
            cursor.execute(
                "SELECT word, ndoc FROM ts_stat(%s)", [f"SELECT tokens FROM knowledge_words{sample}"]
            )
            for word, documents in cursor:
                yield word, max(1, round(documents / share))

    def begin_bulk(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX IF EXISTS knowledge_words_tokens")

    def end_bulk(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET maintenance_work_mem = '512MB'")
            cursor.execute(INDEX.replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS"))
            cursor.execute("RESET maintenance_work_mem")
            cursor.execute("ANALYZE knowledge_words")
            cursor.execute("ANALYZE knowledge_searchdocument")

    def is_whole(self, *, thorough: bool = False) -> bool:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT document_id FROM knowledge_words WHERE tokens @@ 'x'::tsquery LIMIT 1")
                cursor.execute("SELECT 1 FROM pg_indexes WHERE indexname = 'knowledge_words_tokens'")
                return cursor.fetchone() is not None
        except DatabaseError:
            return False

    def is_damage(self, error: DatabaseError) -> bool:
        return getattr(error.__cause__, "sqlstate", "") in _DAMAGE


def ts_query(expression: Expression) -> str:
    """The expression as a tsquery, every word quoted."""
    wanted = " & ".join(_group(group) for group in expression.groups)
    unwanted = "".join(f" & !({' & '.join(map(_group, groups))})" for groups in expression.without)
    return wanted + unwanted


def _group(group: Group) -> str:
    return f"({' | '.join('(' + ' & '.join(_quoted(word) for word in way) + ')' for way in group)})"


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _from(beyond: int | None, *, ascending: bool) -> tuple[str, str, list[str | int]]:
    order = "ASC" if ascending else "DESC"
    if beyond is None:
        return "", order, []
    return f"WHERE document_id {'>' if ascending else '<'} %s", order, [beyond]


def _column(sql: str, parameters: list[str | int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [row[0] for row in cursor.fetchall()]
