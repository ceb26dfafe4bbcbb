"""Writing a proposal: for a partner, for a visitor without an account, and for an officer who was rung up."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from enishi.accounts.models import Person
from enishi.desk import budget_calendar, forms_intake
from enishi.desk.access import STAFF_ROLES, proposal_access
from enishi.desk.behind_links import behind_link
from enishi.desk.calls.models import Call
from enishi.desk.completeness import missing_for_receipt
from enishi.desk.enums import LinkPurpose, Origin, ProposalKind, ProposalStatus
from enishi.desk.errors import RefusedError
from enishi.desk.models import DeskSettings, Proposal, ProposerContact, SecretLink
from enishi.desk.services import files, intake, links
from enishi.exchange import files as file_rules
from enishi.exchange.access import challenge_access
from enishi.exchange.models import Challenge, Contact
from enishi.foundation.errors import refusal
from enishi.foundation.limits import limited
from enishi.foundation.submissions import new_token, once
from enishi.foundation.ui import Step
from enishi.organizations.enums import PARTNER_ROLES
from enishi.organizations.models import Organization
from enishi.organizations.visibility import reach_of

STEPS = ("content", "plan", "sealed", "contact", "check")


def step_labels() -> dict[str, str]:
    return {
        "content": _("提案の中身"),
        "plan": _("進め方と費用"),
        "sealed": _("非公開にしたいこと・ファイル"),
        "contact": _("連絡先"),
        "check": _("確かめて送る"),
    }


@dataclass(frozen=True)
class Writer:
    """Who writes which draft: a signed-in person, or whoever holds the draft's secret link."""

    proposal: Proposal
    actor: Person | None
    secret: str = ""

    @property
    def on_behalf(self) -> bool:
        return self.proposal.origin == Origin.ON_BEHALF

    @property
    def is_visitor(self) -> bool:
        return self.actor is None

    def url(self, step: str) -> str:
        if self.is_visitor:
            return reverse("desk:draft_step", args=[self.secret, step])
        return reverse("desk:write_step", args=[self.proposal.pk, step])


@never_cache
@limited("desk-propose", times=20, seconds=600, methods=("POST",))
def propose(request: HttpRequest, on_behalf: bool = False) -> HttpResponse:
    """The door: to whom, and what kind of thing. ``?challenge=`` and ``?contact=`` bring what it answers."""
    if on_behalf and not isinstance(request.user, Person):
        raise Http404
    call = _call(request)
    challenge, contact = _challenge(request), _contact(request)
    challenge = call.challenges.order_by("pk").first() if call is not None else challenge
    choices = _choices(request, call or challenge, contact, on_behalf)
    form = forms_intake.StartForm(
        request.POST or None,
        choices=choices,
        initial={"to": request.GET.get("to") or choices.first(), "kind": request.GET.get("kind", "")},
    )
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(_begin(request, form.cleaned_data, challenge, contact, call, on_behalf))
        except RefusedError as refused:
            form.add_error(None, refused.sentence)
    context = {
        "form": form,
        "challenge": challenge,
        "call": call,
        "on_behalf": on_behalf,
        "token": new_token(),
        "greeting": _greeting(choices),
        "no_desk": not choices.exists(),
    }
    return render(request, "desk/propose.html", context)


@login_required
def propose_on_behalf(request: HttpRequest) -> HttpResponse:
    """What came by telephone or at the counter."""
    if not _is_staff(request):
        raise PermissionDenied(_("電話や窓口で受けた提案を書けるのは、自治体の職員です。"))
    answer: HttpResponse = propose(request, on_behalf=True)  # type: ignore[assignment]
    return answer


def _is_staff(request: HttpRequest) -> bool:
    return any(role in {one.value for one in STAFF_ROLES} for _pk, role in reach_of(request.user).roles)


def _choices(
    request: HttpRequest, challenge: Challenge | Call | None, contact: Contact | None, on_behalf: bool
) -> Any:
    if on_behalf:
        mine = [pk for pk, role in reach_of(request.user).roles if role in {one.value for one in STAFF_ROLES}]
        return Organization.objects.active().public_bodies().filter(pk__in=mine).order_by("pk")
    if challenge is not None:
        return Organization.objects.filter(pk=challenge.organization_id)
    if contact is not None:
        return Organization.objects.filter(pk=contact.wanting_id)
    return forms_intake.desks()


