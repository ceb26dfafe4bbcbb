"""The page of an agreement, making one, and writing its draft."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.agreements import calculations, selectors, services, tellings
from enishi.agreements.access import agreement_access
from enishi.agreements.documents import matters_of
from enishi.agreements.enums import AgreementStatus, ApprovalState, VersionState
from enishi.agreements.errors import NothingToWriteError
from enishi.agreements.forms import AboutForm, NewForm, ReasonForm, TermsForm
from enishi.agreements.forms_rows import ObligationFormSet, PartyFormSet, linked
from enishi.agreements.models import Agreement, Version
from enishi.agreements.next_steps import next_step
from enishi.agreements.pages import (
    form_page,
    now,
    permitted,
    post,
    today,
    visible,
)
from enishi.agreements.scheme_words import told_knowledge
from enishi.agreements.services.records import draft_of, end_is_decided
from enishi.audit.access import may_read_history
from enishi.desk.access import proposal_access
from enishi.foundation import submissions
from enishi.foundation.erasing import RESTORABLE
from enishi.foundation.form_pages import EmptyForm, formset
from enishi.foundation.trash import MOST, Shelf, put_back, throw_away, trash_page
from enishi.organizations.visibility import reach_of


@require_safe
def agreement_detail(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = visible(request, pk)
    version = selectors.version_shown(agreement)
    allows = {name: agreement_access.allows(request.user, name, agreement) for name in _ASKED}
    context: dict[str, Any] = {
        "agreement": agreement,
        "version": version,
        "scheme": told_knowledge().schemes.get(agreement.scheme),
        "signers": list(version.signers.select_related("organization")) if version else [],
        "fields": list(agreement.fields.order_by("order", "pk")),
        "allows": allows,
        "knots": tellings.knots(request.user, agreement, today()),
        "today": today(),
        "is_asleep": calculations.is_asleep(agreement, today()),
        "contents": matters_of(version.contents) if version else [],
    }
    if allows["read_inside"] and version is not None:
        context |= _inside(request, agreement, version)
    if allows["read_approval"]:
        context |= _approval(request, agreement)
    context["next_step"] = next_step(request.user, agreement, context, today())
    context["events"] = tellings.history(agreement) if may_read_history(request.user, agreement) else None
    return render(request, "agreements/agreement_detail.html", context)


_ASKED = (
    "edit",
    "share_draft",
    "work",
    "sign",
    "read_inside",
    "read_approval",
    "request_change",
    "report_incident",
)


def _inside(request: HttpRequest, agreement: Agreement, version: Version) -> dict[str, Any]:
    """What only the keeper's people and the parties read."""
    until = calculations.add_months(today(), 12)
    risks = list(version.risks.all())
    dues = calculations.dues(
        version.obligations.all(),
        agreement.fulfilments.all(),
        until=until,
        repeats_until=calculations.repeats_until(agreement, version),
    )
    bears = agreement_access.bears(request.user, agreement, version)
    told = [(due, bears(due.obligation)) for due in dues if not _is_long_done(due)][:60]
    return {
        "dues": [each for each in told if each[0].done is None],
        "done_dues": [each for each in reversed(told) if each[0].done is not None],
        "risks": risks,
        "gaps": calculations.risk_gaps(risks, version.payment),
        "occurrence": selectors.risk_occurrence([agreement.pk]),
        "incidents": list(agreement.incidents.all()[:20]),
        "disputes": list(agreement.disputes.all()[:20]),
        "changes": list(agreement.changes.select_related("requested_for")[:20]),
        "copies": list(agreement.copies.all()),
        "versions": list(agreement.versions.order_by("-number")),
        "activities": list(agreement.activities.select_related("by")[:10]),
        "prolongations": list(agreement.prolongations.all()),
        "end_is_decided": end_is_decided(agreement),
        "is_sealed": calculations.seal(version) == version.sha256 if version.sha256 else None,
        "draft": next((v for v in agreement.versions.all() if v.state == VersionState.DRAFT), None),
        "is_own": agreement.organization_id in reach_of(request.user).organization_ids,
    }


def _is_long_done(due: calculations.Due) -> bool:
    """Done, and due more than half a year ago: the history tells of it."""
    return due.done is not None and due.on is not None and due.on < today() - dt.timedelta(days=183)


