"""Pages of a reorganisation: its list of changes, the decision, giving it up."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from enishi.organizations import services
from enishi.organizations.access import organization_access, reorganization_access
from enishi.organizations.errors import RefusedError
from enishi.organizations.forms import ReorganizationForm, StepForm
from enishi.organizations.models import Organization, Reorganization, ReorganizationStep
from enishi.organizations.views_organizations import person


@login_required
@require_http_methods(["GET", "POST"])
def reorganization_new(request: HttpRequest, organization_id: int) -> HttpResponse:
    organization = get_object_or_404(Organization, pk=organization_id)
    organization_access.require(request.user, "edit_sections", organization)
    form = ReorganizationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = services.prepare_reorganization(
            organization_id=organization.pk, actor=person(request), at=timezone.now(), **form.cleaned_data
        )
        return redirect("organizations:reorganization", made.pk)
    context = {"form": form, "organization": organization}
    return render(request, "organizations/reorganization_new.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def reorganization(request: HttpRequest, reorganization_id: int) -> HttpResponse:
    """The list of changes; administrators add to it while it is open."""
    plan = _plan(request, reorganization_id)
    may_edit = reorganization_access.allows(request.user, "edit", plan)
    if request.method == "POST":
        reorganization_access.require(request.user, "edit", plan)
    form = StepForm(request.POST or None, reorganization=plan) if may_edit and plan.is_open else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            services.add_step(
                reorganization_id=plan.pk, actor=person(request), at=timezone.now(), **form.values()
            )
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("organizations:reorganization", plan.pk)
    steps = plan.steps.select_related("section", "parent", "parent_step", "made").prefetch_related(
        "successors", "successor_steps"
    )
    context = {
        "plan": plan,
        "steps": steps,
        "form": form,
        "may_edit": may_edit,
        "faults": services.faults_of(plan) if form is not None else [],
    }
    return render(request, "organizations/reorganization.html", context)


@login_required
@require_POST
def decide(request: HttpRequest, reorganization_id: int) -> HttpResponse:
    plan = _plan(request, reorganization_id)
    try:
        done = services.decide_reorganization(
            reorganization_id=plan.pk, actor=person(request), at=timezone.now()
        )
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        words = _("行いました。") if done.done_at else _("決めました。その日が来ると行われます。")
        messages.success(request, words)
    return redirect("organizations:reorganization", plan.pk)


@login_required
@require_POST
def withdraw(request: HttpRequest, reorganization_id: int) -> HttpResponse:
    plan = _plan(request, reorganization_id)
    try:
        services.withdraw_reorganization(reorganization_id=plan.pk, actor=person(request), at=timezone.now())
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("取りやめました。"))
    return redirect("organizations:section_tree", plan.organization_id)


@login_required
@require_POST
def step_remove(request: HttpRequest, step_id: int) -> HttpResponse:
    plans = reorganization_access.visible(request.user)
    step = get_object_or_404(ReorganizationStep.objects.filter(reorganization__in=plans), pk=step_id)
    try:
        services.remove_step(step_id=step.pk, actor=person(request), at=timezone.now())
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    return redirect("organizations:reorganization", step.reorganization_id)


def _plan(request: HttpRequest, reorganization_id: int) -> Reorganization:
    rows = reorganization_access.visible(request.user).select_related("organization")
    return get_object_or_404(rows, pk=reorganization_id)