def _greeting(choices: Any) -> str:
    if choices.count() != 1:
        return ""
    chosen = DeskSettings.objects.filter(organization=choices.first()).first()
    return chosen.greeting if chosen else ""


def _challenge(request: HttpRequest) -> Challenge | None:
    key = request.GET.get("challenge", "")
    if not key.isdecimal() or len(key) > 18:
        return None
    return challenge_access.visible(request.user).exclude(status="draft").filter(pk=int(key)).first()


def _call(request: HttpRequest) -> Call | None:
    key = request.GET.get("call", "")
    if not key.isdecimal() or len(key) > 18:
        return None
    return Call.objects.visible_to(request.user).accepting(timezone.now()).filter(pk=int(key)).first()


def _contact(request: HttpRequest) -> Contact | None:
    key = request.GET.get("contact", "")
    if not key.isdecimal() or len(key) > 18 or not request.user.is_authenticated:
        return None
    mine = reach_of(request.user).organization_ids
    return Contact.objects.filter(pk=int(key), offering_id__in=mine).select_related("challenge").first()


def _begin(
    request: HttpRequest,
    data: dict[str, Any],
    challenge: Challenge | None,
    contact: Contact | None,
    call: Call | None,
    on_behalf: bool,
) -> str:
    at = timezone.now()
    person = request.user if isinstance(request.user, Person) else None
    challenge = contact.challenge if contact is not None else challenge
    origin = Origin.ON_BEHALF if on_behalf else Origin.MATCH if contact else Origin.FREE
    if (call or challenge) is not None and origin == Origin.FREE:
        origin = Origin.CALL

    def make() -> str:
        proposal = intake.start_draft(
            organization=data["to"],
            kind=ProposalKind(data["kind"]),
            actor=person,
            at=at,
            origin=origin,
            proposer=_proposer(person, contact),
            challenge=challenge,
            contact=contact,
            call=call,
        )
        if person is not None:
            return reverse("desk:write_step", args=[proposal.pk, "content"])
        secret = links.secret_of(intake.draft_link(proposal, at=at))
        return reverse("desk:draft_step", args=[secret, "content"])

    if person is None:
        # The one-time token would keep a visitor's secret address in the table: without an account it is not used.
        return make()
    return once(token=request.POST.get("token", ""), person=person, at=at, make=make)


def _proposer(person: Person | None, contact: Contact | None) -> Organization | None:
    """The organisation this person speaks for."""
    if person is None:
        return None
    if contact is not None:
        return contact.offering
    roles = {role.value for role in (*PARTNER_ROLES, *STAFF_ROLES)}
    keys = sorted(pk for pk, role in reach_of(person).roles if role in roles)
    return Organization.objects.active().filter(pk__in=keys).order_by("pk").first()


@login_required
@never_cache
def write_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """One step of a signed-in person's draft."""
    proposal = get_object_or_404(proposal_access.visible(request.user).select_related("organization"), pk=pk)
    assert isinstance(request.user, Person)
    if proposal.stage != ProposalStatus.DRAFT:
        return redirect(proposal)
    if not proposal_access.allows(request.user, "edit", proposal):
        raise PermissionDenied(_("この下書きを書けるのは、提案する団体の人です。"))
    return _step(request, Writer(proposal, request.user), step)


@limited("desk-draft", times=120, seconds=600, methods=("POST",))
@behind_link(LinkPurpose.DRAFT)
def draft_step(request: HttpRequest, link: SecretLink, secret: str, step: str) -> HttpResponse:
    """One step of a visitor's draft, for whoever holds its secret link."""
    if link.proposal.stage != ProposalStatus.DRAFT:
        return refusal(
            request, _("この提案はもう送られています。メールのリンクから状況をご覧ください。"), status=404
        )
    return _step(request, Writer(link.proposal, None, secret), step)


