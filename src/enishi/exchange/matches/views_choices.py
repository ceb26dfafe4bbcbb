"""What administrators choose: weights; what planners mark: conflicts of interest."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.engines.matching import View
from enishi.exchange.asking import (
    now,
    signed_in,
)
from enishi.exchange.errors import RefusedError
from enishi.exchange.matches import services
from enishi.exchange.matches.access import conflict_access, weights_access
from enishi.exchange.matches.forms import ConflictForm
from enishi.exchange.matches.models import ConflictOfInterest, MatchFeedback, WeightsVersion
from enishi.exchange.matches.services.learning import FEWEST
from enishi.exchange.matches.wording import VIEW_NAMES
from enishi.organizations.models import Organization
from enishi.organizations.selectors import current_membership
from enishi.organizations.visibility import reach_of


@signed_in
@require_safe
def weights(request: HttpRequest) -> HttpResponse:
    _require_weights(request)
    versions = list(weights_access.visible(request.user)[:10])
    feedback = MatchFeedback.objects.all()
    have = feedback.count()
    context = {
        "versions": versions,
        "lines": [
            (VIEW_NAMES[view], [version.weights.get(view.value) for version in versions]) for view in View
        ],
        "have": have,
        "led_on": feedback.filter(led_on=True).count(),
        "need": FEWEST,
        "enough": have >= FEWEST,
        "lacking": max(0, FEWEST - have),
    }
    return render(request, "exchange/matches/weights.html", context)


def _require_weights(request: HttpRequest) -> None:
    if not weights_access.allows(request.user, "view", None):
        raise Http404


@signed_in
@require_POST
def weights_learn(request: HttpRequest) -> HttpResponse:
    _require_weights(request)
    try:
        version = services.learn(actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(
            request,
            _("第%(number)d版を作りました。前と後の質を見くらべて、使うかどうかを決めてください。")
            % {"number": version.number},
        )
    return redirect("matches:weights")


@signed_in
@require_POST
def weights_use(request: HttpRequest, number: int) -> HttpResponse:
    _require_weights(request)
    get_object_or_404(WeightsVersion, number=number)
    services.use_weights(number=number, actor=person_of(request), at=now())
    messages.success(request, _("第%(number)d版を使い始めました。") % {"number": number})
    return redirect("matches:weights")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def conflicts(request: HttpRequest) -> HttpResponse:
    """Partners not to be proposed, and why."""
    place = current_membership(request)
    houses = reach_of(request.user).organization_ids
    if place is None or place.organization_id not in houses or not place.organization.is_public_body:
        raise Http404
    house = place.organization
    may_mark = conflict_access.allows(request.user, "mark", house)
    form = ConflictForm(request.POST or None)
    if request.method == "POST" and may_mark and form.is_valid() and _marked(request, house, form):
        return redirect("matches:conflicts")
    rows = ConflictOfInterest.objects.filter(organization=house).select_related("partner", "marked_by")
    context: dict[str, Any] = {
        "house": house,
        "standing": rows.filter(ended_at__isnull=True).order_by("-marked_at"),
        "ended": rows.filter(ended_at__isnull=False).order_by("-ended_at")[:20],
        "form": form,
        "may_mark": may_mark,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "exchange/matches/conflicts.html", context, status=status)


def _marked(request: HttpRequest, house: Organization, form: ConflictForm) -> bool:
    asked = form.cleaned_data["partner"].strip()
    found = list(Organization.objects.active().filter(name=asked)[:2]) or list(
        Organization.objects.active().filter(corporate_number=asked)[:2]
    )
    if len(found) != 1:
        form.add_error(
            "partner",
            _("この名前の団体が見つかりません。一覧のとおりに書くか、法人番号で書いてください。")
            if not found
            else _("同じ名前の団体が二つ以上あります。法人番号で書いてください。"),
        )
        return False
    try:
        services.mark_conflict(
            organization=house,
            partner=found[0],
            reason=form.cleaned_data["reason"],
            actor=person_of(request),
            at=now(),
        )
    except RefusedError as refused:
        form.add_error(None, refused.sentence)
        return False
    messages.success(request, _("%(name)sを縁の候補から外しました。") % {"name": found[0].name})
    return True


@signed_in
@require_POST
def conflict_end(request: HttpRequest, pk: int) -> HttpResponse:
    conflict = get_object_or_404(conflict_access.visible(request.user), pk=pk)
    if not conflict_access.allows(request.user, "end", conflict):
        raise Http404
    services.end_conflict(conflict_id=conflict.pk, actor=person_of(request), at=now())
    messages.success(request, _("解除しました。次に開く縁の一覧から、また候補に挙がります。"))
    return redirect("matches:conflicts")
