"""How the installation is: what ``doctor``, ``verify`` and the health page tell."""

import datetime as dt
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from enishi.audit.models import AuditEvent
from enishi.audit.selectors import broken_links
from enishi.config.stored_files import take_stock
from enishi.foundation.models import Heartbeat

LEAST_FREE_BYTES = 1_000_000_000


@dataclass(frozen=True)
class Finding:
    name: str
    ok: bool
    detail: str


def examination() -> list[Finding]:
    """Everything ``doctor`` looks at."""
    return [_looked_at(name, look) for name, look in _LOOKS.items()]


def integrity() -> list[Finding]:
    """Everything ``verify`` proves."""
    looks = {"データベース": _database_whole, "操作の記録": _chain, "添付": _files_whole}
    return [_looked_at(name, look) for name, look in looks.items()]


def _looked_at(name: str, look: Callable[[], tuple[bool, str]]) -> Finding:
    try:
        ok, detail = look()
    except (DatabaseError, OSError) as error:
        ok, detail = False, f"調べられません({error})。"
    return Finding(name, ok, detail)


def _chain() -> tuple[bool, str]:
    broken = list(broken_links())
    if broken:
        return False, f"{len(broken)}か所で切れています。最初は {broken[0].sequence} 番: {broken[0].reason}"
    return True, f"{AuditEvent.objects.count():,}件すべてつながっています。"


def _files_whole() -> tuple[bool, str]:
    stock = take_stock()
    faults = [("見当たらないもの", stock.gone), ("中身が変わったもの", stock.changed)]
    told = [f"{words} {len(names)}件(最初は {names[0]})" for words, names in faults if names]
    if told:
        return False, f"{'、'.join(told)}があります。控えから {settings.MEDIA_ROOT} に戻してください。"
    return True, f"{stock.whole:,}件すべてあり、入れたときのままです。"


def _database_whole() -> tuple[bool, str]:
    if connection.vendor != "sqlite":
        return True, "PostgreSQL の検査は amcheck で行ってください。接続と移行は無事です。"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA quick_check")
        answer = cursor.fetchone()[0]
        cursor.execute("PRAGMA foreign_key_check")
        dangling = len(cursor.fetchall())
    if answer != "ok" or dangling:
        return False, f"壊れています({answer}、行き先のない参照 {dangling}件)。最新の控えから戻してください。"
    return True, "無傷です。"


def _connection() -> tuple[bool, str]:
    connection.ensure_connection()
    plan = MigrationExecutor(connection)
    missing = plan.migration_plan(plan.loader.graph.leaf_nodes())
    if missing:
        return False, f"移行が {len(missing)}段 残っています。enishi upgrade を実行してください。"
    return True, f"{connection.vendor} につながり、この版の形です。"


def _disk() -> tuple[bool, str]:
    folder, free = settings.DATA_FOLDER, shutil.disk_usage(settings.DATA_FOLDER).free
    if not os.access(folder, os.W_OK):
        return False, f"{folder} に書き込めません。持ち主と許し、読み取り専用でないかを確かめてください。"
    if free <= LEAST_FREE_BYTES:
        least = LEAST_FREE_BYTES / 1e9
        return (
            False,
            f"{folder} の空きは {free / 1e9:.1f} GBです。{least:.1f} GB以上になるよう、要らないファイルを除いてください。",
        )
    return True, f"{folder} の空きは {free / 1e9:.1f} GBです。"


def _secret() -> tuple[bool, str]:
    path = Path(settings.DATA_FOLDER) / "secret.key"
    if not path.exists():
        return True, "環境変数 ENISHI_SECRET_KEY を使っています。"
    mode = path.stat().st_mode & 0o777
    return mode == 0o600, f"{path} の許しは {mode:o} です(600 であるべきもの)。"


def _model() -> tuple[bool, str]:
    from enishi.language.model_folder import is_prepared

    ready = is_prepared(settings.MODEL_FOLDER)
    return ready, "用意できています。" if ready else "まだです。enishi setup を実行してください。"


def _worker() -> tuple[bool, str]:
    latest = Heartbeat.objects.order_by("-at").first()
    if latest is None:
        return False, "一度も動いていません。enishi run か enishi worker で動かしてください。"
    silent = timezone.now() - latest.at
    return silent < dt.timedelta(minutes=2), f"最後の合図は {silent.total_seconds():.0f} 秒前です。"


def _mail() -> tuple[bool, str]:
    if settings.EMAIL_HOST:
        return True, f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT} から送ります。"
    return (
        True,
        f"送信先がないため {settings.EMAIL_FILE_PATH} に書き出します(ENISHI_SMTP_HOST で変えられます)。",
    )


def _tls() -> tuple[bool, str]:
    outside = [host for host in settings.ALLOWED_HOSTS if host not in ("localhost", "127.0.0.1", "[::1]")]
    if outside and not settings.BEHIND_TLS:
        return (
            False,
            f"{', '.join(outside)} に開いていますが暗号化の設定がありません。ENISHI_TLS=true にしてください。",
        )
    return True, "暗号化して受けます。" if settings.BEHIND_TLS else "この機械の中だけで受けます。"


def _font() -> tuple[bool, str]:
    from enishi.foundation.printing import NoJapaneseFontError, font_folder

    try:
        return True, f"PDFの日本語の字は {font_folder()} から使います。"
    except NoJapaneseFontError:
        return (
            False,
            "PDFに使う日本語の字が見つかりません。make setup をやり直すか、ENISHI_FONTS に字のあるフォルダーを書いてください。",
        )


_LOOKS: dict[str, Callable[[], tuple[bool, str]]] = {
    "データベース": _connection,
    "空き容量": _disk,
    "鍵": _secret,
    "言語モデル": _model,
    "裏方の処理": _worker,
    "メール": _mail,
    "暗号化": _tls,
    "PDFの字": _font,
}