@never_cache
def draft_by_link(request: HttpRequest, secret: str) -> HttpResponse:
    return redirect("desk:draft_step", secret, "content")


def _step(request: HttpRequest, writer: Writer, step: str) -> HttpResponse:
    if step not in STEPS:
        raise Http404
    if step == "check":
        return _check(request, writer)
    form: Any = _form(request, writer, step)
    if request.method == "POST":
        if step == "sealed" and request.POST.get("remove"):
            return _remove(request, writer, form)
        if form.is_valid() and _keep(request, writer, step, form):
            return redirect(_next(request, writer, step))
        if form.is_valid() is False:
            _keep_what_is_right(request, writer, step, form)
    context = {
        "form": form,
        "step": step,
        "label": step_labels()[step],
        "writer": writer,
        "proposal": writer.proposal,
        "steps": _steps(writer, step),
        "files": list(writer.proposal.files.kept()) if step == "sealed" else [],
        "back_url": writer.url(STEPS[STEPS.index(step) - 1]) if step != "content" else "",
    }
    return render(request, "desk/propose_step.html", context)


def _steps(writer: Writer, here: str) -> list[Step]:
    place = STEPS.index(here)
    return [
        Step(
            step_labels()[name],
            writer.url(name),
            "here" if name == here else "done" if index < place else "ahead",
        )
        for index, name in enumerate(STEPS)
    ]


def _form(request: HttpRequest, writer: Writer, step: str) -> Any:
    data, uploaded, proposal = request.POST or None, request.FILES or None, writer.proposal
    if step == "content":
        initial = {name: getattr(proposal, name) for name in ("title", "summary", "effects")}
        return forms_intake.ContentForm(data, initial={**initial, "fields_": proposal.fields.all()})
    if step == "plan":
        names = ("schedule", "requests", "cost_yen", "cost_note", "track_record")
        return forms_intake.PlanForm(data, initial={name: getattr(proposal, name) for name in names})
    if step == "sealed":
        parts = list(proposal.confidential_parts.all())
        initial = {f"heading_{n}": part.heading for n, part in enumerate(parts)}
        initial |= {f"text_{n}": part.text for n, part in enumerate(parts)}
        return forms_intake.SealedForm(data, uploaded, parts=len(parts) + 1, initial=initial)
    contact, _made = ProposerContact.objects.get_or_create(proposal=proposal)
    initial = {name: getattr(contact, name) for name in ("name", "email", "phone", "way")}
    initial |= {
        name: getattr(proposal, name)
        for name in ("proposer_name", "agrees_to_onward", "agrees_to_publication")
    }
    if not writer.is_visitor and not writer.on_behalf and writer.actor is not None:
        initial["name"] = contact.name or writer.actor.name
    return forms_intake.ContactForm(
        data, on_behalf=writer.on_behalf, visitor=writer.is_visitor, initial=initial
    )


def _keep(request: HttpRequest, writer: Writer, step: str, form: Any) -> bool:
    data, at = dict(form.cleaned_data), timezone.now()
    try:
        if step == "sealed":
            intake.save_draft(
                proposal_id=writer.proposal.pk, values={}, parts=form.parts(), actor=writer.actor, at=at
            )
            if data.get("file"):
                _attach(writer, data["file"], data["is_confidential"], at)
        else:
            if "fields_" in data:
                data["fields"] = data.pop("fields_")
            intake.save_draft(proposal_id=writer.proposal.pk, values=data, actor=writer.actor, at=at)
    except RefusedError as refused:
        form.add_error("file" if step == "sealed" else None, refused.sentence)
        return False
    return True


def _keep_what_is_right(request: HttpRequest, writer: Writer, step: str, form: Any) -> None:
    """A mistake in one field loses nothing of the others."""
    right = {
        name: value
        for name, value in form.cleaned_data.items()
        if name in intake.OPEN_VALUES | intake.CONTACT_VALUES and value not in (None, "")
    }
    if right and step != "sealed":
        intake.save_draft(proposal_id=writer.proposal.pk, values=right, actor=writer.actor, at=timezone.now())


