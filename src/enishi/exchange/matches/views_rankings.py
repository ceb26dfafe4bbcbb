"""Rankings: resources for a challenge, challenges for a resource, one pair beside each other, the best pairs of a house."""

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.engines.matching import Rule, View
from enishi.exchange.access import challenge_access, resource_access
from enishi.exchange.asking import (
    now,
    signed_in,
    today,
    visible_record,
)
from enishi.exchange.enums import ResourceKind
from enishi.exchange.kinds import CHALLENGE, RESOURCE
from enishi.exchange.matches import calculations, selectors, services, tasks, wording
from enishi.exchange.matches.access import contact_access
from enishi.exchange.matches.forms import InquiryForm
from enishi.exchange.matches.models import SuggestedMatch
from enishi.exchange.matches.selectors import Filter, Found, RankedPage
from enishi.exchange.matches.services.contacts import hidden_side
from enishi.exchange.matches.services.indexing import is_matchable
from enishi.exchange.matches.store import IndexAwayError
from enishi.exchange.matches.wording import BROKEN
from enishi.exchange.models import Challenge, Resource
from enishi.exchange.windows import window_in_words
from enishi.foundation.forms import clean_text
from enishi.foundation.lists import CursorPage, Facet, FacetChoice, paginate
from enishi.foundation.submissions import new_token
from enishi.foundation.templatetags.enishi import wareki_text
from enishi.foundation.thread import Reached, Stage, case_thread
from enishi.foundation.ui import CompareRow
from enishi.organizations.enums import OrganizationKind
from enishi.organizations.selectors import current_membership
from enishi.organizations.visibility import reach_of

REGION_NAMES = {
    "here": gettext_lazy("対象の地域で対応"),
    "nationwide": gettext_lazy("全国で対応"),
    "elsewhere": gettext_lazy("ほかの地域・記入なし"),
}
FURTHEST = 300
SAME, DIFFERENT = 0.7, 0.3


@signed_in
@require_safe
def challenge_matches(request: HttpRequest, pk: int) -> HttpResponse:
    challenge = visible_record(request, CHALLENGE, pk)
    context = {
        "challenge": challenge,
        "record": challenge,
        "kind": "challenge",
        "knots": _knots(challenge),
        "inside": challenge.organization_id in reach_of(request.user).organization_ids,
    }
    return _ranking(request, challenge, context, "exchange/matches/challenge_matches.html")


@signed_in
@require_safe
def resource_matches(request: HttpRequest, pk: int) -> HttpResponse:
    resource = visible_record(request, RESOURCE, pk)
    context = {"resource": resource, "record": resource, "kind": "resource", "inside": True}
    return _ranking(request, resource, context, "exchange/matches/resource_matches.html")


def _ranking(
    request: HttpRequest, record: Challenge | Resource, context: dict[str, Any], template: str
) -> HttpResponse:
    if not is_matchable(record):
        return render(request, "exchange/matches/not_matchable.html", context)
    wanted, offset = read_filter(request), _offset(request)
    try:
        page = _page_of(request, record, wanted, offset)
    except IndexAwayError:
        tasks.start_rebuilding(at=now())
        return render(request, "exchange/matches/away.html", context, status=503)
    context |= {
        "page": page,
        "pager": CursorPage(page.rows, page.next_cursor, page.previous_cursor),
        "facets": facets(page, wanted),
        "wanted": wanted,
        "as_of": today(),
    }
    return render(request, template, context)


def _page_of(request: HttpRequest, record: Challenge | Resource, wanted: Filter, offset: int) -> RankedPage:
    if isinstance(record, Challenge):
        return selectors.ranked_resources(request.user, record, at=now(), wanted=wanted, offset=offset)
    return selectors.ranked_challenges(request.user, record, at=now(), wanted=wanted, offset=offset)


def read_filter(request: HttpRequest) -> Filter:
    """What the address asks for; words nobody knows are left out."""
    return Filter(
        fields=frozenset(clean_text(code) for code in request.GET.getlist("field")[:30]),
        kinds=frozenset(request.GET.getlist("kind")[:30]) & frozenset(ResourceKind.values),
        regions=frozenset(request.GET.getlist("region")) & frozenset(selectors.REGIONS),
        new=request.GET.get("new") == "1",
    )


