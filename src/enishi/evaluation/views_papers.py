"""Official forms of a sheet: as a page, xlsx and PDF; those of a whole cycle as a job."""

import uuid

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.evaluation.pages import (
    now,
    sheet_crumbs,
    signed_in,
    visible_cycle,
    visible_sheet,
)
from enishi.evaluation.papers import batch
from enishi.evaluation.papers.composing import compose
from enishi.evaluation.papers.forms import FORMS
from enishi.evaluation.papers.pdf import pdf_of
from enishi.evaluation.papers.services import file_of, own_form
from enishi.evaluation.views_sheets import shown_sheet
from enishi.foundation import downloads
from enishi.foundation.documents import DOCX
from enishi.foundation.errors import refusal
from enishi.foundation.models import Job, JobStatus
from enishi.foundation.printing import NoJapaneseFontError
from enishi.organizations.visibility import reach_of

PDF = "application/pdf"


@signed_in
@require_safe
def sheet_paper(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    subject = visible_sheet(request, pk)
    if form not in FORMS:
        raise Http404
    paper = compose(FORMS[form], shown_sheet(request, subject))
    kind = request.GET.get("format", "")
    name = batch.file_name(subject, FORMS[form].title, kind)
    own = own_form(subject.organization_id, form)
    if kind == "xlsx" or (own is not None and kind == own.kind):
        media = DOCX if kind == "docx" else downloads.XLSX
        return downloads.attachment(
            file_of(paper, own, kind), media, plain=f"{form}-{subject.pk}.{kind}", name=name
        )
    if kind == "pdf":
        try:
            content = pdf_of([paper])
        except NoJapaneseFontError:
            return refusal(
                request,
                _("日本語の文字の部品がないためPDFを作れません。情報システムの担当に伝えてください。"),
                status=503,
            )
        return downloads.attachment(content, PDF, plain=f"{form}-{subject.pk}.pdf", name=name)
    context = {
        "subject": subject,
        "form": FORMS[form],
        "forms": FORMS.values(),
        "paper": paper,
        "own": own,
        "crumbs": sheet_crumbs(subject),
        "inside": subject.organization_id in reach_of(request.user).organization_ids,
    }
    return render(request, "evaluation/sheet_paper.html", context)


@signed_in
@require_POST
def papers_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Have one form made for every sheet of the cycle."""
    cycle = visible_cycle(request, pk)
    form, kind = request.POST.get("form", ""), request.POST.get("format", "")
    if form not in FORMS or kind not in batch.FORMATS:
        return redirect(cycle)
    job = batch.start(cycle=cycle, form=form, format=kind, actor=person_of(request), at=now())
    return redirect("foundation:job", job.pk)


@signed_in
@require_safe
def papers_fetch(request: HttpRequest, job_id: uuid.UUID) -> HttpResponseBase:
    """The archive, for the person who asked for it."""
    job = get_object_or_404(Job, pk=job_id, person=request.user, kind=batch.KIND, status=JobStatus.DONE)
    path = batch.archive_path(job)
    if not path.exists():
        raise Http404(_("作ったファイルは7日で消えます。もう一度作ってください。"))
    answer = FileResponse(path.open("rb"), content_type="application/zip")
    answer.headers["Content-Disposition"] = downloads.disposition(plain="papers.zip", name=f"{job.title}.zip")
    return answer
