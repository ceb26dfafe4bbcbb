"""The table of words for the database in use."""

from django.db import connection

from enishi.knowledge.adapters.postgresql import PostgresqlWords
from enishi.knowledge.adapters.sqlite import SqliteWords
from enishi.knowledge.ports import WordIndex


def word_index() -> WordIndex:
    return PostgresqlWords() if connection.vendor == "postgresql" else SqliteWords()
