"""Addresses that belong to no room: a job, its end asked for; what is being typed into a form, kept or dropped."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from enishi.foundation import form_pages, jobs
from enishi.foundation.models import Job


@login_required
def job(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """How far this person's own work has come; answers htmx and reloads alike."""
    return render(request, "enishi/job.html", {"job": get_object_or_404(Job, pk=job_id, person=request.user)})


@login_required
@require_POST
def job_cancel(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    mine = get_object_or_404(Job, pk=job_id, person=request.user)
    jobs.cancel(mine, at=timezone.now())
    messages.info(request, _("中止を頼みました。いましている1件が終わると止まります。"))
    return redirect("foundation:job", mine.pk)


@login_required
@require_POST
def draft_keep(request: HttpRequest) -> HttpResponse:
    """What this person types into the form of a page, kept from time to time; nobody else ever reads it."""
    form_pages.keep_for(request, request.GET.get("page", ""))
    sentence = _("入力を控えました(%(time)s)。保存はまだです。") % {"time": f"{timezone.localtime():%H:%M}"}
    return HttpResponse(sentence, content_type="text/plain; charset=utf-8")


@login_required
@require_POST
def draft_discard(request: HttpRequest) -> HttpResponse:
    """Drop what was typed and never saved, and show the page as it is stored."""
    page = request.GET.get("page", "")
    form_pages.forget(request, page)
    return redirect(page if url_has_allowed_host_and_scheme(page, allowed_hosts=None) else "/")
