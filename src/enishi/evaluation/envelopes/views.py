"""Pages of envelopes: scenarios, one worked out, several side by side, and the choice."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from enishi.accounts.signed_in import person_of
from enishi.evaluation.envelopes import services
from enishi.evaluation.envelopes.access import envelope_access
from enishi.evaluation.envelopes.forms import WORDS, AdjustForm, ChooseForm, ScenarioForm
from enishi.evaluation.envelopes.gathering import side_by_side
from enishi.evaluation.envelopes.models import EnvelopeRow, EnvelopeScenario
from enishi.evaluation.envelopes.sharing import change_of
from enishi.evaluation.reflection.houses import (
    asked_year,
    house_of,
    now,
    this_year,
    year_words,
)
from enishi.foundation import form_pages
from enishi.foundation.downloads import FORMATS, attachment, sheet
from enishi.foundation.lists import paginate
from enishi.indicators.enums import StandingStatus
from enishi.plans.enums import PlanKind, VersionState
from enishi.plans.models import PlanVersion

HEADINGS = (
    "番号",
    "施策",
    "もとの額(円)",
    "増減のあと(円)",
    "枠に残る額(円)",
    "成果に応じた額(円)",
    "手で加える額(円)",
    "理由",
    "枠(円)",
    "計算",
)
MOST_COMPARED = 5


@require_safe
@login_required
def envelope_list(request: HttpRequest) -> HttpResponse:
    house = house_of(request)
    rows = (
        envelope_access.visible(request.user).filter(organization=house).select_related("plan_version__plan")
    )
    total = rows.count()
    if request.GET.get("format") in FORMATS:
        return _list_as(request.GET["format"], rows.order_by("-fiscal_year", "-pk"))
    context = {
        "page": paginate(rows, order_by=("-fiscal_year", "-pk"), parameters=request.GET),
        "summary": ngettext("枠配分の案 %(count)s件", "枠配分の案 %(count)s件", total)
        % {"count": f"{total:,}"},
        "may_create": envelope_access.allows(request.user, "create", house.pk),
        "has_several": total > 1,
    }
    return render(request, "evaluation/envelope_list.html", context)


def _list_as(form: str, rows: QuerySet[EnvelopeScenario]) -> HttpResponse:
    lines = (
        [row.fiscal_year, row.title, str(row.plan_version), row.get_state_display(), row.chosen_reason]
        for row in rows
    )
    made = sheet(form, ("年度", "名称", "計画", "状態", "決めた理由"), lines, title="枠配分の案")
    return attachment(made.content, made.content_type, plain=f"envelopes.{made.ending}")


def _scenario(request: HttpRequest, pk: int) -> EnvelopeScenario:
    rows = envelope_access.visible(request.user).select_related(
        "organization", "plan_version__plan", "updated_by", "chosen_by"
    )
    return get_object_or_404(rows, pk=pk)


@require_safe
@login_required
def envelope_detail(request: HttpRequest, pk: int) -> HttpResponse:
    scenario = _scenario(request, pk)
    rows = list(scenario.rows.select_related("node"))
    if request.GET.get("format") in FORMATS:
        return _written(request.GET["format"], scenario, rows)
    columns = ("base_yen", "grown_yen", "kept_yen", "outcome_yen", "adjust_yen", "total_yen")
    labels = {str(value): label for value, label in StandingStatus.choices}
    context = {
        "scenario": scenario,
        "rows": [(row, _spread(row, labels), change_of(row.base_yen, row.total_yen)) for row in rows],
        "change": change_of(sum(row.base_yen for row in rows), sum(row.total_yen for row in rows)),
        "rising": sum(row.total_yen > row.base_yen for row in rows),
        "falling": sum(row.total_yen < row.base_yen for row in rows),
        "sums": {name: sum(getattr(row, name) for row in rows) for name in columns},
        "points": [(label, scenario.points.get(status, 0)) for status, label in WORDS.items()],
        "growth": _growth(scenario.growth_bp),
        "pool": _percent(scenario.pool_bp),
        "may_edit": scenario.is_draft and envelope_access.allows(request.user, "edit", scenario),
        "may_choose": scenario.is_draft and envelope_access.allows(request.user, "choose", scenario),
    }
    return render(request, "evaluation/envelope_detail.html", context)


def _growth(parts: int) -> str:
    if not parts:
        return _("増減せず")
    words = _("%(share)s増やし") if parts > 0 else _("%(share)s減らし")
    return words % {"share": _percent(abs(parts))}


def _percent(parts: int) -> str:
    return f"{parts / 100:.2f}".rstrip("0").rstrip(".") + "%"


def _spread(row: EnvelopeRow, labels: dict[str, Any]) -> str:
    return "、".join(f"{labels.get(status, status)}{count}" for status, count in row.standings.items())


def _written(form: str, scenario: EnvelopeScenario, rows: list[EnvelopeRow]) -> HttpResponse:
    lines = (
        [
            row.node.code,
            row.node.title,
            row.base_yen,
            row.grown_yen,
            row.kept_yen,
            row.outcome_yen,
            row.adjust_yen,
            row.adjust_reason,
            row.total_yen,
            row.read_explanation,
        ]
        for row in rows
    )
    made = sheet(form, HEADINGS, lines, title=scenario.title)
    name = f"{scenario.title}.{made.ending}"
    return attachment(made.content, made.content_type, plain=f"envelope.{made.ending}", name=name)


@require_safe
@login_required
def envelope_compare(request: HttpRequest) -> HttpResponse:
    """Several scenarios of a year side by side."""
    house = house_of(request)
    rows = envelope_access.visible(request.user).filter(organization=house)
    years = sorted(set(rows.order_by().values_list("fiscal_year", flat=True)), reverse=True)
    year = asked_year(request, years, this_year() + 1)
    chosen = list(
        rows.filter(fiscal_year=year).prefetch_related("rows__node").order_by("-pk")[:MOST_COMPARED]
    )[::-1]
    context = {
        "year": year,
        "year_words": year_words(year),
        "years": years,
        "scenarios": [(each, _percent(each.growth_bp), _percent(each.pool_bp)) for each in chosen],
        "lines": list(side_by_side(chosen)),
        "totals": [sum(row.total_yen for row in each.rows.all()) for each in chosen],
    }
    return render(request, "evaluation/envelope_compare.html", context)


def _form_context(title: str, submit: str, cancel: str) -> dict[str, Any]:
    crumbs = [(reverse("evaluation:envelope_list"), _("枠配分"))]
    return {"title": title, "submit": submit, "cancel": cancel, "crumbs": crumbs}


def _usual_plan(house: int) -> int | None:
    """The plan of the scenario before, or the basic plan that is in force."""
    before = EnvelopeScenario.objects.filter(organization_id=house).order_by("-pk").first()
    if before is not None:
        return before.plan_version_id
    basic = PlanVersion.objects.filter(
        plan__organization_id=house, plan__kind=PlanKind.BASIC, state=VersionState.APPROVED
    )
    return basic.order_by("-pk").values_list("pk", flat=True).first()


@login_required
def envelope_new(request: HttpRequest) -> HttpResponse:
    house = house_of(request)
    if not envelope_access.allows(request.user, "create", house.pk):
        raise PermissionDenied(_("枠配分の案を書けるのは、財政か企画の課の人です。"))
    year = this_year()
    first = {
        "fiscal_year": year + 1,
        "base_fy": year,
        "outcome_fy": year - 1,
        "depth": 2,
        "growth": 0,
        "pool": 5,
        "plan_version": _usual_plan(house.pk),
    }
    return form_pages.form_page(
        request,
        ScenarioForm(request.POST or None, house=house.pk, actor=request.user, initial=first),
        lambda form: services.write_scenario(
            organization=house, values=form.values, points=form.points, actor=person_of(request), at=now()
        ),
        done=_("枠配分の案を計算しました。"),
        to=lambda made: str(made.get_absolute_url()),
        template="evaluation/envelope_form.html",
        also=_form_context(_("枠配分の案を作る"), _("計算する"), reverse("evaluation:envelope_list")),
    )


@login_required
def envelope_edit(request: HttpRequest, pk: int) -> HttpResponse:
    scenario = _scenario(request, pk)
    if not envelope_access.allows(request.user, "edit", scenario):
        raise PermissionDenied(_("枠配分の案を書けるのは、財政か企画の課の人です。"))
    return form_pages.form_page(
        request,
        ScenarioForm(
            request.POST or None, house=scenario.organization_id, actor=request.user, scenario=scenario
        ),
        lambda form: services.write_scenario(
            scenario_id=scenario.pk,
            version=form.cleaned_data["version"] or 0,
            values=form.values,
            points=form.points,
            actor=person_of(request),
            at=now(),
        ),
        done=_("枠配分の案を計算し直しました。"),
        to=scenario.get_absolute_url(),
        template="evaluation/envelope_form.html",
        also=_form_context(_("枠配分の案を書き直す"), _("計算し直す"), scenario.get_absolute_url()),
    )


@login_required
def envelope_adjust(request: HttpRequest, pk: int, row_pk: int) -> HttpResponse:
    scenario = _scenario(request, pk)
    row = get_object_or_404(scenario.rows.select_related("node"), pk=row_pk)
    if not envelope_access.allows(request.user, "edit", scenario):
        raise PermissionDenied(_("枠配分の案を書けるのは、財政か企画の課の人です。"))
    first = {"adjust_yen": row.adjust_yen, "reason": row.adjust_reason}
    also = _form_context(
        _("%(what)sの枠を手で直す") % {"what": row.node.title}, _("直す"), scenario.get_absolute_url()
    )
    return form_pages.form_page(
        request,
        AdjustForm(request.POST or None, initial=first),
        lambda form: services.adjust(
            row_id=row.pk,
            adjust_yen=form.cleaned_data["adjust_yen"] or 0,
            reason=form.cleaned_data["reason"],
            actor=person_of(request),
            at=now(),
        ),
        done=_("枠を直しました。"),
        to=scenario.get_absolute_url(),
        template="enishi/form_page.html",
        also=also | {"lead": row.read_explanation},
    )


@login_required
def envelope_choose(request: HttpRequest, pk: int) -> HttpResponse:
    scenario = _scenario(request, pk)
    if not envelope_access.allows(request.user, "choose", scenario):
        raise PermissionDenied(_("枠配分を決められるのは、首長・庁議の人です。"))
    also = _form_context(
        _("「%(title)s」を採用する") % {"title": scenario.title}, _("採用する"), scenario.get_absolute_url()
    )
    return form_pages.form_page(
        request,
        ChooseForm(request.POST or None),
        lambda form: services.choose(
            scenario_id=scenario.pk, reason=form.cleaned_data["reason"], actor=person_of(request), at=now()
        ),
        done=_("採用を記録しました。"),
        to=scenario.get_absolute_url(),
        template="enishi/form_page.html",
        also=also | {"lead": _("同じ年度のほかの案は「見送り」になります。")},
    )
