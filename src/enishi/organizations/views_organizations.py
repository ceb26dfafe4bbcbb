"""Pages of organisations: who takes part, and what is said about them."""

from collections.abc import Iterable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from enishi.accounts.models import Person
from enishi.foundation.downloads import FORMATS, attachment, sheet
from enishi.foundation.limits import limited
from enishi.foundation.lists import Facet, FacetChoice, paginate
from enishi.organizations import selectors, services
from enishi.organizations.access import organization_access, section_access
from enishi.organizations.enums import OrganizationKind, Role
from enishi.organizations.errors import RefusedError
from enishi.organizations.forms import OrganizationForm, PublicBodyForm
from enishi.organizations.models import Organization
from enishi.organizations.prefectures import PREFECTURES
from enishi.organizations.visibility import reach_of

MOST_EXPORTED = 50_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@limited("organizations", times=240, seconds=60)
def organization_list(request: HttpRequest) -> HttpResponse:
    """Who takes part: by kind, prefecture, name, kana or code."""
    words = request.GET.get("q", "").replace("\x00", "")[:200]
    rows = selectors.found(organization_access.visible(request.user).active(), words)  # type: ignore[attr-defined]
    kinds = [kind for kind in request.GET.getlist("kind") if kind in OrganizationKind.values]
    prefectures = [code for code in request.GET.getlist("prefecture") if code in PREFECTURES]
    if kinds:
        rows = rows.filter(kind__in=kinds)
    if prefectures:
        rows = rows.filter(prefecture_code__in=prefectures)
    wanted = request.GET.get("format", "")
    if wanted in FORMATS:
        return _sheet(rows.select_related("seat").order_by("pk")[:MOST_EXPORTED], wanted)
    context = {
        "query": words,
        "total": rows.count(),
        "page": paginate(
            rows.select_related("seat"), order_by=("-pk",), parameters=request.GET.dict(), size=30
        ),
        "facets": _facets(kinds, prefectures),
        "may_register": organization_access.allows(request.user, "create", None),
    }
    return render(request, "organizations/organization_list.html", context)


def _sheet(organizations: Iterable[Organization], wanted: str) -> HttpResponse:
    headings = [
        _("種類"), _("名称"), _("ふりがな"), _("全国地方公共団体コード"), _("法人番号"), _("都道府県"), _("所在する市区町村"),
        _("規模"), _("紹介"), _("ウェブサイト"), _("電話"),
    ]  # fmt: skip
    rows = [
        [
            each.get_kind_display(),
            each.name,
            each.kana,
            each.code or "",
            each.corporate_number or "",
            PREFECTURES.get(each.prefecture_code, ""),
            each.seat.name if each.seat else "",
            each.get_size_display(),
            each.summary,
            each.url,
            each.phone,
        ]
        for each in organizations
    ]
    made = sheet(wanted, headings, rows, title=_("団体"))
    return attachment(made.content, made.content_type, plain=f"enishi-organizations.{made.ending}")


def _facets(kinds: list[str], prefectures: list[str]) -> list[Facet]:
    return [
        Facet(
            "kind",
            _("種類"),
            [FacetChoice(kind.value, kind.label, chosen=kind.value in kinds) for kind in OrganizationKind],
        ),
        Facet(
            "prefecture",
            _("都道府県"),
            [FacetChoice(code, name, chosen=code in prefectures) for code, name in PREFECTURES.items()],
        ),
    ]


@require_GET
def organization_detail(request: HttpRequest, organization_id: int) -> HttpResponse:
    organization = get_object_or_404(
        organization_access.visible(request.user).select_related("seat"), pk=organization_id
    )
    sections = section_access.visible(request.user).filter(organization=organization).order_by("code", "pk")
    context = {
        "organization": organization,
        "has_sections": sections.exists(),
        "may_edit": organization_access.allows(request.user, "edit", organization),
        "may_see_people": organization_access.allows(request.user, "see_people", organization),
        "may_join": _may_join(request, organization),
        "lives_here": reach_of(request.user).has_role(organization.pk, Role.RESIDENT),
        "prefecture": PREFECTURES.get(organization.prefecture_code, ""),
    }
    return render(request, "organizations/organization_detail.html", context)


def _may_join(request: HttpRequest, organization: Organization) -> bool:
    return request.user.is_authenticated and organization.pk not in reach_of(request.user).organization_ids


@login_required
@require_http_methods(["GET", "POST"])
def organization_edit(request: HttpRequest, organization_id: int) -> HttpResponse:
    organization = get_object_or_404(organization_access.visible(request.user), pk=organization_id)
    organization_access.require(request.user, "edit", organization)
    kind = PublicBodyForm if organization.code else OrganizationForm
    start = {name: getattr(organization, name) for name in kind.base_fields}
    form = kind(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            services.edit_organization(
                organization_id=organization.pk,
                values=form.cleaned_data,
                actor=person(request),
                at=timezone.now(),
            )
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("団体のページを書き直しました。"))
            return redirect("organizations:organization_detail", organization.pk)
    return render(
        request, "organizations/organization_edit.html", {"form": form, "organization": organization}
    )


@login_required
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """The page of the organisation one works for."""
    place = selectors.current_membership(request)
    if place is None:
        return redirect("organizations:joining")
    return redirect("organizations:organization_detail", place.organization_id)


@login_required
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Work in another of one's places."""
    wanted = request.POST.get("membership", "")
    place = next((each for each in selectors.memberships_of(request.user) if str(each.pk) == wanted), None)
    if place is None:
        raise Http404
    request.session[selectors.CHOSEN] = place.pk
    messages.success(
        request, _("%(organization)s として使います。") % {"organization": place.organization.name}
    )
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    return redirect(back if safe else "/")


def person(request: HttpRequest) -> Person:
    """The signed-in person behind a page that only signed-in people reach."""
    assert isinstance(request.user, Person)
    return request.user
