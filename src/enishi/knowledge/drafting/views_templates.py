"""Pages of templates."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from enishi.accounts.signed_in import person_of
from enishi.foundation.lists import paginate
from enishi.knowledge.drafting import sections, selectors, services
from enishi.knowledge.drafting.access import template_access
from enishi.knowledge.drafting.enums import DraftKind
from enishi.knowledge.drafting.forms import TemplateForm
from enishi.knowledge.models import DraftTemplate
from enishi.knowledge.staff import exporting
from enishi.knowledge.staff.asking import (
    now,
    signed_in,
    staff_of,
    writable,
)
from enishi.knowledge.staff.pages import form_page


@signed_in
@require_safe
def template_list(request: HttpRequest) -> HttpResponse:
    person = staff_of(request)
    rows = selectors.templates(person)
    if request.GET.get("format") in exporting.FORMATS:
        lines = [
            [row.get_kind_display(), row.title, row.organization.name, sections.in_words(row.sections)]
            for row in rows[:1_000]
        ]
        headings = [_("種類"), _("題名"), _("団体"), _("見出しと決まった文")]
        return exporting.table(_("ひな型"), "templates", headings, lines, request.GET["format"])
    context = {
        "page": paginate(rows, order_by=("-updated_at", "-pk"), parameters=request.GET),
        "total": rows.count(),
        "kinds": DraftKind.choices,
    }
    return render(request, "knowledge/drafting/template_list.html", context)


@signed_in
def template_new(request: HttpRequest) -> HttpResponse:
    """A new template, begun with what there is already."""
    person = staff_of(request)
    form = TemplateForm(
        request.POST if request.method == "POST" else None,
        person=person,
        initial={"kind": request.GET.get("kind", "")},
    )
    return _page(
        request,
        form,
        lambda sent: services.create_template(
            organization=sent.cleaned_data["organization"],
            kind=DraftKind(sent.cleaned_data["kind"]),
            **_values(sent),
            actor=person,
            at=now(),
        ),
        _("ひな型を作る"),
        _("ひな型を作りました。"),
    )


def _values(form: TemplateForm) -> dict[str, Any]:
    data = form.cleaned_data
    return {
        "title": data["title"],
        "parts": data["parts"],
        "section_id": data["section"].pk if data["section"] else None,
        "visibility": data["visibility"],
    }


def _page(request: HttpRequest, form: TemplateForm, save: Any, title: str, done: str) -> HttpResponse:
    return form_page(
        request,
        form,
        save,
        to=reverse("drafting:template_list"),
        title=title,
        submit=_("保存する"),
        done=done,
        cancel=reverse("drafting:template_list"),
        crumbs=[
            (_("起案支援"), reverse("drafting:draft_list")),
            (_("ひな型"), reverse("drafting:template_list")),
        ],
    )


@signed_in
def template_edit(request: HttpRequest, pk: int) -> HttpResponse:
    template: DraftTemplate = writable(request, template_access, pk)
    person = person_of(request)
    return _page(
        request,
        TemplateForm(request.POST or None, person=person, record=template),
        lambda sent: services.edit_template(
            template_id=template.pk,
            **_values(sent),
            is_active=sent.cleaned_data["is_active"],
            version=sent.cleaned_data["version"] or 0,
            actor=person,
            at=now(),
        ),
        _("ひな型を書き直す"),
        _("ひな型を保存しました。"),
    )


@signed_in
def template_delete(request: HttpRequest, pk: int) -> HttpResponse:
    template: DraftTemplate = writable(request, template_access, pk)
    if request.method == "POST":
        services.delete_template(template_id=template.pk, actor=person_of(request), at=now())
        messages.success(request, _("ひな型を削除しました。30日のあいだ、知識のごみ箱から元に戻せます。"))
        return redirect("drafting:template_list")
    context = {
        "heading": _("ひな型を削除する"),
        "question": _("「%(title)s」を削除しますか。") % {"title": template.title},
        "explanation": _("これまでの起案は残ります。30日のあいだは元に戻せます。"),
        "submit": _("削除する"),
        "action": request.path,
        "cancel": template.get_absolute_url(),
        "crumbs": [
            (_("ひな型"), reverse("drafting:template_list")),
            (template.title, template.get_absolute_url()),
        ],
    }
    return render(request, "knowledge/staff/confirm.html", context)
