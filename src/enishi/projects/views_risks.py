"""Risks and incidents of a project."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.projects import services
from enishi.projects.access import project_access
from enishi.projects.errors import RefusedError
from enishi.projects.files import FORMATS, table_response
from enishi.projects.forms import IncidentForm, RiskForm
from enishi.projects.models import Incident, Project, Risk
from enishi.projects.pages import (
    form_page,
    inside_project,
    now,
    part_of,
    require,
    signed_in,
    visible_project,
)
from enishi.projects.services.risks import agreed_risks
from enishi.projects.views_projects import page_context


@signed_in
@require_safe
def risk_list(request: HttpRequest, pk: int) -> HttpResponse:
    project = inside_project(request, pk)
    risks = list(project.risks.select_related("bearer__organization", "agreement_risk"))
    if request.GET.get("format") in FORMATS:
        return _as_file(request.GET["format"], risks)
    occurred = sum(risk.state == "occurred" for risk in risks)
    context = page_context(request, project, tab="risks") | {
        "risks": risks,
        "occurred": occurred,
        "may_adopt": project.agreement_id is not None
        and project.is_open
        and project_access.allows(request.user, "edit", project)
        and bool(agreed_risks(project, person_of(request))),
        "unborne": [risk.title for risk in risks if risk.bearer_id is None and risk.state != "closed"],
        "incidents": list(project.incidents.select_related("risk", "recorded_by")),
    }
    return render(request, "projects/risk_list.html", context)


def _as_file(form: str, risks: list[Risk]) -> HttpResponse:
    headings = [
        _("起こりうること"),
        _("起こりやすさ"),
        _("影響"),
        _("負担する団体"),
        _("備え"),
        _("状態"),
    ]
    rows = [
        [
            risk.title,
            str(risk.get_likelihood_display()),
            str(risk.get_impact_display()),
            str(risk.bearer or ""),
            risk.countermeasure,
            str(risk.get_state_display()),
        ]
        for risk in risks
    ]
    return table_response(form, headings, rows, title=_("リスク"), name="risks")


def _list_url(project: Project) -> str:
    return reverse("projects:risk_list", args=[project.pk])


@signed_in
@require_POST
def risk_adopt(request: HttpRequest, pk: int) -> HttpResponse:
    """Take over the risk table of the agreement."""
    project = visible_project(request, pk)
    require(request, "edit", project)
    try:
        count = services.adopt_risks(project_id=pk, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("協定のリスク分担表から%(count)d行を写しました。") % {"count": count})
    return redirect("projects:risk_list", pk)


@signed_in
def risk_new(request: HttpRequest, pk: int) -> HttpResponse:
    project = visible_project(request, pk)
    require(request, "edit", project)

    def save(filled: RiskForm) -> Risk:
        return services.add_risk(project_id=pk, values=filled.values(), actor=person_of(request), at=now())

    return form_page(
        request,
        form=RiskForm(
            request.POST or None,
            instance=Risk(project=project),
            project=project,
            agreed=agreed_risks(project, person_of(request)),
        ),
        save=save,
        to=_list_url(project),
        title=_("リスクを加える"),
        submit=_("加える"),
        done=_("リスクを加えました。"),
        project=project,
        crumbs=[(_list_url(project), _("リスクと事故"))],
        back=_list_url(project),
    )


@signed_in
def risk_edit(request: HttpRequest, pk: int) -> HttpResponse:
    risk, project = part_of(request, Risk.objects.all(), pk)
    require(request, "edit", project)

    def save(filled: RiskForm) -> Risk:
        return services.edit_risk(
            risk_id=pk,
            values=filled.values(),
            version=filled.cleaned_data["version"] or 0,
            actor=person_of(request),
            at=now(),
        )

    return form_page(
        request,
        form=RiskForm(
            request.POST or None,
            instance=Risk.objects.get(pk=pk),
            project=project,
            agreed=agreed_risks(project, person_of(request)),
        ),
        save=save,
        to=_list_url(project),
        title=risk.title,
        submit=_("保存する"),
        done=_("保存しました。"),
        project=project,
        crumbs=[(_list_url(project), _("リスクと事故"))],
        back=_list_url(project),
        row=risk,
    )


@signed_in
def incident_new(request: HttpRequest, pk: int) -> HttpResponse:
    project = inside_project(request, pk)
    require(request, "take_part", project)

    def save(filled: IncidentForm) -> Incident:
        return services.record_incident(
            project_id=pk, values=filled.values(), actor=person_of(request), at=now()
        )

    return form_page(
        request,
        form=IncidentForm(request.POST or None, instance=Incident(project=project), project=project),
        save=save,
        to=_list_url(project),
        title=_("起きたことを記録する"),
        lead=_("分かった分だけで構いません。あとから書き足せます。個人が分かることは書かないでください。"),
        submit=_("記録する"),
        done=_("記録しました。主催する団体の担当者に知らせます。"),
        project=project,
        crumbs=[(_list_url(project), _("リスクと事故"))],
        back=_list_url(project),
    )


@signed_in
def incident_edit(request: HttpRequest, pk: int) -> HttpResponse:
    incident, project = part_of(request, Incident.objects.all(), pk)
    require(request, "edit", project)

    def save(filled: IncidentForm) -> Incident:
        return services.edit_incident(
            incident_id=pk,
            values=filled.values(),
            version=filled.cleaned_data["version"] or 0,
            actor=person_of(request),
            at=now(),
        )

    return form_page(
        request,
        form=IncidentForm(request.POST or None, instance=Incident.objects.get(pk=pk), project=project),
        save=save,
        to=_list_url(project),
        title=incident.title,
        submit=_("保存する"),
        done=_("保存しました。"),
        project=project,
        crumbs=[(_list_url(project), _("リスクと事故"))],
        back=_list_url(project),
        row=incident,
    )
