"""Work the worker does for matching: reading many texts, building indexes, suggesting, learning."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from enishi.accounts.models import Person
from enishi.exchange.matches import services
from enishi.exchange.matches.store import IndexAwayError
from enishi.foundation import jobs, schedule
from enishi.foundation.models import Job, JobStatus
from enishi.foundation.sentences import gettext as _

EMBEDDING, BUILDING, SUGGESTING = "matches.embed", "matches.rebuild", "matches.suggest"


def start_embedding(*, at: dt.datetime) -> None:
    """Have the worker read what was brought in by bulk, unless it is about to."""
    if not _is_waiting(EMBEDDING):
        jobs.start(kind=EMBEDDING, title=_("取り込んだ文章を読み取る"), person=None, arguments={}, at=at)


def start_rebuilding(*, at: dt.datetime) -> None:
    """Have the worker build the index anew, unless somebody asked for it already."""
    if not _is_waiting(BUILDING, JobStatus.RUNNING):
        jobs.start(kind=BUILDING, title=_("縁の索引を作り直す"), person=None, arguments={}, at=at)


def start_suggesting(*, organization_id: int, name: str, person: Person, at: dt.datetime) -> Job:
    """Have the best pairs of an organisation looked for."""
    waiting = Job.objects.filter(
        kind=SUGGESTING,
        status__in=[JobStatus.WAITING, JobStatus.RUNNING],
        arguments={"organization_id": organization_id},
    ).first()
    return waiting or jobs.start(
        kind=SUGGESTING,
        title=_("%(name)sの縁の候補を計算し直す") % {"name": name},
        person=person,
        arguments={"organization_id": organization_id},
        at=at,
    )


def _is_waiting(kind: str, *also: JobStatus) -> bool:
    return Job.objects.filter(kind=kind, status__in=[JobStatus.WAITING, *also]).exists()


@jobs.work(EMBEDDING)
def embed(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    return {"read": services.embed_waiting(progress)}


@jobs.work(BUILDING)
def build(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    return {"matchable": services.rebuild(lambda sentence: progress(0, 0, sentence))}


@jobs.work(SUGGESTING)
def suggest(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    from django.urls import reverse
    from django.utils import timezone

    try:
        found = services.suggest_for(
            organization_id=int(job.arguments["organization_id"]), at=timezone.now(), progress=progress
        )
    except IndexAwayError as error:
        raise jobs.JobRefusedError(
            _("縁の索引を作り直しています。数分してから、もう一度計算してください。")
        ) from error
    Job.objects.filter(pk=job.pk).update(result_url=reverse("matches:pairs"))
    return {"pairs": found}


def register_rounds() -> None:
    """What is done from time to time without anybody asking."""
    for periodic in (
        schedule.Periodic("matches-index", dt.timedelta(seconds=60), services.keep_index),
        schedule.Periodic("matches-meaning", dt.timedelta(minutes=5), _embed_waiting),
        schedule.Periodic("matches-suggestions", dt.timedelta(seconds=30), services.suggest_changed),
        schedule.Periodic(
            "matches-suggest-all", dt.timedelta(days=1), services.suggest_all, daily_at=dt.time(3, 10)
        ),
        schedule.Periodic("matches-silent", dt.timedelta(hours=6), services.remind_silent),
        schedule.Periodic(
            "matches-index-check", dt.timedelta(days=1), services.check_index, daily_at=dt.time(4, 0)
        ),
    ):
        schedule.register(periodic)


def _embed_waiting(at: dt.datetime) -> int:
    return services.embed_waiting()
