"""What is being typed into a long form, kept while somebody types and dropped when they say so."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from enishi.accounts.signed_in import person_of
from enishi.exchange.asking import (
    now,
    signed_in,
    writable_record,
)
from enishi.exchange.kinds import CHALLENGE, QUESTIONS, Kind, StepOf
from enishi.exchange.views_steps import chosen_owner, draft_key, step_of
from enishi.foundation import drafts


@signed_in
@require_POST
def record_draft_keep(request: HttpRequest, kind: Kind, pk: int, slug: str) -> HttpResponse:
    """What is being typed, kept from time to time while somebody types: nothing is lost when the page is."""
    record = writable_record(request, kind, pk)
    step = step_of((*kind.steps, *_questions(kind)), slug)
    return _kept(request, draft_key(kind, record, step))


@signed_in
@require_POST
def record_draft_new(request: HttpRequest, kind: Kind) -> HttpResponse:
    """The same for a record that is not there yet."""
    chosen_owner(request, kind)
    return _kept(request, f"{kind.name}:new")


def _kept(request: HttpRequest, key: str) -> HttpResponse:
    drafts.keep(person_id=person_of(request).pk, form=key, typed=request.POST, at=now())
    sentence = _("入力を控えました(%(time)s)。保存はまだです。") % {"time": f"{timezone.localtime():%H:%M}"}
    return HttpResponse(sentence, content_type="text/plain; charset=utf-8")


@signed_in
@require_POST
def record_draft_discard(request: HttpRequest, kind: Kind, pk: int, slug: str) -> HttpResponse:
    """Drop what was typed and never saved."""
    record = writable_record(request, kind, pk)
    step = step_of((*kind.steps, *_questions(kind)), slug)
    drafts.discard(person_id=person_of(request).pk, forms=[draft_key(kind, record, step)])
    page = "step" if step in kind.steps else "write"
    return redirect(kind.url(page, pk, slug))


def _questions(kind: Kind) -> tuple[StepOf, ...]:
    return QUESTIONS if kind is CHALLENGE else ()
