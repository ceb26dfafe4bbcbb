"""Pages of a municipality's own forms: which stand in, where to begin, and the file with marks."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.evaluation.access import cycle_access
from enishi.evaluation.pages import house_of, now, page_with_form, signed_in
from enishi.evaluation.papers import own, services
from enishi.evaluation.papers.forms import FORMS, Form
from enishi.evaluation.papers.models import OwnForm
from enishi.evaluation.papers.xlsx import xlsx_of
from enishi.foundation import downloads, form_pages
from enishi.foundation.documents import DOCX
from enishi.organizations.models import Organization

EXAMPLES = (
    (gettext_lazy("一行の項目"), ("{{所管課}}", "{{成果と課題}}"), ""),
    (
        gettext_lazy("表の一つのセル"),
        ("{{費用:決算額:2}}",),
        gettext_lazy("(表の題:行の名前:何列目か。列は見出しでも書けます)"),
    ),
    (gettext_lazy("行の名前が変わる表"), ("{{指標:1行目:3列目}}",), ""),
    (
        gettext_lazy("どの様式でも使える印"),
        ("{{様式}}", "{{名称}}", "{{評価の回}}", "{{注記}}"),
        "",
    ),
)
"""How marks are written. They are names of the forms' own lines, which are in Japanese whoever reads."""


class FileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("様式のファイル"),
        help_text=gettext_lazy(
            "Excel(.xlsx)かWord(.docx)、2MBまで。値を入れたい所に「{{所管課}}」のような印を書いておきます。"
        ),
    )


def _house(request: HttpRequest) -> Organization:
    house = house_of(request)
    if house is None or not cycle_access.allows(request.user, "create", house):
        raise PermissionDenied(_("様式を登録できるのは、自治体の行革の担当です。"))
    return house


def _form(key: str) -> Form:
    if key not in FORMS:
        raise Http404
    return FORMS[key]


@signed_in
@require_safe
def own_forms(request: HttpRequest) -> HttpResponse:
    """The official forms, how sure we are of each, and which of them the municipality has made its own."""
    house = _house(request)
    kept = {row.form: row for row in OwnForm.objects.in_use().filter(organization=house)}
    context = {
        "rows": [(form, kept.get(form.key)) for form in FORMS.values()],
        "house": house,
        "examples": EXAMPLES,
    }
    return render(request, "evaluation/own_forms.html", context)


@signed_in
def own_form_new(request: HttpRequest, form: str) -> HttpResponse:
    house, wanted = _house(request), _form(form)
    page = reverse("evaluation:own_forms")
    return page_with_form(
        request,
        FileForm(request.POST or None, request.FILES or None),
        lambda filled: services.keep(
            organization=house,
            form=form,
            content=filled.cleaned_data["file"].read(),
            name=filled.cleaned_data["file"].name,
            actor=person_of(request),
            at=now(),
        ),
        title=_("「%(title)s」を自分の団体の様式にする") % {"title": wanted.title},
        submit=_("この様式を使う"),
        done=lambda row: (
            _("登録しました。これからは、Wordがこの様式で出ます。")
            if row.kind == "docx"
            else _("登録しました。これからは、Excelがこの様式で出ます。")
        ),
        to=page,
        crumbs=[(reverse("evaluation:cycle_list"), _("行政評価")), (page, _("様式"))],
        lead=_("見本のファイルを開き、お使いの様式に印を写してください。印のない所は、書いたまま残ります。"),
    )


@signed_in
@require_safe
def own_form_sample(request: HttpRequest, form: str) -> HttpResponse:
    """The form that comes with the product, with a mark in every place."""
    house, wanted = _house(request), _form(form)
    papers = services.example_papers(house, form, person_of(request))
    if not papers:
        raise Http404(_("評価シートがまだないため、見本を作れません。評価の周期を始めてください。"))
    fullest = max(
        papers, key=lambda paper: sum(len((*part.grid, *part.texts, *part.rows)) for part in paper.parts)
    )
    with translation.override("ja"):
        content = xlsx_of([own.sample(fullest, [paper for paper in papers if paper is not fullest])])
    return downloads.attachment(
        content, downloads.XLSX, plain=f"{form}-sample.xlsx", name=f"{wanted.title}_見本.xlsx"
    )


@signed_in
@require_safe
def own_form_file(request: HttpRequest, form: str) -> HttpResponse:
    """The file as it was given."""
    row = services.own_form(_house(request).pk, _form(form).key)
    if row is None:
        raise Http404
    media = DOCX if row.kind == "docx" else downloads.XLSX
    return downloads.attachment(bytes(row.content), media, plain=f"{form}.{row.kind}", name=row.filename)


@signed_in
@require_POST
def own_form_retire(request: HttpRequest, form: str) -> HttpResponse:
    house, wanted = _house(request), _form(form)
    if services.own_form(house.pk, wanted.key) is None:
        return redirect("evaluation:own_forms")
    return form_pages.press(
        request,
        lambda: services.retire(organization=house, form=form, actor=person_of(request), at=now()),
        done=_("はじめからある様式に戻しました。"),
        to=reverse("evaluation:own_forms"),
    )
