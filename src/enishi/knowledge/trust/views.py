"""How sure the answers are: for the municipality, and for everybody where it says so."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.foundation.charts import svg_response
from enishi.foundation.erasing import RESTORABLE
from enishi.foundation.forms import TextField
from enishi.foundation.spreadsheets import UnreadableTableError
from enishi.knowledge.answers.access import may_read_questions, may_run
from enishi.knowledge.models import Collection, Concierge, QuestionSet, TestResult
from enishi.knowledge.staff import exporting
from enishi.knowledge.staff.access import owners_of
from enishi.knowledge.staff.asking import (
    now,
    signed_in,
    staff_of,
)
from enishi.knowledge.staff.errors import RefusedError
from enishi.knowledge.staff.uploads import received
from enishi.knowledge.trust import services, trend
from enishi.knowledge.trust.models import Verdict
from enishi.organizations.models import Organization
from enishi.organizations.visibility import reach_of

COLUMNS = ("質問", "答えに必ず含む言葉", "言語")


class SheetForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("ファイル(ExcelかCSV)"),
        help_text=gettext_lazy(
            "見出しは「質問」「答えに必ず含む言葉」「言語」。必ず含む言葉が空の質問は、断るのが正解です。"
        ),
    )


class SetForm(SheetForm):
    organization = forms.ModelChoiceField(
        label=gettext_lazy("団体"), queryset=Organization.objects.none(), empty_label=None
    )
    name = TextField(label=gettext_lazy("名前"), max_length=100)
    collection = forms.ModelChoiceField(
        label=gettext_lazy("資料集"),
        queryset=Collection.objects.none(),
        required=False,
        empty_label=gettext_lazy("決めない(住民に示すものすべて)"),
    )
    field_order = ("organization", "name", "collection", "file")

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        houses = [house.pk for house in owners_of(actor) if may_run(actor, house.pk)]
        organization: Any = self.fields["organization"]
        organization.queryset = Organization.objects.filter(pk__in=houses)
        collection: Any = self.fields["collection"]
        collection.queryset = Collection.objects.visible_to(actor).filter(organization_id__in=houses)


@signed_in
@require_safe
def sets(request: HttpRequest) -> HttpResponse:
    """The question sets of one's houses with their latest results."""
    person = staff_of(request)
    rows = QuestionSet.objects.filter(organization_id__in=reach_of(person).organization_ids)
    listed = [(row, row.runs.first()) for row in rows.select_related("organization", "collection")[:100]]
    thrown = QuestionSet.everything.filter(
        organization__in=owners_of(person), deleted_at__gt=now() - RESTORABLE
    )
    context = {
        "sets": listed,
        "may_create": _runs_any(person),
        "removed": [
            row for row in thrown.order_by("-deleted_at")[:50] if may_run(person, row.organization_id)
        ],
    }
    return render(request, "knowledge/trust/sets.html", context)


def _runs_any(person: Any) -> bool:
    return any(may_run(person, house.pk) for house in owners_of(person))


@signed_in
@require_http_methods(["GET", "POST"])
def set_new(request: HttpRequest) -> HttpResponse:
    person = staff_of(request)
    if not _runs_any(person):
        raise PermissionDenied(_("問題集を扱えるのは、団体の管理職・企画・管理者です。"))
    form = SetForm(request.POST or None, request.FILES or None, actor=person)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = services.create_set(
                organization=data["organization"],
                name=data["name"],
                collection=data["collection"],
                content=received(data["file"]).content,
                actor=person,
                at=now(),
            )
        except (RefusedError, UnreadableTableError) as refused:
            form.add_error("file", str(refused))
        else:
            messages.success(request, _("問題集を作りました。毎晩2時に調べます。"))
            return redirect(made)
    return render(request, "knowledge/trust/set_new.html", {"form": form})


@signed_in
@require_safe
def set_form(request: HttpRequest) -> HttpResponse:
    """The empty sheet, with rows that show how."""
    rows = [("粗大ごみの手数料はいくらですか", "500円", "ja"), ("市長の好きな食べ物は", "", "ja")]
    return exporting.table(_("問題集の様式"), "question-set-form", COLUMNS, rows, "xlsx")


