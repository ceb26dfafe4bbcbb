"""Pages that belong to no room: a job, its end asked for."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from enishi.foundation import jobs
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
