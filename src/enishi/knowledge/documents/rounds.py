"""What the worker does for documents without anybody asking."""

import datetime as dt

from enishi.foundation import schedule
from enishi.knowledge.documents.index import building


def register() -> None:
    minute = dt.timedelta(minutes=1)
    for periodic in (
        schedule.Periodic("documents.embed", minute, _embed),
        schedule.Periodic("documents.index", minute, building.keep_index),
        schedule.Periodic(
            "documents.check", dt.timedelta(days=1), building.check_index, daily_at=dt.time(4, 20)
        ),
    ):
        schedule.register(periodic)


def _embed(at: dt.datetime) -> int:
    return building.embed_waiting()
