"""The lists of challenges and resources."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from enishi.accounts.models import Person
from enishi.exchange import listing
from enishi.exchange.asking import now, today
from enishi.exchange.conditions import Conditions, areas_in_words, sorts_of
from enishi.exchange.enums import ChallengeStatus, RecordKind, ResourceKind
from enishi.exchange.kinds import Kind
from enishi.exchange.listing import Listing
from enishi.exchange.models import Field
from enishi.exchange.transfer import exporting
from enishi.exchange.transfer.exporting import as_download, exported, with_relations
from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.downloads import FORMATS
from enishi.foundation.errors import refusal
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.limits import limited
from enishi.foundation.lists import CursorPage, Facet, FacetChoice, Sort
from enishi.organizations.enums import OrganizationKind
from enishi.organizations.visibility import reach_of

MOST_AREAS = 15
MOST_AT_ONCE = 2_000


@require_safe
@limited("records", times=240, seconds=60)
def record_list(request: HttpRequest, kind: Kind) -> HttpResponseBase:
    conditions = Conditions.read(kind.record, request.GET)
    if request.GET.get("format") in FORMATS:
        return download(request, kind, conditions)
    found = listing.find(request.user, conditions, at=now(), parameters=request.GET)
    context = {
        "kind": kind,
        "conditions": conditions,
        "found": found,
        "page": CursorPage(found.rows, found.next_cursor, found.previous_cursor),
        "facets": facets(request, conditions, found),
        "sorts": [Sort(value, label) for value, label in sorts_of(kind.record)],
        "summary": summary(kind, conditions, found),
        "today": today(),
        "may_create": request.user.is_authenticated and kind.access.allows(request.user, "create", None),
    }
    return render(request, f"exchange/{kind.name}_list.html", context)


def download(request: HttpRequest, kind: Kind, conditions: Conditions) -> HttpResponseBase:
    """The rows of the list as a file, with the headings that come in again. A long list is a job."""
    form = request.GET.get("format", "xlsx")
    keys = listing.all_keys(request.user, conditions, at=now(), limit=MOST_AT_ONCE + 1)
    if len(keys) <= MOST_AT_ONCE:
        rows = with_relations(listing.rows_of(request.user, conditions.record, keys))
        return as_download(kind.record, exported(kind.name, rows, form), form)
    if not isinstance(request.user, Person):
        sentence = _("%(limit)s件を超える一覧の書き出しは、サインインしてから行うか、条件を絞ってください。")
        return refusal(request, sentence % {"limit": f"{MOST_AT_ONCE:,}"}, status=400)
    job = exporting.start(conditions=conditions, form=form, actor=request.user, at=now())
    return redirect("foundation:job", job.pk)


def summary(kind: Kind, conditions: Conditions, found: Listing) -> str:
    """「公開中の課題 128件」."""
    narrowed = any(value for name, value in conditions.parameters().items() if name != "sort")
    words = {
        (RecordKind.CHALLENGE, False): ngettext(
            "公開中の課題 %(count)s件", "公開中の課題 %(count)s件", found.count
        ),
        (RecordKind.CHALLENGE, True): ngettext(
            "条件に合う課題 %(count)s件", "条件に合う課題 %(count)s件", found.count
        ),
        (RecordKind.RESOURCE, False): ngettext(
            "公開中の資源 %(count)s件", "公開中の資源 %(count)s件", found.count
        ),
        (RecordKind.RESOURCE, True): ngettext(
            "条件に合う資源 %(count)s件", "条件に合う資源 %(count)s件", found.count
        ),
    }
    text = words[kind.record, narrowed] % {"count": f"{found.count:,}"}
    return text if found.count_is_exact else _("%(words)s以上") % {"words": text}


def facets(request: HttpRequest, conditions: Conditions, found: Listing) -> list[Facet]:
    """The filters of the list, with counts where they are known."""
    shown = [
        Facet("field", _("分野"), _field_choices(conditions, found)),
        Facet(
            "kind",
            _("求める資源") if conditions.record == RecordKind.CHALLENGE else _("資源の種類"),
            _choices("kind", ResourceKind.choices, conditions.kind, found),
        ),
        Facet("area", _("地域"), _area_choices(conditions, found)),
        Facet("window", _("時期"), _choices("window", _years(), conditions.window, found)),
    ]
    kinds = [
        (kind.value, kind.label)
        for kind in OrganizationKind
        if conditions.record == RecordKind.RESOURCE or kind.is_public_body
    ]
    shown.append(Facet("orgkind", _("団体の種類"), _choices("orgkind", kinds, conditions.orgkind, found)))
    if conditions.record == RecordKind.CHALLENGE:
        shown.append(Facet("status", _("状態"), _status_choices(conditions, found)))
    else:
        fresh = FacetChoice("1", _("6か月以内に確認されたもの"), found.count_of("fresh"), conditions.fresh)
        shown.append(Facet("fresh", _("新しさ"), [fresh]))
    if reach_of(request.user).is_member:
        mine = FacetChoice("1", _("自分の団体のもの(下書きも)"), None, conditions.mine)
        shown.append(Facet("mine", _("持ち主"), [mine]))
    return shown


def _choices(name: str, choices: Any, chosen: Any, found: Listing) -> list[FacetChoice]:
    return [
        FacetChoice(code, label, _count(found, f"{name}:{code}"), code in chosen) for code, label in choices
    ]


def _count(found: Listing, tag: str) -> int | None:
    return found.count_of(tag)


def _field_choices(conditions: Conditions, found: Listing) -> list[FacetChoice]:
    """The large fields, and below each chosen one its parts."""
    rows = list(Field.objects.filter(is_active=True).order_by("order", "pk"))
    opened = {row.pk for row in rows if row.code in conditions.field}
    opened |= {row.parent_id for row in rows if row.code in conditions.field and row.parent_id}
    choices = []
    for row in (row for row in rows if row.parent_id is None):
        choices.append(_field_choice(row, row.told_name, conditions, found))
        if row.pk in opened:
            below = [child for child in rows if child.parent_id == row.pk]
            choices += [_field_choice(child, f"― {child.told_name}", conditions, found) for child in below]
    return choices


def _field_choice(row: Field, label: str, conditions: Conditions, found: Listing) -> FacetChoice:
    return FacetChoice(row.code, label, _count(found, f"field:{row.code}"), row.code in conditions.field)


def _area_choices(conditions: Conditions, found: Listing) -> list[FacetChoice]:
    counted = {tag.removeprefix("area:"): n for tag, n in found.counts.items() if tag.startswith("area:")}
    often = sorted(counted, key=lambda area: (-counted[area], area))[:MOST_AREAS]
    areas = list(dict.fromkeys([*conditions.area, *often]))
    return [
        FacetChoice(area, label, counted.get(area), area in conditions.area)
        for area, label in areas_in_words([area for area in areas if area not in {"nationwide", "other"}])
    ]


def _years() -> list[tuple[str, str]]:
    this = FiscalYear.of(today())
    years = [this, this.next, this.next.next]
    return [*((str(year.year), fiscal_year_in_words(year)) for year in years), ("any", _("時期は相談"))]


def _status_choices(conditions: Conditions, found: Listing) -> list[FacetChoice]:
    choices = [choice for choice in ChallengeStatus.choices if conditions.mine or choice[0] != "draft"]
    return _choices("status", choices, conditions.status, found)
