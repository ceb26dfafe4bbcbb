"""Backup and restore: one zip that either database can read.

Each table is a file of JSON Lines read in one snapshot, beside the uploaded files, the secret and a manifest with the
migrations the data stands on. Restoring first brings an empty database to those migrations, then loads, then migrates on.
"""

import base64
import datetime as dt
import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
from django.apps import apps
from django.apps.registry import Apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.graph import MigrationGraph
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from enishi.config import new_database

Tell = Callable[[str], None]
FORMAT = 1
BATCH = 1_000
_FLEETING = {"sessions.session", "foundation.heartbeat", "knowledge.passagepieces"}
"""Tables that are worth nothing after a restore, or that the worker makes again."""

_SECRETS = frozenset({"secret.key", "demo-password.txt"})
"""Kept beside the database, for its owner's eyes only."""


class ArchiveError(click.ClickException):
    """The backup cannot be written or read; the sentence says why and what to do, and the command ends with it."""


def back_up(*, folder: Path | None, tell: Tell) -> Path:
    """Write a backup and return its path. Either the whole file is there or none."""
    folder = folder or settings.DATA_FOLDER / "backups"
    name = f"enishi-{timezone.localtime():%Y%m%d-%H%M%S}.zip"
    target, partial = folder / name, folder / f".{name}.partial"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
            _write_contents(archive, tell)
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(target)
    except BaseException as error:
        partial.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise ArchiveError(
            f"控えを書けませんでした({error.strerror})。{folder} の空き容量と書き込みの許しを確かめてください。途中の控えは消しました。"
        ) from error
    return target


def _write_contents(archive: zipfile.ZipFile, tell: Tell) -> None:
    tables: dict[str, dict[str, Any]] = {}
    with _snapshot():
        loader = MigrationExecutor(connection).loader
        for model in _models(_as_stored(loader)):
            tables[model._meta.label_lower] = written = _write_table(archive, model)
            if written["rows"] >= BATCH:
                tell(f"{model._meta.verbose_name}: {written['rows']:,}件")
    for path in _files():
        archive.write(path, f"files/{path.relative_to(settings.MEDIA_ROOT).as_posix()}")
    for name in _SECRETS:
        if (secret := settings.DATA_FOLDER / name).exists():
            archive.write(secret, name)
    manifest = {
        "format": FORMAT,
        "enishi": version("enishi"),
        "made_at": timezone.now().isoformat(),
        "migrations": sorted(f"{app}.{name}" for app, name in loader.applied_migrations),
        "tables": tables,
    }
    archive.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1))


def _as_stored(loader: MigrationLoader) -> Apps:
    """The models in the shape of the database, which a newer program finds as the older one left it."""
    nodes = set(loader.graph.nodes) & set(loader.applied_migrations)
    if nodes == set(loader.graph.nodes):
        return apps
    registry = loader.project_state(_heads(loader.graph, nodes)).apps
    assert isinstance(registry, Apps)
    return registry


def _heads(graph: MigrationGraph, nodes: set[tuple[str, str]]) -> list[tuple[str, str]]:
    return [node for node in nodes if not any(child in nodes for child in graph.node_map[node].children)]


def _files() -> Iterator[Path]:
    root = Path(settings.MEDIA_ROOT)
    return (path for path in sorted(root.rglob("*")) if path.is_file()) if root.exists() else iter(())


@contextmanager
def _snapshot() -> Iterator[None]:
    """All reads see one moment, and nobody has to wait for us."""
    begin = "BEGIN" if connection.vendor == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    with connection.cursor() as cursor:
        cursor.execute(begin)
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _models(registry: Apps) -> list[type[models.Model]]:
    found = registry.get_models(include_auto_created=True)
    return [
        model
        for model in found
        if model._meta.managed and not model._meta.proxy and model._meta.label_lower not in _FLEETING
    ]


def _write_table(archive: zipfile.ZipFile, model: type[models.Model]) -> dict[str, Any]:
    columns = [field.column for field in model._meta.concrete_fields]
    rows, digest = 0, hashlib.sha256()
    key = model._meta.pk
    assert key is not None
    fields = [field.attname for field in model._meta.concrete_fields]
    with archive.open(f"tables/{model._meta.label_lower}.jsonl", "w", force_zip64=True) as file:
        query = model._base_manager.order_by(key.attname).values_list(*fields)
        for values in query.iterator(chunk_size=BATCH):
            line = json.dumps([_portable(value) for value in values], ensure_ascii=False).encode() + b"\n"
            file.write(line)
            digest.update(line)
            rows += 1
    return {"rows": rows, "columns": columns, "sha256": digest.hexdigest()}


def _portable(value: Any) -> Any:
    if isinstance(value, bytes | bytearray | memoryview):
        return {"bytes": base64.b64encode(bytes(value)).decode("ascii")}
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | dict):
        return {"json": value}
    return str(value)


