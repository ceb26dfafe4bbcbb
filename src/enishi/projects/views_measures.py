"""Measures: what is to be reached, the values so far, their chart, and corrections that hide nothing."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from enishi.accounts.signed_in import person_of
from enishi.foundation.charts import svg_response
from enishi.indicators.access import indicator_access
from enishi.projects import charts, selectors, services
from enishi.projects.access import may_record, project_access
from enishi.projects.calculations import standing_of
from enishi.projects.files import FORMATS, table_response
from enishi.projects.forms import CorrectionForm, MeasureForm, ReasonForm, ValueForm
from enishi.projects.models import Measure, MeasureValue, Project
from enishi.projects.pages import (
    form_page,
    inside_project,
    now,
    part_of,
    require,
    signed_in,
    today,
    visible_project,
)
from enishi.projects.thread import plain_number
from enishi.projects.views_projects import page_context


@require_safe
def measure_list(request: HttpRequest, pk: int) -> HttpResponse:
    project = visible_project(request, pk)
    standings = selectors.standings(project)
    if request.GET.get("format") in FORMATS:
        return _as_file(request.GET["format"], project)
    context = page_context(request, project, tab="measures") | {
        "event": [each for each in standings if each.measure.tier == "event"],
        "relation": [each for each in standings if each.measure.tier == "relation"],
        "retired": list(project.measures.filter(retired_at__isnull=False)),
    }
    return render(request, "projects/measure_list.html", context)


def _as_file(form: str, project: Project) -> HttpResponse:
    headings = [
        _("指標"),
        _("種類"),
        _("段"),
        _("めざす向き"),
        _("単位"),
        _("基準値"),
        _("基準値の日"),
        _("目標値"),
        _("目標の日"),
        _("いつの値か"),
        _("値"),
        _("値がない理由"),
        _("出所"),
        _("訂正の理由"),
    ]
    rows = []
    for measure in project.measures.prefetch_related(selectors.CURRENT_VALUES):
        head = [
            measure.title,
            str(measure.get_kind_display()),
            str(measure.get_tier_display()),
            str(measure.get_direction_display()),
            measure.unit,
            measure.baseline_value,
            measure.baseline_on,
            measure.target_value,
            measure.target_on,
        ]
        values = measure.current_values
        rows += [
            [*head, each.on, each.value, each.missing_reason, each.source, each.correction_reason]
            for each in values
        ] or [[*head, None, None, "", measure.source, ""]]
    return table_response(form, headings, rows, title=_("指標"), name="measures")


@require_safe
def measure_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Read by whoever reads the project: numbers have parents, and those are public with them."""
    measure, project = _readable(request, pk)
    values = list(measure.values.current().select_related("recorded_by", "replaces").order_by("on", "pk"))
    standing = standing_of(measure, values)
    inside = project_access.allows(request.user, "read_inside", project)
    context = page_context(request, project, tab="measures") | {
        "measure": measure,
        "standing": standing,
        "values": list(reversed(values)),
        "corrected": list(
            measure.values.filter(corrected_by__isnull=False).select_related("corrected_by", "recorded_by")
        )
        if inside
        else [],
        "table": charts.measure_table(measure, values),
        "chart_title": charts.chart_title(standing),
        "may_record": measure.retired_at is None
        and measure.indicator_id is None
        and may_record(request.user, measure),
        "may_enter": measure.indicator_id is None
        and indicator_access.allows(request.user, "create", project.organization),
        "register_url": _register_url(request, measure),
    }
    return render(request, "projects/measure_detail.html", context)


def _register_url(request: HttpRequest, measure: Measure) -> str:
    """Where the register speaks of this measure, for those who may read it there."""
    if measure.indicator_id is None:
        return ""
    indicator = indicator_access.visible(request.user).filter(pk=measure.indicator_id).first()
    return indicator.get_absolute_url() if indicator else ""


def _readable(request: HttpRequest, pk: int) -> tuple[Measure, Project]:
    measure = get_object_or_404(Measure.objects.select_related("participant__organization"), pk=pk)
    project = visible_project(request, measure.project_id)
    measure.project = project
    return measure, project


@require_safe
def measure_chart(request: HttpRequest, pk: int) -> HttpResponse:
    measure, _project = _readable(request, pk)
    values = list(measure.values.current().order_by("on", "pk"))
    return svg_response(charts.measure_chart(measure, values), filename=f"measure-{pk}.svg")


@require_safe
def measure_numbers(request: HttpRequest, pk: int) -> HttpResponse:
    measure, _project = _readable(request, pk)
    values = list(measure.values.current().order_by("on", "pk"))
    table = charts.measure_table(measure, values)
    return table_response("csv", table.columns, table.rows, title=measure.title, name=f"measure-{pk}")


def _list_url(project: Project) -> str:
    return reverse("projects:measure_list", args=[project.pk])


