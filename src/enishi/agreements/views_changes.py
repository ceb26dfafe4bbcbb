"""Changing an agreement: the request, its effects, both sides' consent, the new version."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.agreements import services
from enishi.agreements.access import agreement_access, consent_access
from enishi.agreements.enums import ChangeState, ConsentState
from enishi.agreements.forms import ChangeForm, ConsentForm, ImpactForm
from enishi.agreements.models import Agreement, ChangeRequest, Consent
from enishi.agreements.pages import (
    form_page,
    now,
    permitted,
    post,
    visible,
)
from enishi.organizations.visibility import reach_of


@login_required
def change_new(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = permitted(request, pk, "request_change")
    return form_page(
        request,
        agreement,
        ChangeForm(request.POST or None),
        lambda cleaned: services.request_change(
            agreement_id=pk,
            title=cleaned["title"],
            reason=cleaned["reason"],
            actor=person_of(request),
            at=now(),
        ),
        title=_("変更を申し出る"),
        submit=_("申し出る"),
        done=_("変更を申し出ました。次に、影響を書きます。")
        if agreement_access.allows(request.user, "edit", agreement)
        else _("変更を申し出ました。%(house)sに知らせが届き、影響を書いてから、当事者に同意を求めます。")
        % {"house": agreement.organization.name},
        lead=_(
            "申し出 → 影響 → すべての当事者の同意 → 新しい版 → 決裁 → 締結、の順に進みます。いまの版はそれまで効力を保ちます。"
        ),
        to=lambda change: reverse("agreements:change_detail", args=[change.pk]),
    )


def _change(request: HttpRequest, pk: int) -> tuple[ChangeRequest, Agreement]:
    change = get_object_or_404(
        ChangeRequest.objects.select_related("requested_by", "requested_for", "version"), pk=pk
    )
    agreement = visible(request, change.agreement_id)
    if not agreement_access.allows(request.user, "read_inside", agreement):
        raise Http404
    return change, agreement


@login_required
@require_safe
def change_detail(request: HttpRequest, pk: int) -> HttpResponse:
    change, agreement = _change(request, pk)
    may_edit = agreement_access.allows(request.user, "edit", agreement)
    consents = list(change.consents.select_related("organization", "by", "change__agreement"))
    waiting = change.state == ChangeState.CONSENTING
    awaited = [row for row in consents if waiting and row.state == ConsentState.WAITING]
    own = [row for row in awaited if consent_access.allows(request.user, "consent", row)]
    answerable = {row.pk for row in own} | {
        row.pk for row in awaited if consent_access.allows(request.user, "record", row)
    }
    context = {
        "agreement": agreement,
        "change": change,
        "consents": [(row, row.pk in answerable) for row in consents],
        "awaited": "、".join(row.name for row in awaited),
        "own": own[0] if own else None,
        "refused": [row for row in consents if row.state == ConsentState.REFUSED],
        "has_impact": bool(change.on_terms or change.on_schedule or change.on_risks),
        "may_assess": may_edit and change.state == ChangeState.ASSESSING,
        "may_make": may_edit and change.state == ChangeState.AGREED and change.version is None,
        "may_withdraw": change.state in {ChangeState.ASSESSING, ChangeState.CONSENTING}
        and (may_edit or change.requested_for_id in reach_of(request.user).organization_ids),
    }
    return render(request, "agreements/change_detail.html", context)


@login_required
def change_assess(request: HttpRequest, pk: int) -> HttpResponse:
    change, agreement = _change(request, pk)
    permitted(request, agreement.pk, "edit")
    form = ImpactForm(request.POST or None, initial=ImpactForm.initial_of(change))
    here = reverse("agreements:change_detail", args=[pk])
    return form_page(
        request,
        agreement,
        form,
        lambda _cleaned: services.assess(
            change_id=pk, values=form.values(), actor=person_of(request), at=now()
        ),
        title=_("変更の影響を書く"),
        submit=_("保存する"),
        done=_("影響を保存しました。"),
        lead=change.title,
        to=here,
        also={"cancel": here},
    )


@login_required
@require_POST
def change_ask(request: HttpRequest, pk: int) -> HttpResponse:
    _row, agreement = _change(request, pk)
    permitted(request, agreement.pk, "edit")
    return post(
        request,
        agreement,
        lambda: services.ask_consent(change_id=pk, actor=person_of(request), at=now()),
        _("すべての当事者に同意を求めました。"),
        to=reverse("agreements:change_detail", args=[pk]),
    )


@login_required
def consent_answer(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Consent.objects.select_related("change__agreement"), pk=pk)
    change, agreement = _change(request, row.change_id)
    here = reverse("agreements:change_detail", args=[change.pk])
    own = consent_access.allows(request.user, "consent", row)
    if not own and not consent_access.allows(request.user, "record", row):
        permitted(request, agreement.pk, "record_consent")
    return form_page(
        request,
        agreement,
        ConsentForm(request.POST or None),
        lambda cleaned: services.consent(
            consent_id=pk,
            agree=cleaned["agree"] == "yes",
            comment=cleaned["comment"] or "",
            actor=person_of(request),
            at=now(),
        ),
        title=_("%(name)sの返事") % {"name": row.name},
        submit=_("返事を記録する"),
        done=_("返事を記録しました。"),
        lead=change.title,
        to=here,
        also={"cancel": here},
    )


@login_required
@require_POST
def change_make(request: HttpRequest, pk: int) -> HttpResponse:
    _row, agreement = _change(request, pk)
    permitted(request, agreement.pk, "edit")
    return post(
        request,
        agreement,
        lambda: services.make_version(change_id=pk, actor=person_of(request), at=now()),
        _("新しい版の案ができました。変えるところを書き直し、決裁に回してください。"),
    )


@login_required
@require_POST
def change_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    _row, agreement = _change(request, pk)
    permitted(request, agreement.pk, "request_change")
    return post(
        request,
        agreement,
        lambda: services.withdraw_change(change_id=pk, reason="", actor=person_of(request), at=now()),
        _("変更の申し出を取り下げました。"),
        to=reverse("agreements:change_detail", args=[pk]),
    )
