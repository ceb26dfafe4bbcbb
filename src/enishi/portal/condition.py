"""Whether each part of the installation answers, in words that give nothing away to a visitor."""

import datetime as dt
import shutil
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enishi.foundation.models import Heartbeat
from enishi.language.model_folder import is_prepared

LEAST_FREE_BYTES = 1_000_000_000
SILENT_FOR = dt.timedelta(minutes=2)


@dataclass(frozen=True)
class Answer:
    code: str
    name: str | Promise
    ok: bool
    words: str | Promise


def answers(at: dt.datetime) -> list[Answer]:
    """One answer of each part."""
    return [_database(), _worker(at), _model(), _disk()]


def is_serving(found: list[Answer]) -> bool:
    """Pages can be answered: without a worker or a model they still can, without the database not."""
    return all(answer.ok for answer in found if answer.code == "database")


def _database() -> Answer:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return Answer("database", _("データベース"), False, _("答えません。"))
    return Answer("database", _("データベース"), True, _("動いています。"))


def _worker(at: dt.datetime) -> Answer:
    name = _("裏方の処理")
    try:
        latest = Heartbeat.objects.order_by("-at").first()
    except DatabaseError:
        return Answer("worker", name, False, _("確かめられません。"))
    if latest is None or at - latest.at > SILENT_FOR:
        return Answer("worker", name, False, _("止まっています。取り込みや通知が遅れます。"))
    return Answer("worker", name, True, _("動いています。"))


def _model() -> Answer:
    ready = is_prepared(settings.MODEL_FOLDER)
    words = _("使えます。") if ready else _("用意ができていません。言葉の一致だけで探します。")
    return Answer("model", _("文の意味を比べるモデル"), ready, words)


def _disk() -> Answer:
    enough = shutil.disk_usage(settings.DATA_FOLDER).free > LEAST_FREE_BYTES
    words = _("足りています。") if enough else _("残りが1GBを切りました。")
    return Answer("disk", _("記憶装置の空き"), enough, words)