def _approval(request: HttpRequest, agreement: Agreement) -> dict[str, Any]:
    on_its_way = agreement.versions.filter(state=VersionState.IN_APPROVAL).first()
    turn = services.current_turn(on_its_way) if on_its_way else None
    shown = on_its_way or agreement.versions.exclude(approvals=None).order_by("-number").first()
    approvals = list(shown.approvals.select_related("person", "by")) if shown else []
    sent_back = [each for each in approvals if each.state == ApprovalState.RETURNED]
    return {
        "approvals": approvals,
        "returned": sent_back[-1] if sent_back and shown and shown.state == VersionState.DRAFT else None,
        "approved_version": agreement.versions.filter(state=VersionState.APPROVED).first(),
        "turn": turn,
        "is_my_turn": turn is not None and turn.person_id == request.user.pk,
        "may_act_in_place": turn is not None
        and turn.person_id != request.user.pk
        and on_its_way is not None
        and on_its_way.made_by_id != request.user.pk
        and agreement_access.allows(request.user, "approve_in_place", agreement),
    }


@login_required
def agreement_new(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    if not agreement_access.allows(person, "create", None):
        raise PermissionDenied(
            _("協定を起こせるのは、自治体の担当の人です。相手方の方は、提案からお声がけください。")
        )
    proposal = _proposal(request)
    initial = {
        "token": submissions.new_token(),
        "scheme": request.GET.get("scheme", ""),
        "proposal": proposal.pk if proposal else "",
        "title": _("%(title)sに関する協定") % {"title": proposal.title} if proposal else "",
        "counterpart": (proposal.proposer.name if proposal.proposer else proposal.proposer_name)
        if proposal
        else "",
    }
    form = NewForm(request.POST or None, person=person, initial=initial)

    return form_page(
        request,
        None,
        form,
        lambda cleaned: _create(request, cleaned),
        title=_("協定を起こす"),
        submit=_("案を作る"),
        done=_("協定の案ができました。内容・当事者・義務・リスクを順に書いてください。"),
        to=lambda address: str(address),
        lead=_("名称と相手方から始めます。続きはあとから少しずつ書けます。"),
        also={"scheme_help": True},
    )


def _proposal(request: HttpRequest) -> Any:
    text = request.POST.get("proposal") or request.GET.get("proposal") or ""
    if not text.isdecimal() or len(text) > 15:
        return None
    return proposal_access.visible(request.user).filter(pk=int(text)).first()


def _create(request: HttpRequest, cleaned: dict[str, Any]) -> str:
    organization, proposal = cleaned["organization"], _proposal(request)
    names = ("title", "kind", "scheme", "purpose")
    values: dict[str, Any] = {name: cleaned[name] or "" for name in names}
    parties: list[dict[str, Any]] = [
        {"side": "public", "organization_id": organization.pk, "name": organization.name}
    ]
    if cleaned["counterpart"]:
        parties.append(
            {"side": "partner", "name": cleaned["counterpart"], **linked({"name": cleaned["counterpart"]})}
        )
    if proposal is not None and proposal.organization_id == organization.pk:
        values |= {"proposal_id": proposal.pk, "section_id": proposal.section_id}
        values["field_ids"] = list(proposal.fields.values_list("pk", flat=True))
    made = services.create(
        organization=organization, values=values, parties=parties, actor=person_of(request), at=now()
    )
    return made.get_absolute_url()


@login_required
def agreement_about(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = permitted(request, pk, "edit")
    form = AboutForm(
        request.POST or None,
        initial=AboutForm.initial_of(agreement),
        organization=agreement.organization,
        person=person_of(request),
        today=today(),
    )
    opened = _opened(request, agreement)
    return form_page(
        request,
        agreement,
        form,
        lambda _cleaned: services.edit_about(
            agreement_id=pk, values=form.values(), version=opened, actor=person_of(request), at=now()
        ),
        title=_("担当・公開範囲・分野"),
        submit=_("保存する"),
        done=_("保存しました。"),
        lead=_("協定の文面ではない事柄です。決裁の後でも直せます。"),
        also={"opened": opened},
    )


@login_required
def agreement_terms(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = permitted(request, pk, "edit")
    try:
        draft = draft_of(agreement)
    except NothingToWriteError as refused:
        messages.error(request, refused.sentence)
        return redirect(agreement)
    form = TermsForm(request.POST or None, initial=TermsForm.initial_of(draft))
    opened = _opened(request, agreement)
    return form_page(
        request,
        agreement,
        form,
        lambda _cleaned: services.edit_terms(
            agreement_id=pk, values=form.values(), version=opened, actor=person_of(request), at=now()
        ),
        title=_("内容を書く"),
        submit=_("保存する"),
        done=_("内容を保存しました。"),
        also={"opened": opened, "steps": tellings.steps(agreement, "terms")},
    )


@login_required
@require_POST
def agreement_share(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the draft to those who are to sign, or stop showing it."""
    agreement = permitted(request, pk, "share_draft")
    shares = request.POST.get("shares") == "1"
    return post(
        request,
        agreement,
        lambda: services.share_draft(agreement_id=pk, shares=shares, actor=person_of(request), at=now()),
        _("案を当事者に見せ、知らせました。") if shares else _("案を当事者に見せるのをやめました。"),
    )


def _opened(request: HttpRequest, agreement: Agreement) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 9 else agreement.version


ROWS: dict[str, Any] = {
    "parties": (PartyFormSet, services.save_parties),
    "obligations": (ObligationFormSet, services.save_obligations),
}


@login_required
def agreement_rows(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Parties or obligations: all rows on one page."""
    agreement = permitted(request, pk, "edit")
    try:
        draft = draft_of(agreement)
    except NothingToWriteError as refused:
        messages.error(request, refused.sentence)
        return redirect(agreement)
    formset_class, save = ROWS[what]
    opened = _opened(request, agreement)
    rows = formset(request, formset_class, initial=_initial(draft, what), prefix="rows")
    return form_page(
        request,
        agreement,
        EmptyForm(request.POST or None),
        lambda _cleaned: save(
            agreement_id=pk, rows=rows.rows(), version=opened, actor=person_of(request), at=now()
        ),
        title="",
        submit=_("保存する"),
        done=_("保存しました。"),
        to=request.path if request.POST.get("then") == "more" else agreement.get_absolute_url(),
        template=f"agreements/{what}_form.html",
        rows=rows,
        also={"opened": opened, "steps": tellings.steps(agreement, what)},
    )


def _initial(draft: Version, what: str) -> list[dict[str, Any]]:
    if what == "parties":
        names = ("side", "name", "role", "representative", "address", "contact", "kind", "size")
        return [{name: getattr(row, name) for name in names} for row in draft.signers.all()]
    parts = ("key", "bearer", "text", "due_on", "every_months")
    return [{name: getattr(row, name) for name in parts} for row in draft.obligations.all()]


@login_required
def agreement_delete(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = permitted(request, pk, "delete")
    return throw_away(
        request,
        agreement,
        lambda: services.delete(agreement_id=pk, actor=person_of(request), at=now()),
        title=_("協定の案を削除する"),
        crumbs=[(agreement.get_absolute_url(), agreement.title)],
        to=reverse("agreements:agreement_trash"),
    )


@login_required
@require_safe
def agreement_trash(request: HttpRequest) -> HttpResponse:
    """What one may bring back."""
    houses = reach_of(request.user).organization_ids
    rows = Agreement.objects.filter(organization_id__in=houses, deleted_at__gt=now() - RESTORABLE).order_by(
        "-deleted_at"
    )[:MOST]
    found = [row for row in rows if agreement_access.allows(request.user, "restore", row)]
    return trash_page(
        request,
        Shelf(found, "agreements:agreement_restore"),
        title=_("削除した協定"),
        crumbs=[(reverse("agreements:agreement_list"), _("協定"))],
    )


@login_required
@require_POST
def agreement_restore(request: HttpRequest, pk: int) -> HttpResponse:
    houses = reach_of(request.user).organization_ids
    agreement = get_object_or_404(Agreement, pk=pk, organization_id__in=houses)
    return put_back(
        request,
        lambda: services.restore(agreement_id=agreement.pk, actor=person_of(request), at=now()),
        to=reverse("agreements:agreement_trash"),
    )


@login_required
def agreement_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ended after signing, given up before: one page, the word fits the state."""
    from enishi.agreements.forms import EndForm

    agreement = permitted(request, pk, "end")
    person = person_of(request)
    if agreement.status in {AgreementStatus.ENDED, AgreementStatus.ABANDONED}:
        messages.error(request, _("この協定は、もう終わっています。"))
        return redirect(agreement)
    if agreement.status == AgreementStatus.ACTIVE:
        return form_page(
            request,
            agreement,
            EndForm(request.POST or None, initial={"ended_on": today()}),
            lambda cleaned: services.end(
                agreement_id=pk,
                ended_on=cleaned["ended_on"],
                reason=cleaned["reason"],
                actor=person,
                at=now(),
            ),
            title=_("協定を終了する"),
            submit=_("終了する"),
            done=_("終了を記録しました。"),
            danger=True,
        )
    return form_page(
        request,
        agreement,
        ReasonForm(request.POST or None),
        lambda cleaned: services.abandon(agreement_id=pk, reason=cleaned["reason"], actor=person, at=now()),
        title=_("協定を取りやめる"),
        submit=_("取りやめる"),
        done=_("取りやめを記録しました。理由は、あとから見る人の手がかりになります。"),
        danger=True,
    )


def new_address(**given: Any) -> str:
    """Where an agreement is begun with what is known already."""
    from django.urls import reverse

    return f"{reverse('agreements:agreement_new')}?{urlencode(given)}"
