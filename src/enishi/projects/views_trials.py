"""Trials: criteria before the start, people who agreed, and the decision at the gate."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.foundation.lists import paginate
from enishi.projects import selectors, services
from enishi.projects.access import project_access
from enishi.projects.calculations import judgement_of
from enishi.projects.enums import GateDecision, Suggestion, TrialState
from enishi.projects.errors import RefusedError
from enishi.projects.files import FORMATS, table_response
from enishi.projects.forms import ConsentForm, GateForm, LabForm, TrialForm
from enishi.projects.models import ConsentText, LabParticipant, Project, Trial
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
from enishi.projects.services.starting import missing_of
from enishi.projects.services.trials import note_export
from enishi.projects.views_projects import page_context


@signed_in
def trial_new(request: HttpRequest, pk: int) -> HttpResponse:
    project = visible_project(request, pk)
    require(request, "edit", project)

    def save(filled: TrialForm) -> Trial:
        return services.plan_trial(project_id=pk, values=filled.values(), actor=person_of(request), at=now())

    return form_page(
        request,
        form=TrialForm(request.POST or None, instance=Trial(project=project), project=project),
        save=save,
        to=lambda trial: reverse("projects:trial_detail", args=[trial.pk]),
        title=_("実証を計画する"),
        lead=_(
            "成功と中止の基準を、始める前に決めます。始めたあとは変えられません。先に「指標」を書いておいてください。"
        ),
        submit=_("保存する"),
        done=_("実証の計画を保存しました。"),
        project=project,
        back=project.get_absolute_url(),
    )


@require_safe
def trial_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Hypothesis, criteria, result and decision are read by whoever reads the project; people only as a count."""
    trial, project = _readable(request, pk)
    judged = judgement_of(trial, on=today())
    context = page_context(request, project, tab="trials") | {
        "trial": trial,
        "judged": judged,
        "suggestion": Suggestion(trial.suggestion or judged.suggestion),
        "is_early": _is_early(trial),
        "counts": selectors.lab_counts(trial),
        "missing": missing_of(trial) if trial.state == TrialState.PLANNED else [],
        "consents": list(trial.consent_texts.all()),
        "may_read_lab": project_access.allows(request.user, "read_lab", project),
        "may_decide": trial.state == TrialState.RUNNING
        and project_access.allows(request.user, "approve", project),
    }
    return render(request, "projects/trial_detail.html", context)


def _is_early(trial: Trial) -> bool:
    """The day of judgement has not come: what the criteria say today is no result yet."""
    return not trial.decision and trial.judged_on is not None and today() < trial.judged_on


def _readable(request: HttpRequest, pk: int) -> tuple[Trial, Project]:
    rows = Trial.objects.select_related("measure", "stop_measure", "decided_value", "decided_by")
    trial = get_object_or_404(rows, pk=pk)
    project = visible_project(request, trial.project_id)
    trial.project = project
    return trial, project


@signed_in
def trial_edit(request: HttpRequest, pk: int) -> HttpResponse:
    trial, project = part_of(request, Trial.objects.all(), pk)
    require(request, "edit", project)

    def save(filled: TrialForm) -> Trial:
        return services.edit_trial(
            trial_id=pk,
            values=filled.values(),
            version=filled.cleaned_data["version"] or 0,
            actor=person_of(request),
            at=now(),
        )

    return form_page(
        request,
        form=TrialForm(request.POST or None, instance=Trial.objects.get(pk=pk), project=project),
        save=save,
        to=reverse("projects:trial_detail", args=[pk]),
        title=str(trial),
        submit=_("保存する"),
        done=_("保存しました。"),
        project=project,
        back=reverse("projects:trial_detail", args=[pk]),
        row=trial,
    )


@signed_in
@require_POST
def trial_start(request: HttpRequest, pk: int) -> HttpResponse:
    _trial, project = part_of(request, Trial.objects.all(), pk)
    require(request, "edit", project)
    try:
        services.start_trial(trial_id=pk, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("実証を始めました。仮説と基準は固定されました。"))
    return redirect("projects:trial_detail", pk)


