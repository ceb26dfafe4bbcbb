"""Pages of an organisation's sections."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from enishi.organizations import selectors, services
from enishi.organizations.access import organization_access, reorganization_access, section_access
from enishi.organizations.errors import RefusedError
from enishi.organizations.forms import CloseSectionForm, SectionForm
from enishi.organizations.models import Organization, Section
from enishi.organizations.views_organizations import person


@require_GET
def section_tree(request: HttpRequest, organization_id: int) -> HttpResponse:
    """All sections, those of today as a tree; past and coming ones on request."""
    organization = get_object_or_404(Organization, pk=organization_id)
    today = timezone.localdate()
    visible = section_access.visible(request.user).filter(organization=organization).order_by("code", "pk")
    sections = list(visible)
    now = [
        each
        for each in sections
        if each.valid_from <= today and (each.valid_to is None or each.valid_to >= today)
    ]
    context = {
        "organization": organization,
        "tree": selectors.section_tree(now),
        "coming": [each for each in sections if each.valid_from > today],
        "past": [each for each in sections if each.valid_to is not None and each.valid_to < today],
        "may_edit": organization_access.allows(request.user, "edit_sections", organization),
        "may_see_people": organization_access.allows(request.user, "see_people", organization),
        "reorganizations": reorganization_access.visible(request.user).filter(organization=organization)[:20]
        if request.user.is_authenticated
        else [],
    }
    return render(request, "organizations/section_tree.html", context)


@require_GET
def section_detail(request: HttpRequest, section_id: int) -> HttpResponse:
    section = _section(request, section_id)
    context = {
        "section": section,
        "successors": section.successors.all(),
        "predecessors": section.predecessors.all(),
        "may_edit": section_access.allows(request.user, "edit", section),
    }
    return render(request, "organizations/section_detail.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def section_new(request: HttpRequest, organization_id: int) -> HttpResponse:
    organization = get_object_or_404(Organization, pk=organization_id)
    organization_access.require(request.user, "edit_sections", organization)
    form = SectionForm(
        request.POST or None, organization=organization, initial={"valid_from": timezone.localdate()}
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.add_section(
                organization_id=organization.pk, actor=person(request), at=timezone.now(), **form.cleaned_data
            )
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("課を設けました。"))
            return redirect("organizations:section_tree", organization.pk)
    return render(request, "organizations/section_edit.html", {"form": form, "organization": organization})


START = ("name", "code", "duties", "phone", "email", "opening_hours")


@login_required
@require_http_methods(["GET", "POST"])
def section_edit(request: HttpRequest, section_id: int) -> HttpResponse:
    section = _section(request, section_id)
    section_access.require(request.user, "edit", section)
    start = {name: getattr(section, name) for name in START}
    form = SectionForm(
        request.POST or None,
        organization=section.organization,
        section=section,
        initial={**start, "parent": section.parent_id},
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.edit_section(
                section_id=section.pk, actor=person(request), at=timezone.now(), **form.cleaned_data
            )
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("課を書き直しました。"))
            return redirect("organizations:section_detail", section.pk)
    context = {"form": form, "organization": section.organization, "section": section}
    return render(request, "organizations/section_edit.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def section_close(request: HttpRequest, section_id: int) -> HttpResponse:
    """Close a section; what is open needs somebody to take it over."""
    section = _section(request, section_id)
    section_access.require(request.user, "edit", section)
    form = CloseSectionForm(request.POST or None, section=section, initial={"last_day": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            services.close_section(
                section_id=section.pk,
                last_day=form.cleaned_data["last_day"],
                successors=list(form.cleaned_data["successors"]),
                actor=person(request),
                at=timezone.now(),
            )
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("「%(name)s」を閉じました。") % {"name": section.name})
            return redirect("organizations:section_tree", section.organization_id)
    context = {"form": form, "section": section, "piles": services.open_responsibilities(section)}
    return render(request, "organizations/section_close.html", context)


def _section(request: HttpRequest, section_id: int) -> Section:
    rows = section_access.visible(request.user).select_related("organization", "parent")
    return get_object_or_404(rows, pk=section_id)
