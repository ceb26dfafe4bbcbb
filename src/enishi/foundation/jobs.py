"""Work of more than half a second, with a bar that survives closing the page.

A room registers how a kind of work is done; ``start`` writes a ``Job`` and hands it to the worker. Work must be
safe to begin again: a job whose worker died is started once more.
"""

import datetime as dt
import logging
import os
import socket
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from django.conf import settings
from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import get_language
from django_tasks import task

from enishi.foundation.models import Job, JobStatus
from enishi.foundation.sentences import gettext as _
from enishi.foundation.sentences import in_language

logger = logging.getLogger(__name__)

REPORT_EVERY = dt.timedelta(milliseconds=300)
SILENT_FOR = dt.timedelta(minutes=5)

Work: TypeAlias = "Callable[[Job, Progress], Mapping[str, Any]]"
_works: dict[str, Work] = {}

finished = Signal()
"""A job is over, however it ended: ``job_id``."""


class CancelledError(Exception):
    """Somebody asked for the job to stop."""


class JobRefusedError(Exception):
    """The work cannot be done; the sentence says why and how to mend it."""


class Progress:
    """Tells the job's row how far the work is, a few times a second at most."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.told_at: dt.datetime | None = None

    def __call__(self, done: int, total: int, message: str = "") -> None:
        """Report, and raise ``CancelledError`` when somebody asked to stop. Call it outside transactions."""
        now = timezone.now()
        if self.told_at is not None and now - self.told_at < REPORT_EVERY and done < total:
            return
        self.told_at = now
        row = Job.objects.filter(pk=self.job.pk)
        words = in_language(message, self.job.language)[:300]
        row.update(done=done, total=total, message=words, heartbeat_at=now)
        if row.filter(cancel_requested=True).exists():
            raise CancelledError


def work(kind: str) -> Callable[[Work], Work]:
    """Register how jobs of this kind are done. The function returns what the job's ``result`` keeps."""

    def register(function: Work) -> Work:
        _works[kind] = function
        return function

    return register


def start(*, kind: str, title: str, person: Any, arguments: Mapping[str, Any], at: dt.datetime) -> Job:
    """Write the job down and hand it to the worker when the transaction is through."""
    if kind not in _works:
        raise LookupError(kind)
    job = Job.objects.create(
        kind=kind,
        title=title[:200],
        person=person,
        arguments=dict(arguments),
        language=(get_language() or settings.LANGUAGE_CODE)[:2],
        created_at=at,
    )
    transaction.on_commit(lambda: run_job.enqueue(str(job.pk)))
    return job


def cancel(job: Job, *, at: dt.datetime) -> None:
    """Ask a job to stop; one that has not begun never will."""
    waiting = Job.objects.filter(pk=job.pk, status=JobStatus.WAITING)
    if not waiting.update(status=JobStatus.CANCELLED, finished_at=at):
        Job.objects.filter(pk=job.pk, status=JobStatus.RUNNING).update(cancel_requested=True)


def restart_abandoned(*, at: dt.datetime) -> int:
    """Hand out again what a dead worker left half done. Returns how many."""
    running = Job.objects.filter(status=JobStatus.RUNNING)
    abandoned = [job for job in running if _is_abandoned(job, at)]
    for job in abandoned:
        mine = running.filter(pk=job.pk, worker=job.worker, heartbeat_at=job.heartbeat_at)
        if mine.update(status=JobStatus.WAITING, heartbeat_at=None, worker=""):
            run_job.enqueue(str(job.pk))
    return len(abandoned)


def _is_abandoned(job: Job, at: dt.datetime) -> bool:
    """Its worker's process is gone from this machine, or a worker elsewhere has long been silent."""
    host, _colon, process = job.worker.rpartition(":")
    if host == socket.gethostname() and process.isdigit():
        return not Path(f"/proc/{process}").exists() if Path("/proc/self").exists() else _is_silent(job, at)
    return _is_silent(job, at)


def _is_silent(job: Job, at: dt.datetime) -> bool:
    return job.heartbeat_at is None or job.heartbeat_at < at - SILENT_FOR


def this_worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


@task()
def run_job(job_id: str) -> None:
    """Do one job. Whatever happens, its row says how it ended."""
    now = timezone.now()
    waiting = Job.objects.filter(pk=uuid.UUID(job_id), status=JobStatus.WAITING)
    if not waiting.update(status=JobStatus.RUNNING, started_at=now, heartbeat_at=now, worker=this_worker()):
        return
    job = Job.objects.get(pk=job_id)
    try:
        result = _works[job.kind](job, Progress(job))
    except CancelledError:
        _finish(job, JobStatus.CANCELLED, _("取り消しました。何も変わっていません。"), {})
    except JobRefusedError as refusal:
        _finish(job, JobStatus.FAILED, str(refusal), {})
    except Exception:
        logger.exception("job failed", extra={"job": job_id})
        sentence = _(
            "予期しない誤りで止まりました。何も変わっていません。管理者に番号 %(id)s を伝えてください。"
        )
        _finish(job, JobStatus.FAILED, sentence % {"id": job_id[:8]}, {})
    else:
        _finish(job, JobStatus.DONE, "", result)


def _finish(job: Job, status: JobStatus, message: str, result: Mapping[str, Any]) -> None:
    words = in_language(message, job.language)[:300]
    Job.objects.filter(pk=job.pk).update(
        status=status, message=words, result=dict(result), finished_at=timezone.now()
    )
    finished.send_robust(Job, job_id=job.pk)