@signed_in
def trial_gate(request: HttpRequest, pk: int) -> HttpResponse:
    """The decision, with the measured value and what the criteria say beside it."""
    trial, project = part_of(request, Trial.objects.select_related("measure", "stop_measure"), pk)
    require(request, "approve", project)
    if trial.state != TrialState.RUNNING:
        messages.error(request, _("判断できるのは、実証中の回だけです。"))
        return redirect("projects:trial_detail", pk)
    judged = judgement_of(trial, on=today())
    form = GateForm(request.POST or None, initial={"result": trial.result})

    def save(filled: GateForm) -> Trial:
        return services.decide_trial(
            trial_id=pk,
            decision=GateDecision(filled.cleaned_data["decision"]),
            result=filled.cleaned_data["result"],
            note=filled.cleaned_data["note"],
            reason=filled.cleaned_data["reason"],
            actor=person_of(request),
            at=now(),
        )

    return form_page(
        request,
        form=form,
        save=save,
        to=reverse("projects:trial_detail", args=[pk]),
        title=_("実装するかを判断する"),
        submit=_("この判断を記録する"),
        done=_("判断を記録しました。"),
        project=project,
        back=reverse("projects:trial_detail", args=[pk]),
        template="projects/trial_gate.html",
        extra={
            "trial": trial,
            "judged": judged,
            "suggestion": judged.suggestion,
            "is_early": _is_early(trial),
        },
    )


@signed_in
def consent_new(request: HttpRequest, pk: int) -> HttpResponse:
    trial, project = part_of(request, Trial.objects.all(), pk)
    require(request, "edit", project)
    last = trial.consent_texts.order_by("-number").first()

    def save(filled: ConsentForm) -> ConsentText:
        return services.write_consent_text(
            trial_id=pk, text=filled.cleaned_data["text"], actor=person_of(request), at=now()
        )

    return form_page(
        request,
        form=ConsentForm(request.POST or None, initial={"text": last.text if last else ""}),
        save=save,
        to=reverse("projects:lab_list", args=[pk]),
        title=_("同意文を書く"),
        lead=_("保存すると新しい版になります。前の版に同意した人は、前の版に同意したままです。"),
        submit=_("新しい版として保存する"),
        done=_("同意文を保存しました。"),
        project=project,
        back=reverse("projects:trial_detail", args=[pk]),
    )


@signed_in
def lab_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Who agreed to take part: for those who run the project, and nobody else."""
    trial, project = part_of(request, Trial.objects.all(), pk)
    require(request, "read_lab", project)
    people = trial.lab_participants.select_related("consent")
    if request.GET.get("format") in FORMATS:
        return _lab_file(request, trial)
    form = LabForm(request.POST or None, trial=trial, initial={"consented_on": today()})
    if request.method == "POST" and form.is_valid():
        try:
            services.add_lab_participant(
                trial_id=pk, values=form.values(), actor=person_of(request), at=now()
            )
        except RefusedError as refused:
            form.add_error(None, refused.sentence)
        except ValidationError as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("参加者と同意を記録しました。"))
            return redirect("projects:lab_list", pk)
    context = page_context(request, project, tab="trials") | {
        "trial": trial,
        "page": paginate(people, order_by=("-pk",), parameters=request.GET, size=50),
        "counts": selectors.lab_counts(trial),
        "form": form,
        "consents": list(trial.consent_texts.all()),
    }
    return render(request, "projects/lab_list.html", context, status=422 if form.is_bound else 200)


def _lab_file(request: HttpRequest, trial: Trial) -> HttpResponse:
    headings = [
        _("氏名または呼び名"),
        _("連絡先"),
        _("立場"),
        _("同意文の版"),
        _("同意した日"),
        _("同意のしかた"),
        _("撤回した日"),
    ]
    people = list(trial.lab_participants.select_related("consent"))
    note_export(trial=trial, count=len(people), actor=person_of(request), at=now())
    rows = [
        [
            each.name,
            each.contact,
            str(each.get_role_display()),
            each.consent.number,
            each.consented_on,
            str(each.get_method_display()),
            each.withdrawn_on,
        ]
        for each in people
    ]
    return table_response(request.GET["format"], headings, rows, title=_("実証の参加者"), name="participants")


@signed_in
@require_POST
def lab_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(LabParticipant.objects.select_related("trial"), pk=pk)
    project = inside_project(request, person.trial.project_id)
    require(request, "read_lab", project)
    services.withdraw_consent(lab_participant_id=pk, actor=person_of(request), at=now())
    messages.success(request, _("同意の撤回を記録し、氏名と連絡先を消しました。"))
    return redirect("projects:lab_list", person.trial_id)