def _attach(writer: Writer, file: Any, is_confidential: bool, at: dt.datetime) -> None:
    if file.size > min(file_rules.MOST_BYTES, settings.UPLOAD_MAX_BYTES):
        raise RefusedError(_("このファイルは大きすぎます。10MBまでのファイルを選んでください。"))
    files.attach(
        proposal_id=writer.proposal.pk,
        name=file.name,
        content=file.read(),
        is_confidential=is_confidential,
        actor=writer.actor,
        at=at,
    )


def _remove(request: HttpRequest, writer: Writer, form: Any) -> HttpResponse:
    key = request.POST.get("remove", "")
    mine = (
        writer.proposal.files.kept().filter(pk=int(key) if key.isdecimal() and len(key) < 18 else 0).first()
    )
    if form.is_valid():
        intake.save_draft(
            proposal_id=writer.proposal.pk,
            values={},
            parts=form.parts(),
            actor=writer.actor,
            at=timezone.now(),
        )
    if mine is not None:
        files.remove_file(file_id=mine.pk, actor=writer.actor, at=timezone.now())
        messages.success(request, _("ファイルを外しました。"))
    return redirect(writer.url("sealed"))


def _next(request: HttpRequest, writer: Writer, step: str) -> str:
    if request.POST.get("then") == "stay":
        messages.success(request, _("保存しました。"))
        return writer.url(step)
    return writer.url(STEPS[STEPS.index(step) + 1])


def _check(request: HttpRequest, writer: Writer) -> HttpResponse:
    """Everything once more, and the button."""
    proposal, at = writer.proposal, timezone.now()
    missing = missing_for_receipt(proposal)
    if request.method == "POST":
        try:
            if (done := _checked(request, writer, at, may_send=not missing)) is not None:
                return done
        except RefusedError as refused:
            messages.error(request, refused.sentence)
    context = {
        "writer": writer,
        "proposal": proposal,
        "fields": list(proposal.fields.all()),
        "contact": ProposerContact.objects.filter(proposal=proposal).first(),
        "parts": list(proposal.confidential_parts.all()),
        "files": list(proposal.files.kept()),
        "missing": [(one, writer.url(one.step)) for one in missing],
        "too_late": proposal.call is not None and not proposal.call.accepts(at),
        "steps": _steps(writer, "check"),
        "reach": budget_calendar.reach_of_proposal(proposal.organization_id, timezone.localdate(at)),
        "edit_urls": [(step_labels()[name], writer.url(name)) for name in STEPS[:-1]],
    }
    return render(request, "desk/propose_check.html", context)


def _checked(request: HttpRequest, writer: Writer, at: dt.datetime, *, may_send: bool) -> HttpResponse | None:
    """What the buttons of the last step do; nothing while something is missing."""
    then = request.POST.get("then")
    if then == "discard":
        return _discard(request, writer)
    if then == "leave_call":
        intake.leave_call(proposal_id=writer.proposal.pk, actor=writer.actor, at=at)
        messages.success(request, _("自由提案にしました。内容を確かめて送ってください。"))
        return redirect(writer.url("check"))
    return _send(request, writer, at) if may_send else None


def _send(request: HttpRequest, writer: Writer, at: dt.datetime) -> HttpResponse:
    if writer.is_visitor:
        intake.ask_for_proof(proposal_id=writer.proposal.pk, at=at)
        contact = ProposerContact.objects.get(proposal=writer.proposal)
        return render(
            request, "desk/propose_sent.html", {"email": contact.email, "back_url": writer.url("contact")}
        )
    assert writer.actor is not None
    proposal = intake.submit(proposal_id=writer.proposal.pk, actor=writer.actor, at=at)
    messages.success(request, _("受け付けました。受付番号は %(number)s です。") % {"number": proposal.number})
    return redirect(proposal)


def _discard(request: HttpRequest, writer: Writer) -> HttpResponse:
    intake.discard_draft(proposal_id=writer.proposal.pk, actor=writer.actor, at=timezone.now())
    messages.success(request, _("下書きを消しました。何も送られていません。"))
    return redirect("desk:mine" if writer.actor is not None else "desk:proposal_new")