@signed_in
@require_safe
def set_detail(request: HttpRequest, pk: int) -> HttpResponse:
    kept = _set(request, pk)
    runs = trend.nights(kept)
    table = trend.table(runs, trend.labels())
    if request.GET.get("format") in exporting.FORMATS:
        return exporting.table(
            _("答えの確かさ"), "accuracy", table.columns, table.rows, request.GET["format"]
        )
    results = TestResult.objects.filter(run=runs[0]).select_related("question") if runs else []
    ordered = sorted(results, key=lambda row: (_ORDER[row.verdict], row.question.order))
    context = {
        "set": kept,
        "latest": runs[0] if runs else None,
        "well": runs[0].right + runs[0].rightly_refused if runs else 0,
        "table": table,
        "to_mend": [row for row in ordered if row.verdict in TO_MEND],
        "well_done": [row for row in ordered if row.verdict not in TO_MEND],
        "may_run": may_run(request.user, kept.organization_id),
        "public_url": _public_url(kept),
        "question_count": kept.questions.count(),
    }
    return render(request, "knowledge/trust/set_detail.html", context)


TO_MEND = (Verdict.WRONG, Verdict.REFUSED)
_ORDER = {"wrong": 0, "refused": 1, "right": 2, "declined": 3}


def _public_url(kept: QuestionSet) -> str:
    desk = Concierge.objects.filter(organization_id=kept.organization_id, is_open=True).first()
    return reverse("trust:public", args=[desk.slug]) if desk else ""


@signed_in
@require_POST
def set_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Run, publish, hide, delete or bring back a set."""
    kept = _set(request, pk, among=QuestionSet.everything if step == "restore" else QuestionSet.objects)
    person, at = person_of(request), now()
    try:
        if step == "run":
            job = services.start_run(set_id=kept.pk, actor=person, at=at)
            return redirect("foundation:job", job.pk)
        if step == "delete":
            services.delete_set(set_id=kept.pk, actor=person, at=at)
            messages.success(request, _("問題集を消しました。30日のあいだ、この一覧の下から元に戻せます。"))
            return redirect("trust:sets")
        if step == "restore":
            services.restore_set(set_id=kept.pk, actor=person, at=at)
            messages.success(request, _("問題集を元に戻しました。"))
            return redirect(kept)
        services.publish_set(set_id=kept.pk, published=step == "publish", actor=person, at=at)
    except RefusedError as refused:
        messages.error(request, refused.sentence)
        return redirect("trust:sets" if step == "restore" else kept)
    messages.success(request, _("公開の設定を変えました。"))
    return redirect(kept)


@signed_in
@require_safe
def set_chart(request: HttpRequest, pk: int) -> HttpResponse:
    runs = trend.nights(_set(request, pk))
    return svg_response(trend.chart(runs, trend.labels()), filename="accuracy.svg")


@signed_in
@require_safe
def set_questions(request: HttpRequest, pk: int) -> HttpResponse:
    """The questions with what became of them, as the sheet that can be changed and handed in again."""
    kept = _set(request, pk)
    latest = TestResult.objects.filter(run=kept.runs.first()).select_related("question")
    results = {row.question_id: row for row in latest}
    rows = [
        (each.question, each.must, each.language, *_told(results.get(each.pk)))
        for each in kept.questions.all()
    ]
    return exporting.table(kept.name, "question-set", [*COLUMNS, _("結果"), _("答え")], rows, "xlsx")


def _told(result: TestResult | None) -> tuple[str, str]:
    return (str(result.get_verdict_display()), result.answer) if result else ("", "")


@signed_in
@require_http_methods(["GET", "POST"])
def set_replace(request: HttpRequest, pk: int) -> HttpResponse:
    """Another sheet in the place of the questions."""
    kept = _set(request, pk)
    if not may_run(request.user, kept.organization_id):
        raise PermissionDenied(_("問題集を扱えるのは、団体の管理職・企画・管理者です。"))
    form = SheetForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        content = received(form.cleaned_data["file"]).content
        try:
            services.replace_questions(set_id=kept.pk, content=content, actor=person_of(request), at=now())
        except (RefusedError, UnreadableTableError) as refused:
            form.add_error("file", str(refused))
        else:
            messages.success(request, _("問題を差し替えました。これまでの結果は残っています。"))
            return redirect(kept)
    return render(request, "knowledge/trust/set_replace.html", {"form": form, "set": kept})


def _set(request: HttpRequest, pk: int, *, among: Any = QuestionSet.objects) -> QuestionSet:
    kept: QuestionSet = get_object_or_404(among.select_related("organization", "collection"), pk=pk)
    if not may_read_questions(request.user, kept.organization_id):
        raise Http404
    return kept