def restore(path: Path, *, tell: Tell) -> None:
    """Fill an empty installation from a backup.

    Raises ``ArchiveError`` when the file is not whole or somebody already works here.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = _manifest(archive)
            _check_empty()
            _check_whole(archive, manifest, tell)
            _load(archive, manifest, tell)
            _put_files_back(archive)
    except (OSError, zipfile.BadZipFile, KeyError, json.JSONDecodeError) as error:
        raise ArchiveError(
            f"{path} を控えとして読めません({error})。ファイルが壊れていないか、縁の控え(enishi-….zip)かを確かめてください。"
        ) from error


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
    if manifest["format"] > FORMAT:
        raise ArchiveError(
            f"この控えは新しい版(縁 {manifest['enishi']})のものです。縁を新しくしてから戻してください。"
        )
    return manifest


def is_lived_in() -> bool:
    """Whether anybody has worked here, in a database of any version."""
    table = apps.get_model("accounts", "Person")._meta.db_table
    if table not in connection.introspection.table_names():
        return False
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table)} LIMIT 1")  # noqa: S608
        return cursor.fetchone() is not None


def _check_empty() -> None:
    if is_lived_in():
        raise ArchiveError(
            "この場所にはもう利用者がいます。上書きはしません。新しいデータフォルダー(ENISHI_DATA)か空のデータベースに戻してください。"
        )


def _check_whole(archive: zipfile.ZipFile, manifest: dict[str, Any], tell: Tell) -> None:
    tell("控えが欠けていないか調べています…")
    for label, table in manifest["tables"].items():
        digest = hashlib.sha256()
        with archive.open(f"tables/{label}.jsonl") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
        if digest.hexdigest() != table["sha256"]:
            raise ArchiveError(
                f"控えの中の {label} が書き換わっているか壊れています。別の控えを使ってください。"
            )

    for entry in archive.infolist():
        if entry.filename.startswith("files/"):
            _read_through(archive, entry)


def _read_through(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """The zip holds a checksum of each file: a broken one is found before anything is restored."""
    with archive.open(entry) as file:
        while file.read(1 << 20):
            pass


def _load(archive: zipfile.ZipFile, manifest: dict[str, Any], tell: Tell) -> None:
    registry = _bring_to(set(manifest["migrations"]))
    with transaction.atomic(), connection.constraint_checks_disabled():
        restored = [model for model in _models(registry) if model._meta.label_lower in manifest["tables"]]
        for model in reversed(restored):
            model._base_manager.all()._raw_delete(using="default")
        for model in restored:
            label = model._meta.label_lower
            tell(f"{label}: {manifest['tables'][label]['rows']:,}件")
            _load_table(archive, model, manifest["tables"][label]["columns"])
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), restored):
                cursor.execute(statement)
        connection.check_constraints()


def _bring_to(applied: set[str]) -> Apps:
    """Migrate to the shape the data was written in, and return the models of that shape."""
    executor = MigrationExecutor(connection)
    nodes = {node for node in executor.loader.graph.nodes if f"{node[0]}.{node[1]}" in applied}
    if nodes == set(executor.loader.graph.nodes) and new_database.is_new(connection):
        new_database.lay_down(connection)
        executor = MigrationExecutor(connection)
    state = executor.migrate(_heads(executor.loader.graph, nodes))
    registry = state.apps
    assert isinstance(registry, Apps)
    return registry


def _load_table(archive: zipfile.ZipFile, model: type[models.Model], columns: list[str]) -> None:
    fields = {field.column: field for field in model._meta.concrete_fields}
    chosen = [fields.get(column) for column in columns]
    _keep_moments(model)
    batch: list[models.Model] = []
    with archive.open(f"tables/{model._meta.label_lower}.jsonl") as file:
        for line in file:
            values = json.loads(line)
            batch.append(
                model(
                    **{
                        field.attname: _native(field, value)
                        for field, value in zip(chosen, values, strict=True)
                        if field is not None
                    }
                )
            )
            if len(batch) == BATCH:
                model._base_manager.bulk_create(batch)
                batch = []
    model._base_manager.bulk_create(batch)


def _keep_moments(model: type[models.Model]) -> None:
    """Moments are the ones that were saved, not the moment of restoring."""
    for field in model._meta.concrete_fields:
        if isinstance(field, models.DateField):
            field.auto_now = field.auto_now_add = False


def _native(field: models.Field[Any, Any], value: Any) -> Any:
    if isinstance(value, dict):
        return base64.b64decode(value["bytes"]) if "bytes" in value else value["json"]
    if value is None or isinstance(field, models.ForeignKey | models.JSONField):
        return value
    return field.to_python(value)


def _put_files_back(archive: zipfile.ZipFile) -> None:
    root = Path(settings.MEDIA_ROOT).resolve()
    for entry in archive.infolist():
        if not entry.filename.startswith("files/") or entry.is_dir():
            continue
        target = (root / entry.filename.removeprefix("files/")).resolve()
        if not target.is_relative_to(root):
            raise ArchiveError(f"控えの中のファイル名 {entry.filename} は使えません。")
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(entry) as source, target.open("wb") as destination:
            shutil.copyfileobj(source, destination)
    for name in _SECRETS & set(archive.namelist()):
        secret = settings.DATA_FOLDER / name
        secret.touch(mode=0o600)
        secret.chmod(0o600)
        secret.write_bytes(archive.read(name))
