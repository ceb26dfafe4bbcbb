"""Conversations: begin, read, answer, move on, print."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.exchange.asking import (
    now,
    signed_in,
    today,
)
from enishi.exchange.errors import RefusedError
from enishi.exchange.matches import selectors, services
from enishi.exchange.matches.access import contact_access
from enishi.exchange.matches.enums import ContactState, Outcome, Side
from enishi.exchange.matches.forms import DeclineForm, InquiryForm, NoteForm, OutcomeForm
from enishi.exchange.matches.models import Contact
from enishi.exchange.matches.services.contacts import NEXT
from enishi.exchange.matches.views_rankings import both
from enishi.foundation.limits import limited
from enishi.foundation.lists import Facet, FacetChoice, paginate
from enishi.foundation.submissions import new_token, once
from enishi.foundation.thread import case_knots
from enishi.organizations.visibility import reach_of

STEP_LABELS = {
    ContactState.IN_DIALOGUE: gettext_lazy("対話をはじめる・再開する"),
    ContactState.PROPOSED: gettext_lazy("提案があったことを記す"),
    ContactState.ADOPTED: gettext_lazy("連携へ進める"),
    ContactState.DORMANT: gettext_lazy("いったん休止する"),
}


@signed_in
@require_POST
@limited("contact", times=60, seconds=3600)
def begin(request: HttpRequest, challenge_id: int, resource_id: int) -> HttpResponse:
    """話してみる. A second press finds the contact that the first one made."""
    challenge, resource = both(request, challenge_id, resource_id)
    form = InquiryForm(request.POST)
    sides = contact_access.may_open(request.user, challenge, resource)
    if not form.is_valid() or not sides:
        messages.error(request, _("声をかけられるのは、課題か資源を持つ団体の担当の人です。"))
        return redirect("matches:pair", challenge_id, resource_id)
    try:
        contact = services.contact(
            challenge=challenge,
            resource=resource,
            side=_side(form.cleaned_data["side"], sides),
            message=form.cleaned_data["message"],
            actor=person_of(request),
            at=now(),
        )
    except RefusedError as refused:
        messages.error(request, refused.sentence)
        return redirect("matches:pair", challenge_id, resource_id)
    messages.success(request, _("相手に届けました。返事が来たらお知らせします。"))
    return redirect(contact)


@signed_in
@require_POST
def keep(request: HttpRequest, challenge_id: int, resource_id: int) -> HttpResponse:
    """候補に残す."""
    challenge, resource = both(request, challenge_id, resource_id)
    sides = contact_access.may_open(request.user, challenge, resource)
    try:
        if sides:
            services.note_candidate(
                challenge=challenge,
                resource=resource,
                side=_side(request.POST.get("side", ""), sides),
                actor=person_of(request),
                at=now(),
            )
            messages.success(request, _("候補に残しました。相手には知らせていません。"))
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    return redirect("matches:pair", challenge_id, resource_id)


def _side(asked: str, sides: list[Side]) -> Side:
    return next((side for side in sides if side.value == asked), sides[0])


@signed_in
@require_safe
def contact_list(request: HttpRequest) -> HttpResponse:
    rows = selectors.contacts(request.user)
    states = [state for state in request.GET.getlist("state") if state in ContactState.values]
    if states:
        rows = rows.filter(state__in=states)
    waiting = request.GET.get("turn") == "mine"
    if waiting:
        rows = rows.filter(pk__in=selectors.awaiting(request.user).values("pk"))
    page = paginate(rows, order_by=("-last_word_at", "-pk"), parameters=request.GET)
    houses = reach_of(request.user).organization_ids
    context = {
        "page": page,
        "total": rows.count(),
        "rows": [(row, *_seen_from(row, houses)) for row in page.rows],
        "facets": [
            Facet("turn", _("返事"), [FacetChoice("mine", _("こちらの返事を待つもの"), None, waiting)]),
            Facet(
                "state",
                _("進み具合"),
                [FacetChoice(code, label, None, code in states) for code, label in ContactState.choices],
            ),
        ],
    }
    return render(request, "exchange/matches/contact_list.html", context)


def _seen_from(row: Contact, houses: frozenset[int]) -> tuple[str, bool, Any]:
    """The other side's name, whether our word is awaited, and the tone of the state."""
    ours = Side.CHALLENGE if row.wanting_id in houses else Side.RESOURCE
    other = row.offering.name if ours is Side.CHALLENGE else row.wanting.name
    talking = {ContactState.CONTACTED, ContactState.IN_DIALOGUE, ContactState.PROPOSED}
    mine = row.state in talking and (
        row.turn == ours or (row.wanting_id in houses and row.offering_id in houses)
    )
    return other, mine, ContactState(row.state).tone


def visible_contact(request: HttpRequest, pk: int) -> Contact:
    return get_object_or_404(selectors.contacts(request.user), pk=pk)


