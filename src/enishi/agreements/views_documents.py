"""Documents of an agreement as docx and PDF, and the organisation's own templates."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.agreements import documents, selectors, services
from enishi.agreements.access import template_access
from enishi.agreements.enums import DocumentKind
from enishi.agreements.forms import TemplateForm
from enishi.agreements.models import DocumentTemplate
from enishi.agreements.pages import (
    form_page,
    now,
    permitted,
)
from enishi.agreements.views_approval import read_upload
from enishi.agreements.views_register import download
from enishi.foundation.documents import DOCX, MOST_BYTES, TemplateRefusedError
from enishi.foundation.errors import refusal
from enishi.foundation.limits import limited
from enishi.foundation.printing import NoJapaneseFontError, pdf_from_docx
from enishi.organizations.models import Organization
from enishi.organizations.visibility import reach_of

FORMATS = ("docx", "pdf")


@login_required
@require_safe
def document_list(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = permitted(request, pk, "read_inside")
    own = {
        row.kind: row
        for row in DocumentTemplate.objects.filter(
            organization_id=agreement.organization_id, retired_at__isnull=True
        )
    }
    context = {
        "agreement": agreement,
        "version": selectors.version_shown(agreement),
        "kinds": [(kind, own.get(kind.value)) for kind in DocumentKind],
        "may_see_templates": agreement.organization_id in reach_of(request.user).organization_ids,
    }
    return render(request, "agreements/document_list.html", context)


@login_required
@require_safe
@limited("documents", times=60, seconds=60)
def document_download(request: HttpRequest, pk: int, kind: str, ending: str) -> HttpResponse:
    """The filled document; a template that no longer fits is said, with what to mend."""
    agreement = permitted(request, pk, "read_inside")
    version = selectors.version_shown(agreement)
    if kind not in DocumentKind.values or ending not in FORMATS or version is None:
        raise Http404(_("その文書はありません。"))
    chosen = DocumentKind(kind)
    try:
        content = documents.document(agreement, version, chosen)
    except (TemplateRefusedError, FileNotFoundError) as refused:
        sentence = getattr(refused, "sentence", _("ひな形のファイルが見つかりません。登録し直してください。"))
        return refusal(request, sentence, status=400)
    name = documents.file_name(version, chosen, ending)
    if ending == "docx":
        return download(content, name, DOCX)
    try:
        return download(pdf_from_docx(content, title=version.title), name, "application/pdf")
    except NoJapaneseFontError:
        return refusal(
            request,
            _(
                "PDFに使う日本語の字が、この機械にありません。Wordの文書は作れます。情報システムの担当に「enishi doctor」を頼んでください。"
            ),
            status=400,
        )


def _house(request: HttpRequest, pk: int) -> Organization:
    organization = get_object_or_404(Organization, pk=pk)
    if not template_access.allows(request.user, "view", organization):
        raise Http404
    return organization


@login_required
@require_safe
def template_home(request: HttpRequest) -> HttpResponse:
    """The templates of the house one works in; with several, the first that may keep agreements."""
    houses = Organization.objects.filter(pk__in=reach_of(request.user).organization_ids).order_by("pk")
    house = next((each for each in houses if each.is_public_body), houses.first())
    if house is None:
        raise PermissionDenied(
            _("ひな形は、団体に所属する人が使います。団体の管理者に招いてもらってください。")
        )
    return redirect("agreements:template_list", house.pk)


@login_required
@require_safe
def template_list(request: HttpRequest, pk: int) -> HttpResponse:
    organization = _house(request, pk)
    rows = template_access.visible(request.user).filter(organization=organization, retired_at__isnull=True)
    own = {row.kind: row for row in rows.select_related("added_by")}
    context = {
        "organization": organization,
        "kinds": [(kind, own.get(kind.value)) for kind in DocumentKind],
        "variables": documents.variable_names(),
        "may_edit": template_access.allows(request.user, "edit", organization),
    }
    return render(request, "agreements/template_list.html", context)


@login_required
def template_add(request: HttpRequest, pk: int) -> HttpResponse:
    organization = _house(request, pk)
    if not template_access.allows(request.user, "edit", organization):
        raise PermissionDenied(
            _("ひな形を替えられるのは、%(name)sの管理職・企画・管理者です。") % {"name": organization.name}
        )
    form = TemplateForm(
        request.POST or None, request.FILES or None, initial={"kind": request.GET.get("kind", "")}
    )
    return form_page(
        request,
        None,
        form,
        lambda cleaned: services.add_template(
            organization=organization,
            kind=DocumentKind(cleaned["kind"]),
            name=cleaned["file"].name,
            content=read_upload(cleaned["file"], MOST_BYTES),
            actor=person_of(request),
            at=now(),
        ),
        title=_("ひな形を登録する"),
        submit=_("点検して登録する"),
        done=_("ひな形を点検し、登録しました。使っていない項目は一覧に出ています。"),
        lead=_(
            "Word文書(.docx)、5MBまで。差し込み項目を点検し、知らない項目や壊れた項目があれば、どれかをお知らせします。"
        ),
        to=redirect("agreements:template_list", organization.pk).url,
        also={"cancel": redirect("agreements:template_list", organization.pk).url},
    )


@login_required
@require_POST
def template_retire(request: HttpRequest, pk: int) -> HttpResponse:
    template = get_object_or_404(template_access.visible(request.user), pk=pk)
    services.retire_template(template_id=pk, actor=person_of(request), at=now())
    return redirect("agreements:template_list", template.organization_id)


@login_required
@require_safe
def template_download(request: HttpRequest, pk: int) -> HttpResponse:
    template = get_object_or_404(template_access.visible(request.user), pk=pk)
    try:
        with template.file.open("rb") as file:
            content = file.read()
    except FileNotFoundError as error:
        raise Http404(_("ひな形のファイルが見つかりません。登録し直してください。")) from error
    return download(content, template.name, DOCX)


@login_required
@require_safe
def template_default(request: HttpRequest, kind: str) -> HttpResponse:
    """The wording that comes with the product, to change in Word and upload again."""
    if kind not in DocumentKind.values:
        raise Http404(_("その文書はありません。"))
    chosen = DocumentKind(kind)
    return download(documents.default_template(chosen), f"{chosen.label}(ひな形).docx", DOCX)
