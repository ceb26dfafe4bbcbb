"""What somebody types into a long form, kept while they type: nothing is lost when the page is."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from enishi.accounts.signed_in import person_of
from enishi.foundation import drafts
from enishi.foundation.models import FormDraft
from enishi.knowledge.staff.asking import (
    now,
    signed_in,
)


@signed_in
@require_POST
def keep(request: HttpRequest, form: str) -> HttpResponse:
    """Keep what is being typed; it is this person's alone."""
    drafts.keep(person_id=person_of(request).pk, form=f"knowledge:{form}", typed=request.POST, at=now())
    sentence = _("入力を控えました(%(time)s)。保存はまだです。") % {"time": f"{timezone.localtime():%H:%M}"}
    return HttpResponse(sentence, content_type="text/plain; charset=utf-8")


@signed_in
@require_POST
def discard(request: HttpRequest, form: str) -> HttpResponse:
    """Drop what was typed and never saved."""
    forget(request, form)
    target = request.POST.get("next", "")
    return redirect(target if url_has_allowed_host_and_scheme(target, allowed_hosts=None) else "/")


def forget(request: HttpRequest, form: str) -> None:
    drafts.discard(person_id=person_of(request).pk, forms=[f"knowledge:{form}"])


def kept(request: HttpRequest, form: str) -> FormDraft | None:
    """What this person typed here before, for a form that is only being opened."""
    if request.method == "POST":
        return None
    return drafts.kept(person_id=person_of(request).pk, form=f"knowledge:{form}")


def data_of(
    request: HttpRequest, draft: FormDraft | None, also: dict[str, str] | None = None
) -> QueryDict | Any:
    """What a form is bound to: what was sent now, or what was kept, or nothing."""
    if request.method == "POST":
        return request.POST
    return drafts.as_typed(draft, also) if draft is not None else None
