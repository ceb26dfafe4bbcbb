"""Words in SQLite's FTS5: keys only, no texts, read from the newest down without sorting.

The table holds no copy of the words (``content=''``); the words of each document are kept beside it, packed, because
FTS5 must be told what to take out.
"""

import re
import zlib
from collections.abc import Iterable, Sequence

from django.db import DatabaseError, connection
from django.db.models import BigIntegerField
from django.db.models.expressions import RawSQL

from enishi.knowledge.queries import Expression, Group

CREATE = (
    "CREATE VIRTUAL TABLE knowledge_words USING fts5(words, content='', detail=none, columnsize=0, "
    "tokenize=\"ascii tokenchars ':=#_.-'\")",
    "CREATE TABLE IF NOT EXISTS knowledge_words_kept (id INTEGER PRIMARY KEY, words BLOB NOT NULL)",
    "CREATE VIRTUAL TABLE knowledge_vocabulary USING fts5vocab('knowledge_words', 'row')",
)
DROP = (
    "DROP TABLE IF EXISTS knowledge_vocabulary",
    "DROP TABLE IF EXISTS knowledge_words",
    "DROP TABLE IF EXISTS knowledge_words_kept",
)
_DAMAGE = re.compile(
    r"malformed|corrupt|vtable constructor|no such table: (main\.)?knowledge_words|fts5", re.IGNORECASE
)
_SHADOWS = ("config", "data", "docsize", "idx")


class SqliteWords:
    def create(self) -> None:
        with connection.cursor() as cursor:
            try:
                for statement in DROP:
                    cursor.execute(statement)
            except DatabaseError:
                self._tear_out(cursor)
            for statement in CREATE:
                cursor.execute(statement)

    def _tear_out(self, cursor: object) -> None:
        """A broken virtual table cannot be dropped: make it loadable again first, or drop what it stood on."""
        execute = cursor.execute  # type: ignore[attr-defined]
        execute("DROP TABLE IF EXISTS knowledge_vocabulary")
        execute("CREATE TABLE IF NOT EXISTS knowledge_words_config (k PRIMARY KEY, v) WITHOUT ROWID")
        execute("INSERT OR REPLACE INTO knowledge_words_config VALUES ('version', 4)")
        for shadow, columns in (
            ("data", "id INTEGER PRIMARY KEY, block BLOB"),
            ("idx", "segid, term, pgno, PRIMARY KEY(segid, term)"),
        ):
            execute(f"CREATE TABLE IF NOT EXISTS knowledge_words_{shadow} ({columns})")
        execute("DROP TABLE IF EXISTS knowledge_words")
        for shadow in _SHADOWS:
            execute(f"DROP TABLE IF EXISTS knowledge_words_{shadow}")
        execute("DROP TABLE IF EXISTS knowledge_words_kept")

    def write(self, rows: Iterable[tuple[int, Sequence[str]]]) -> None:
        joined = [(key, " ".join(words)) for key, words in rows]
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO knowledge_words(rowid, words) VALUES (%s, %s)", joined)
            cursor.executemany(
                "INSERT INTO knowledge_words_kept(id, words) VALUES (%s, %s)",
                [(key, zlib.compress(text.encode(), 1)) for key, text in joined],
            )

    def erase(self, keys: Sequence[int]) -> None:
        if not keys:
            return
        marks = ", ".join(["%s"] * len(keys))
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id, words FROM knowledge_words_kept WHERE id IN ({marks})", list(keys))
            old = [(key, zlib.decompress(packed).decode()) for key, packed in cursor.fetchall()]
            cursor.executemany(
                "INSERT INTO knowledge_words(knowledge_words, rowid, words) VALUES ('delete', %s, %s)", old
            )
            cursor.execute(f"DELETE FROM knowledge_words_kept WHERE id IN ({marks})", list(keys))

    def keys(
        self, expression: Expression, *, limit: int, beyond: int | None, ascending: bool, expected: float
    ) -> list[int]:
        sql = "SELECT rowid FROM knowledge_words WHERE knowledge_words MATCH %s"
        parameters: list[str | int] = [match(expression)]
        if beyond is not None:
            sql += f" AND rowid {'>' if ascending else '<'} %s"
            parameters.append(beyond)
        sql += f" ORDER BY rowid {'ASC' if ascending else 'DESC'} LIMIT {int(limit)}"
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return [row[0] for row in cursor.fetchall()]

    def subquery(self, expression: Expression, *, limit: int) -> RawSQL:
        sql = "SELECT rowid FROM knowledge_words WHERE knowledge_words MATCH %s ORDER BY rowid DESC LIMIT %s"
        return RawSQL(sql, (match(expression), limit), output_field=BigIntegerField())  # noqa: S611

    def count(self, expression: Expression, *, limit: int) -> int:
        inner = (
            "SELECT rowid FROM knowledge_words WHERE knowledge_words MATCH %s ORDER BY rowid DESC LIMIT %s"
        )
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM ({inner})", [match(expression), limit])
            return int(cursor.fetchone()[0])

    def frequencies(self) -> Iterable[tuple[str, int]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT term, doc FROM knowledge_vocabulary")
            yield from cursor.fetchall()

    def begin_bulk(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO knowledge_words(knowledge_words, rank) VALUES ('hashsize', 67108864)")

    def end_bulk(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO knowledge_words(knowledge_words, rank) VALUES ('hashsize', 1048576)")
            cursor.execute("INSERT INTO knowledge_words(knowledge_words) VALUES ('optimize')")

    def is_whole(self, *, thorough: bool = False) -> bool:
        try:
            with connection.cursor() as cursor:
                if thorough:
                    cursor.execute("INSERT INTO knowledge_words(knowledge_words) VALUES ('integrity-check')")
                cursor.execute(
                    "SELECT rowid FROM knowledge_words WHERE knowledge_words MATCH %s LIMIT 1", ["x"]
                )
                cursor.execute("SELECT 1 FROM knowledge_words_kept LIMIT 1")
        except DatabaseError:
            return False
        return True

    def is_damage(self, error: DatabaseError) -> bool:
        return _DAMAGE.search(str(error)) is not None


def match(expression: Expression) -> str:
    """The expression in FTS5's language. Every word is quoted, so nothing typed is ever an operator."""
    wanted = " AND ".join(_group(group) for group in expression.groups)
    if not expression.without:
        return wanted
    unwanted = " OR ".join(f"({' AND '.join(map(_group, groups))})" for groups in expression.without)
    return f"({wanted}) NOT ({unwanted})"


def _group(group: Group) -> str:
    ways = [" AND ".join(f'"{_spelt(word)}"' for word in way) for way in group]
    return f"({' OR '.join(f'({way})' for way in ways)})"


def _spelt(word: str) -> str:
    """Words of the index hold no other marks; one that somebody made up must not part the word or end the quote."""
    return "".join(one if one.isalnum() or one in ":=#_.-" else "_" for one in word)
