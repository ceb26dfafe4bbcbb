"""Results for everybody: published sheets, as they were published."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.evaluation.access import subject_access
from enishi.evaluation.forms import WithdrawForm
from enishi.evaluation.models import PublishedSheet, Subject
from enishi.evaluation.pages import (
    now,
    page_with_form,
    require,
    sheet_crumbs,
    signed_in,
    visible_sheet,
)
from enishi.evaluation.services import publishing
from enishi.evaluation.views_cycles import as_file
from enishi.evaluation.views_sheets import shown_sheet
from enishi.foundation import downloads, form_pages
from enishi.foundation.forms import clean_text
from enishi.foundation.lists import paginate
from enishi.organizations.enums import Visibility


@require_safe
def result_list(request: HttpRequest) -> HttpResponse:
    """What was published, for everybody."""
    query = clean_text(request.GET.get("q", "")).strip()[:100]
    rows = Subject.objects.filter(published_at__isnull=False, cycle__deleted_at__isnull=True)
    rows = rows.select_related("cycle", "organization", "section")
    for word in query.split()[:8]:
        rows = rows.filter(Q(title__icontains=word) | Q(section__name__icontains=word))
    if request.GET.get("format") in downloads.FORMATS:
        return _as_file(request.GET["format"], rows)
    total = rows.count()
    context = {
        "query": query,
        "page": paginate(rows, order_by=("-published_at", "-pk"), parameters=request.GET),
        "summary": ngettext("公表した評価 %(count)s件", "公表した評価 %(count)s件", total)
        % {"count": f"{total:,}"},
    }
    return render(request, "evaluation/result_list.html", context)


def _as_file(form: str, rows: object) -> HttpResponse:
    headings = [_("名称"), _("評価の周期"), _("担当課"), _("公表した日"), _("照合番号(SHA-256)")]
    sheets = PublishedSheet.objects.filter(subject__in=rows, withdrawn_at__isnull=True)  # type: ignore[misc]
    found = sheets.select_related("subject__cycle", "subject__section").order_by("-published_at", "-pk")
    lines = (
        [
            each.content["name"],
            each.subject.cycle.title,
            each.subject.section.name if each.subject.section else "",
            each.published_at.date(),
            each.sha256,
        ]
        for each in found.iterator(chunk_size=500)
    )
    return as_file(form, headings, lines, _("公表した評価"))


@require_safe
def result_detail(request: HttpRequest, pk: int) -> HttpResponse:
    rows = PublishedSheet.objects.filter(withdrawn_at__isnull=True, subject__cycle__deleted_at__isnull=True)
    published = get_object_or_404(
        rows.select_related("subject__cycle__organization", "subject__programme"), subject_id=pk
    )
    programme = published.subject.programme
    context = {
        "published": published,
        "subject": published.subject,
        "paper": published.read_content,
        "may_propose": programme is not None and programme.visibility == Visibility.PUBLIC,
        "may_open_sheet": subject_access.allows(request.user, "view", published.subject),
    }
    return render(request, "evaluation/result_detail.html", context)


@signed_in
@require_POST
def sheet_publish(request: HttpRequest, pk: int) -> HttpResponse:
    subject = visible_sheet(request, pk)
    require(request, "publish", subject)
    sheet = shown_sheet(request, subject)
    return form_pages.press(
        request,
        lambda: publishing.publish(subject_id=subject.pk, sheet=sheet, actor=person_of(request), at=now()),
        done=_("公表しました。だれでも読めます。"),
        to=subject,
    )


@signed_in
def sheet_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    subject = visible_sheet(request, pk)
    require(request, "publish", subject)
    return page_with_form(
        request,
        WithdrawForm(request.POST or None),
        lambda form: publishing.withdraw(
            subject_id=subject.pk, reason=form.cleaned_data["reason"], actor=person_of(request), at=now()
        ),
        title=_("公表をやめる"),
        submit=_("公表をやめる"),
        done=_("公表をやめました。公表していた内容は記録に残ります。"),
        to=subject.get_absolute_url(),
        crumbs=sheet_crumbs(subject),
    )
