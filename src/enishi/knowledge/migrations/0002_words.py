"""The table of words, in each database's own kind. It holds nothing that a rebuild does not bring back."""

from django.db import migrations

# Written out here: a landed migration does not change with the adapters.
SQLITE = (
    "CREATE VIRTUAL TABLE knowledge_words USING fts5(words, content='', detail=none, columnsize=0, "
    "tokenize=\"ascii tokenchars ':=#_.-'\")",
    "CREATE TABLE knowledge_words_kept (id INTEGER PRIMARY KEY, words BLOB NOT NULL)",
    "CREATE VIRTUAL TABLE knowledge_vocabulary USING fts5vocab('knowledge_words', 'row')",
)
SQLITE_BACK = (
    "DROP TABLE IF EXISTS knowledge_vocabulary",
    "DROP TABLE IF EXISTS knowledge_words",
    "DROP TABLE IF EXISTS knowledge_words_kept",
)
POSTGRESQL = (
    "CREATE TABLE knowledge_words (document_id bigint PRIMARY KEY, tokens tsvector NOT NULL)",
    "ALTER TABLE knowledge_words ALTER COLUMN tokens SET STORAGE MAIN",
    "ALTER TABLE knowledge_words SET (toast_tuple_target = 8160)",
    "CREATE INDEX knowledge_words_tokens ON knowledge_words USING gin (tokens) WITH (fastupdate = off)",
)
POSTGRESQL_BACK = ("DROP TABLE IF EXISTS knowledge_words",)


def forwards(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    for statement in SQLITE_BACK if schema_editor.connection.vendor == "sqlite" else POSTGRESQL_BACK:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0001_search_documents")]
    operations = [migrations.RunPython(forwards, backwards)]
