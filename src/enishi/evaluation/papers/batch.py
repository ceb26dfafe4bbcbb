"""Very many papers at once, as a job: one file for each sheet, in one archive that can be fetched for a week."""

import datetime as dt
import os
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from enishi.accounts.models import Person
from enishi.evaluation import selectors
from enishi.evaluation.access import subject_access
from enishi.evaluation.models import EvaluationCycle, Subject
from enishi.evaluation.papers.composing import compose
from enishi.evaluation.papers.forms import FORMS
from enishi.evaluation.papers.pdf import pdf_of
from enishi.evaluation.papers.services import file_of, own_form
from enishi.foundation import jobs
from enishi.foundation.models import Job
from enishi.foundation.printing import NoJapaneseFontError

KIND = "evaluation_papers"
FORMATS = ("pdf", "xlsx", "docx")
AT_ONCE = 50
"""Sheets read together: few questions, little memory."""
MOST = 5_000
KEPT_FOR = dt.timedelta(days=7)


def start(*, cycle: EvaluationCycle, form: str, format: str, actor: Person, at: dt.datetime) -> Job:
    """Have the papers of every sheet of the cycle made that this person may read."""
    arguments = {"cycle": cycle.pk, "form": form, "format": format}
    title = _("%(cycle)s: %(form)sを作る") % {"cycle": cycle, "form": FORMS[form].title}
    job = jobs.start(kind=KIND, title=title, person=actor, arguments=arguments, at=at)
    Job.objects.filter(pk=job.pk).update(result_url=reverse("evaluation:papers_fetch", args=[job.pk]))
    return job


@jobs.work(KIND)
def _work(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    cycle = EvaluationCycle.objects.get(pk=job.arguments["cycle"])
    assert job.person is not None
    rows = readable(job.person, cycle)
    keys = list(rows.order_by("code", "pk").values_list("pk", flat=True)[: MOST + 1])
    if len(keys) > MOST:
        raise jobs.JobRefusedError(
            _("一度に作れるのは%(limit)s枚までです。一覧で絞ってから作ってください。")
            % {"limit": f"{MOST:,}"}
        )
    path = archive_path(job)
    path.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=".making-")
    try:
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name, content in made(job, cycle, keys, progress):
                archive.writestr(name, content)
        Path(scratch).replace(path)
    except NoJapaneseFontError as error:
        raise jobs.JobRefusedError(
            _("日本語の文字の部品がないためPDFを作れません。管理者に伝えてください。")
        ) from error
    finally:
        Path(scratch).unlink(missing_ok=True)
    seconds = max(time.monotonic() - began, 0.001)
    # The rate is part of the answer: whoever plans a print run wants to know it.
    return {"papers": len(keys), "seconds": round(seconds, 1), "per_second": round(len(keys) / seconds, 1)}


def readable(person: Person, cycle: EvaluationCycle) -> QuerySet[Subject, Subject]:
    """The sheets whose papers this person may have: those in work only for the house's workers, as on the page."""
    return subject_access.visible(person).filter(cycle=cycle, included=True)


def made(
    job: Job, cycle: EvaluationCycle, keys: Sequence[int], progress: jobs.Progress
) -> Iterator[tuple[str, bytes]]:
    """Each paper with its file's name, read in lots."""
    form = FORMS[job.arguments["form"]]
    own = own_form(cycle.organization_id, form.key)
    done, format = 0, job.arguments["format"]
    if format == "docx" and (own is None or own.kind != format):
        raise jobs.JobRefusedError(
            _("「%(form)s」にはWordの様式が登録されていません。") % {"form": form.title}
        )
    with translation.override("ja"):
        for begin in range(0, len(keys), AT_ONCE):
            lot = Subject.objects.filter(pk__in=keys[begin : begin + AT_ONCE]).select_related(
                "cycle", "programme__section", "node__level", "section", "officer"
            )
            for sheet in selectors.sheets_of(
                list(lot.order_by("code", "pk")), cycle, on=timezone.localdate()
            ):
                paper = compose(form, sheet)
                progress(done, len(keys), _("%(title)s を作っています") % {"title": sheet.subject.title})
                yield (
                    file_name(sheet.subject, form.title, format),
                    pdf_of([paper]) if format == "pdf" else file_of(paper, own, format),
                )
                done += 1
    progress(
        len(keys), len(keys), ngettext("%(n)d枚できました", "%(n)d枚できました", len(keys)) % {"n": len(keys)}
    )


def file_name(subject: Subject, form: object, ending: str) -> str:
    """A name that every system can store, with the number first so that files sort like the list."""
    plain = "".join("_" if letter in '\\/:*?"<>|' else letter for letter in f"{subject.title}")[:60]
    return f"{subject.code}_{plain}_{form}.{ending}"


def archive_path(job: Job) -> Path:
    return Path(settings.MEDIA_ROOT) / "papers" / job.pk.hex


def forget_old(at: dt.datetime) -> int:
    """Throw away archives a week after they were made. Returns how many."""
    oldest = (at - KEPT_FOR).timestamp()
    old = [path for path in (Path(settings.MEDIA_ROOT) / "papers").glob("*") if path.stat().st_mtime < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