@signed_in
def measure_new(request: HttpRequest, pk: int) -> HttpResponse:
    project = visible_project(request, pk)
    require(request, "edit", project)
    form = MeasureForm(request.POST or None, instance=Measure(project=project), project=project)

    def save(filled: MeasureForm) -> Measure:
        return services.add_measure(project_id=pk, values=filled.values(), actor=person_of(request), at=now())

    return form_page(
        request,
        form=form,
        save=save,
        to=_list_url(project),
        title=_("指標を加える"),
        lead=_(
            "成果の指標は、基準値とその日、目標値とその日、データの出所までそろうと、承認の条件を満たします。"
        ),
        submit=_("加える"),
        done=_("指標を加えました。"),
        project=project,
        crumbs=[(_list_url(project), _("指標"))],
        back=_list_url(project),
    )


@signed_in
def measure_edit(request: HttpRequest, pk: int) -> HttpResponse:
    measure, project = part_of(request, Measure.objects.all(), pk)
    require(request, "edit", project)
    form = MeasureForm(request.POST or None, instance=Measure.objects.get(pk=pk), project=project)

    def save(filled: MeasureForm) -> Measure:
        return services.edit_measure(
            measure_id=pk,
            values=filled.values(),
            version=filled.cleaned_data["version"] or 0,
            reason=filled.cleaned_data.get("reason", ""),
            actor=person_of(request),
            at=now(),
        )

    return form_page(
        request,
        form=form,
        save=save,
        to=reverse("projects:measure_detail", args=[pk]),
        title=_("指標を書き直す"),
        submit=_("保存する"),
        done=_("保存しました。"),
        project=project,
        crumbs=[(_list_url(project), _("指標"))],
        back=reverse("projects:measure_detail", args=[pk]),
        row=measure,
    )


@signed_in
def measure_retire(request: HttpRequest, pk: int) -> HttpResponse:
    measure, project = part_of(request, Measure.objects.all(), pk)
    require(request, "edit", project)

    def save(filled: ReasonForm) -> Measure:
        return services.retire_measure(
            measure_id=pk, reason=filled.cleaned_data["reason"], actor=person_of(request), at=now()
        )

    return form_page(
        request,
        form=ReasonForm(request.POST or None),
        save=save,
        to=_list_url(project),
        title=_("「%(title)s」を使うのをやめる") % {"title": measure.title},
        lead=_("これまでの値は残ります。"),
        submit=_("使うのをやめる"),
        done=_("指標を使うのをやめました。"),
        project=project,
        crumbs=[(_list_url(project), _("指標"))],
        back=reverse("projects:measure_detail", args=[pk]),
    )


@signed_in
def value_new(request: HttpRequest, pk: int) -> HttpResponse:
    measure, project = part_of(request, Measure.objects.select_related("participant__organization"), pk)
    if not may_record(request.user, measure):
        require(request, "edit", project)
    form = ValueForm(request.POST or None, initial={"on": min(measure.next_due_on or today(), today())})

    def save(filled: ValueForm) -> MeasureValue:
        return services.record_value(
            measure_id=pk, values=filled.values(), actor=person_of(request), at=now()
        )

    return form_page(
        request,
        form=form,
        save=save,
        to=reverse("projects:measure_detail", args=[pk]),
        title=_("「%(title)s」の値を入れる") % {"title": measure.title},
        lead=_("単位は「%(unit)s」。%(definition)s")
        % {"unit": measure.unit, "definition": measure.definition},
        submit=_("値を入れる"),
        done=_("値を入れました。"),
        project=project,
        crumbs=[(_list_url(project), _("指標"))],
        back=reverse("projects:measure_detail", args=[pk]),
    )


@signed_in
def value_correct(request: HttpRequest, pk: int) -> HttpResponse:
    value = get_object_or_404(
        MeasureValue.objects.select_related("measure__participant__organization"), pk=pk
    )
    project = inside_project(request, value.measure.project_id)
    measure = value.measure
    measure.project = project
    if not may_record(request.user, measure):
        require(request, "edit", project)
    if MeasureValue.objects.filter(replaces=value).exists():
        messages.error(request, _("この値はすでに訂正されています。新しいほうの値を訂正してください。"))
        return redirect("projects:measure_detail", measure.pk)
    form = CorrectionForm(request.POST or None, instance=value)

    def save(filled: CorrectionForm) -> MeasureValue:
        return services.correct_value(
            value_id=pk,
            values=filled.values(),
            reason=filled.cleaned_data["reason"],
            actor=person_of(request),
            at=now(),
        )

    return form_page(
        request,
        form=form,
        save=save,
        to=reverse("projects:measure_detail", args=[measure.pk]),
        title=_("値を訂正する"),
        lead=_("もとの値(%(value)s%(unit)s)は消えません。訂正として横に残ります。")
        % {"value": plain_number(value.value) or _("値なし"), "unit": measure.unit},
        submit=_("訂正する"),
        done=_("訂正しました。"),
        project=project,
        crumbs=[(_list_url(project), _("指標"))],
        back=reverse("projects:measure_detail", args=[measure.pk]),
    )