def _offset(request: HttpRequest) -> int:
    text = request.GET.get("after") or request.GET.get("before") or "0"
    return min(int(text), FURTHEST) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def facets(page: RankedPage, wanted: Filter) -> list[Facet]:
    counts = page.choices
    fields = [
        FacetChoice(
            field.code, field.told_name, counts["field"].get(field.code, 0), field.code in wanted.fields
        )
        for field in selectors.top_fields()
        if counts["field"].get(field.code) or field.code in wanted.fields
    ]
    kinds = [
        FacetChoice(code, label, counts["kind"].get(code, 0), code in wanted.kinds)
        for code, label in ResourceKind.choices
        if counts["kind"].get(code) or code in wanted.kinds
    ]
    regions = [
        FacetChoice(code, label, counts["region"].get(code, 0), code in wanted.regions)
        for code, label in REGION_NAMES.items()
        if counts["region"].get(code) or code in wanted.regions
    ]
    new = [FacetChoice("1", _("この30日に公開されたものだけ"), counts["new"].get("1", 0), wanted.new)]
    return [
        Facet("kind", _("資源の種類"), kinds),
        Facet("region", _("地域"), regions),
        Facet("new", _("新しさ"), new),
        Facet("field", _("分野"), fields),
    ]


@signed_in
@require_safe
def pair(request: HttpRequest, challenge_id: int, resource_id: int) -> HttpResponse:
    """One challenge and one resource beside each other, with why."""
    challenge, resource = both(request, challenge_id, resource_id)
    found = calculations.compare(challenge, resource, at=now())
    sides = contact_access.may_open(request.user, challenge, resource)
    contact = selectors.contact_of(request.user, challenge, resource)
    context = {
        "challenge": challenge,
        "resource": resource,
        "found": Found(found.match, resource, contact),
        "broken": _told(request, challenge, found.broken),
        "rows": compare_rows(challenge, resource, found),
        "left_text": wording.marked(
            found.want.evidence.text, [(each.want_start, each.want_end) for each in found.match.phrases]
        ),
        "right_text": wording.marked(
            found.can.evidence.text, [(each.can_start, each.can_end) for each in found.match.phrases]
        ),
        "past": selectors.similar_past_pairs(request.user, challenge, resource),
        "sides": sides,
        "contact": contact,
        "hidden": hidden_side(challenge, resource) if sides else None,
        "may_talk": bool(sides) and is_matchable(challenge) and is_matchable(resource),
        "form": InquiryForm(initial={"token": new_token(), "side": sides[0].value if sides else ""}),
        "weights_version": calculations.active_weights().version,
        "knots": _knots(challenge),
    }
    return render(request, "exchange/matches/pair.html", context)


def _told(request: HttpRequest, challenge: Challenge, broken: tuple[Rule, ...]) -> list[Any]:
    """What keeps the two apart; a conflict of interest is told to the house that marked it alone."""
    inside = challenge.organization_id in reach_of(request.user).organization_ids
    return [BROKEN[rule] for rule in broken if inside or rule is not Rule.CONFLICT_OF_INTEREST]


def both(request: HttpRequest, challenge_id: int, resource_id: int) -> tuple[Challenge, Resource]:
    """The two records, or 404 for whoever may not know of one of them."""
    challenges: QuerySet[Challenge] = challenge_access.visible(request.user)
    resources: QuerySet[Resource] = resource_access.visible(request.user)
    return (
        get_object_or_404(challenges.select_related("organization", "section"), pk=challenge_id),
        get_object_or_404(resources.select_related("organization__seat", "section"), pk=resource_id),
    )


def compare_rows(challenge: Challenge, resource: Resource, found: calculations.Pair) -> list[CompareRow]:
    """The conditions of both sides, line by line."""
    sides: dict[View, tuple[Any, Any]] = {
        View.FIELDS: (_names(challenge.fields), _names(resource.fields)),
        View.KINDS: (
            "・".join(challenge.get_resource_kinds_display()),
            "・".join(resource.get_kinds_display()),
        ),
        View.REGION: (_places(challenge), _places(resource)),
        View.WINDOW: (_window(challenge), _window(resource)),
        View.BUDGET: (_yen(challenge.budget_min_yen, challenge.budget_max_yen), _cost(resource)),
        View.FRESHNESS: ("―", wareki_text(resource.confirmed_on) if resource.confirmed_on else ""),
    }
    notes = {reason.view: wording.in_words(reason) for reason in found.match.reasons}
    return [
        CompareRow(
            wording.VIEW_NAMES[view],
            left,
            right,
            _verdict(found.match.part(view).value),
            notes.get(view, ""),
        )
        for view, (left, right) in sides.items()
    ]