@signed_in
@require_safe
def contact_detail(request: HttpRequest, pk: int) -> HttpResponse:
    contact = visible_contact(request, pk)
    return _thread(request, contact, NoteForm(initial={"token": new_token()}), DeclineForm())


def _thread(
    request: HttpRequest,
    contact: Contact,
    note_form: NoteForm,
    decline_form: DeclineForm,
    *,
    status: int = 200,
) -> HttpResponse:
    sides = contact_access.sides(request.user, contact)
    state = ContactState(contact.state)
    other, mine, tone = _seen_from(contact, reach_of(request.user).organization_ids)
    steps = [
        (each.value, STEP_LABELS[each])
        for each in NEXT[state]
        if each in STEP_LABELS and state != ContactState.SUGGESTED
    ]
    context = {
        "contact": contact,
        "notes": list(contact.notes.all()),
        "other": other,
        "mine": mine,
        "tone": tone,
        "sides": sides,
        "side": sides[0].value if sides else "",
        "note_form": note_form,
        "decline_form": decline_form,
        "outcome_form": OutcomeForm(initial={"outcome": contact.outcome}),
        "inquiry_form": InquiryForm(initial={"side": sides[0].value if sides else "", "token": new_token()}),
        "steps": steps if sides else [],
        "may_decline": bool(sides) and ContactState.DECLINED in NEXT[state],
        "is_candidate": state == ContactState.SUGGESTED,
        "is_adopted": state == ContactState.ADOPTED,
        "outcome": Outcome(contact.outcome).label if contact.outcome else "",
        "silent": contact.silent_days(now()),
        "knots": case_knots(request.user, "contact", contact.pk, today()),
    }
    return render(request, "exchange/matches/contact_detail.html", context, status=status)


@signed_in
@require_POST
def contact_note(request: HttpRequest, pk: int) -> HttpResponse:
    contact = visible_contact(request, pk)
    sides = contact_access.sides(request.user, contact)
    form = NoteForm(request.POST)
    if not sides:
        messages.error(request, _("この対話に書けるのは、両方の団体の担当の人です。"))
        return redirect(contact)
    if not form.is_valid():
        return _thread(request, contact, form, DeclineForm(), status=422)
    try:
        once(
            token=form.cleaned_data["token"],
            person=request.user,
            at=now(),
            make=lambda: _note(request, contact, form.cleaned_data["body"], form.cleaned_data["side"], sides),
        )
    except RefusedError as refused:
        messages.error(request, refused.sentence)
        return redirect(contact)
    messages.success(request, _("相手に届けました。"))
    return redirect(contact)


def _note(request: HttpRequest, contact: Contact, body: str, side: str, sides: list[Side]) -> str:
    note = services.write_note(
        contact_id=contact.pk, body=body, side=_side(side, sides), actor=person_of(request), at=now()
    )
    return str(note.pk)


@signed_in
@require_POST
def contact_move(request: HttpRequest, pk: int) -> HttpResponse:
    contact = visible_contact(request, pk)
    sides = contact_access.sides(request.user, contact)
    asked = request.POST.get("state", "")
    if not sides or asked not in ContactState.values:
        messages.error(request, _("進み具合を変えられるのは、両方の団体の担当の人です。"))
        return redirect(contact)
    state, form = ContactState(asked), DeclineForm(request.POST)
    if state == ContactState.DECLINED and not form.is_valid():
        return _thread(request, contact, NoteForm(initial={"token": new_token()}), form, status=422)
    try:
        services.move(
            contact_id=contact.pk,
            state=state,
            side=_side(request.POST.get("side", ""), sides),
            actor=person_of(request),
            at=now(),
            reason=request.POST.get("reason", ""),
            note=request.POST.get("note", ""),
        )
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("「%(state)s」にしました。") % {"state": state.label})
    return redirect(contact)


@signed_in
@require_POST
def contact_outcome(request: HttpRequest, pk: int) -> HttpResponse:
    contact = visible_contact(request, pk)
    sides = contact_access.sides(request.user, contact)
    form = OutcomeForm(request.POST)
    if not sides or not form.is_valid():
        messages.error(request, _("その後の様子を選んでください。"))
        return redirect(contact)
    try:
        services.note_outcome(
            contact_id=contact.pk,
            outcome=Outcome(form.cleaned_data["outcome"]),
            side=sides[0],
            actor=person_of(request),
            at=now(),
        )
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("その後の様子を記しました。"))
    return redirect(contact)


@signed_in
@require_safe
def contact_letter(request: HttpRequest, pk: int) -> HttpResponse:
    """The inquiry as a letter, for a partner without a computer."""
    contact = visible_contact(request, pk)
    inquiry = contact.notes.filter(kind="inquiry").first()
    context = {
        "contact": contact,
        "body": inquiry.body if inquiry else services.first_words(contact),
        "today": today(),
        "from_wanting": contact.opened_side == Side.CHALLENGE,
    }
    return render(request, "exchange/matches/contact_letter.html", context)
