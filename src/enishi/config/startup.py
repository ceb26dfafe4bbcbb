"""What stands between a folder with this package in it and a served page. Each step does nothing when it is done."""

import shutil
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from enishi.config import archive, new_database
from enishi.config.prepared import newest_style

Tell = Callable[[str], None]


def prepare(tell: Tell, *, backup: bool = True) -> None:
    """Database, static files and model, in order."""
    migrate(tell, backup=backup)
    collect_static(tell)
    prepare_model(tell)


def is_behind() -> bool:
    """Whether somebody's data still stands in the shape of an older version."""
    executor = MigrationExecutor(connection)
    return not new_database.is_new(connection) and bool(
        executor.migration_plan(executor.loader.graph.leaf_nodes())
    )


def migrate(tell: Tell, *, backup: bool = True) -> None:
    """Bring the database to this version's shape. What people entered is backed up first, whoever starts it."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        if backup and archive.is_lived_in():
            tell("新しい版の形に合わせる前に、いまのデータの控えを取ります…")
            tell(f"控え: {archive.back_up(folder=None, tell=tell)}")
        tell(f"データベースを整えています({len(plan)}段)…")
        call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


def collect_static(tell: Tell) -> None:
    """Copy styles and scripts under hashed names, once for each version and change."""
    mark = Path(settings.STATIC_ROOT) / ".collected"
    wanted = f"{version('enishi')} {newest_style()}"
    if mark.exists() and mark.read_text(encoding="utf-8") == wanted:
        return
    tell("画面の部品を並べています…")
    shutil.rmtree(settings.STATIC_ROOT, ignore_errors=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    mark.write_text(wanted, encoding="utf-8")


def prepare_model(tell: Tell) -> None:
    """Make the sentence model's graph from its bundled weights, once."""
    from enishi.language.model_folder import clear_old_models, is_prepared, prepare_model

    if not is_prepared(settings.MODEL_FOLDER):
        tell("言語モデルを用意しています(初回だけ、1分ほど)…")
        prepare_model(settings.MODEL_FOLDER)
    if not is_prepared(settings.MODEL_FOLDER, learnt=False):
        # Questions and documents are read by the model as it was published.
        prepare_model(settings.MODEL_FOLDER, learnt=False)
    clear_old_models(settings.MODEL_FOLDER)


def rebuild_indexes(tell: Tell) -> dict[str, int]:
    """Build what search and matching read from, from the records themselves."""
    from enishi.exchange.matches import services as matches
    from enishi.knowledge import services as knowledge

    counts = {"search": knowledge.reindex_all(tell), "matching": matches.rebuild(tell)}
    tell(f"索引ができました(検索 {counts['search']:,}件、照合 {counts['matching']:,}件)。")
    return counts