def _verdict(value: float | None) -> Any:
    if value is None:
        return "unknown"
    return "same" if value >= SAME else "differs" if value < DIFFERENT else "partly"


def _names(fields: Any) -> str:
    return _("・").join(field.told_name for field in fields.all())


def _places(record: Challenge | Resource) -> str:
    if isinstance(record, Resource) and record.is_nationwide:
        return _("全国")
    names = [area.name for area in record.areas.all()[:20]]
    return "、".join(names) or (record.organization.name if isinstance(record, Challenge) else "")


def _window(record: Challenge | Resource) -> str:
    verb = _("受け入れ") if isinstance(record, Challenge) else _("提供")
    return window_in_words(record.window_from, record.window_to, today=today(), verb=verb)


def _yen(low: int | None, high: int | None) -> str:
    if low is None and high is None:
        return ""
    if not low and not high:
        return _("0円")
    return _("%(low)s円から%(high)s円") % {
        "low": f"{low or 0:,}",
        "high": f"{high:,}" if high is not None else _("上限なし"),
    }


def _cost(resource: Resource) -> str:
    words = str(resource.get_cost_terms_display())
    amount = _yen(resource.cost_min_yen, resource.cost_max_yen)
    return f"{words} {amount}" if amount else words


def _knots(challenge: Challenge) -> list[Any]:
    begun = (challenge.published_at or challenge.created_at).date()
    reached = Reached(on=begun, url=challenge.get_absolute_url(), title=challenge.title)
    return case_thread(here=Stage.MATCH, reached={Stage.CHALLENGE: reached}, today=today())


@signed_in
@require_safe
def pairs(request: HttpRequest) -> HttpResponse:
    """The best pairs over everything the person's houses have, kept by the worker."""
    wanted, rows = read_filter(request), selectors.suggestions(request.user)
    if wanted.fields:
        rows = rows.filter(
            Q(challenge__fields__code__in=wanted.fields)
            | Q(challenge__fields__parent__code__in=wanted.fields)
        ).distinct()
    if request.GET.get("from") == "towns":
        rows = rows.filter(offering__kind__in=[OrganizationKind.MUNICIPALITY, OrganizationKind.PREFECTURE])
    if wanted.new:
        keys = [each.pk for each in selectors.new_suggestions(request.user, now(), limit=200)]
        rows = rows.filter(pk__in=keys)
    place = current_membership(request)
    page = paginate(rows, order_by=("-score", "pk"), parameters=request.GET)
    context = {
        "page": page,
        "rows": _with_words(page.rows),
        "facets": _pair_facets(request, wanted),
        "total": rows.count(),
        "place": place,
        "may_again": place is not None and place.organization.is_public_body,
        "checked_at": rows.order_by("-checked_at").values_list("checked_at", flat=True).first(),
    }
    return render(request, "exchange/matches/pairs.html", context)


def _with_words(rows: Any) -> list[tuple[SuggestedMatch, str, str]]:
    return [(row, wording.grade(row.score), wording.grade_tone(row.score)) for row in rows]


def _pair_facets(request: HttpRequest, wanted: Filter) -> list[Facet]:
    towns = request.GET.get("from") == "towns"
    return [
        Facet("new", _("新しさ"), [FacetChoice("1", _("前に見てから出たものだけ"), None, wanted.new)]),
        Facet("from", _("相手"), [FacetChoice("towns", _("ほかの自治体の資源だけ"), None, towns)]),
        Facet(
            "field",
            _("分野"),
            [
                FacetChoice(field.code, field.told_name, None, field.code in wanted.fields)
                for field in selectors.top_fields()
            ],
        ),
    ]


@signed_in
@require_POST
def pairs_again(request: HttpRequest) -> HttpResponse:
    """Have the pairs looked for anew."""
    place = current_membership(request)
    if place is None or place.organization_id not in reach_of(request.user).organization_ids:
        return redirect("matches:pairs")
    job = tasks.start_suggesting(
        organization_id=place.organization_id,
        name=place.organization.name,
        person=person_of(request),
        at=now(),
    )
    return redirect("foundation:job", job.pk)


@signed_in
@require_POST
def pairs_seen(request: HttpRequest) -> HttpResponse:
    """What is there now is no news any more."""
    services.note_visit(actor=person_of(request), at=now())
    messages.success(request, _("ここまでを見たことにしました。これから出た縁が「新しい縁」に並びます。"))
    return redirect("matches:pairs")
