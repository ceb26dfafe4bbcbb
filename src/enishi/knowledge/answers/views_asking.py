"""Asking over everything one may see; what nobody could answer; what models were used for; sheets in."""

import uuid

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.foundation.limits import limited
from enishi.foundation.lists import paginate
from enishi.foundation.spreadsheets import UnreadableTableError
from enishi.knowledge.answers import asking, machines, services, transfer
from enishi.knowledge.answers.access import answer_access, may_read_questions, may_run
from enishi.knowledge.answers.asking import Question
from enishi.knowledge.answers.enums import Channel, ClusterStatus
from enishi.knowledge.answers.forms import ImportForm, LimitForm
from enishi.knowledge.models import (
    AnswerImport,
    AskedQuestion,
    HandOver,
    ModelLimit,
    ModelUse,
    QuestionCluster,
)
from enishi.knowledge.staff import exporting
from enishi.knowledge.staff.asking import (
    now,
    signed_in,
    staff_of,
)
from enishi.knowledge.staff.errors import RefusedError
from enishi.knowledge.staff.uploads import received
from enishi.organizations.models import Organization
from enishi.organizations.visibility import reach_of

LONGEST = 10_000


@signed_in
@require_http_methods(["GET", "POST"])
@limited("ask", times=30, seconds=60, methods=("POST",))
def ask(request: HttpRequest) -> HttpResponseBase:
    """A question over all one may see."""
    person = person_of(request)
    house = asking.house_of(person)
    context: dict[str, object] = {"house": house, "may_generate": machines.writes_freely(), "typed": ""}
    if house is None:
        raise PermissionDenied(
            _("まだ団体が登録されていないため、たずねる先がありません。管理者に登録を頼んでください。")
        )
    if request.method == "POST":
        typed = request.POST.get("question", "")[:LONGEST]
        generates = bool(request.POST.get("generate"))
        reply = asking.ask(
            Question(
                typed,
                person,
                [house],
                channel=Channel.STAFF,
                before=request.POST.get("before", "")[:600],
                uses_generation=generates,
                everywhere=True,
            ),
            at=now(),
        )
        context |= {"reply": reply, "typed": typed, "generates": generates}
    return render(request, "knowledge/answers/ask.html", context)


def _read_houses(request: HttpRequest) -> list[Organization]:
    """Where this person may read masked questions."""
    person = person_of(request)
    houses = Organization.objects.filter(pk__in={pk for pk, _role in reach_of(person).roles}).order_by("pk")
    mine = [house for house in houses if may_read_questions(person, house.pk) and house.is_public_body]
    if not mine:
        raise PermissionDenied(
            _("寄せられた質問を読めるのは、自治体の担当・企画・管理・監査の役割を持つ人です。")
        )
    return mine


@signed_in
@require_safe
def todo_list(request: HttpRequest) -> HttpResponse:
    """Questions nobody could answer, grouped, the most asked first; for one section or all."""
    houses = _read_houses(request)
    rows = QuestionCluster.objects.filter(organization__in=houses).select_related(
        "section", "organization", "answer"
    )
    status = request.GET.get("status", ClusterStatus.OPEN)
    rows = rows.filter(status=status) if status in ClusterStatus.values else rows
    section = request.GET.get("section", "")
    if section.isdecimal() and len(section) < 15:
        rows = rows.filter(section_id=int(section))
    elif section == "mine":
        rows = rows.filter(section_id__in=reach_of(request.user).section_ids)
    if request.GET.get("format") in exporting.FORMATS:
        found = rows.order_by("-count", "-pk")[:5_000]
        table = (
            (row.title, row.count, row.section.name if row.section else "", row.get_status_display())
            for row in found
        )
        return exporting.table(
            _("答えられなかった質問"),
            "unanswered",
            ("質問", "件数", "担当課", "状態"),
            table,
            request.GET["format"],
        )
    context = {
        "page": paginate(rows, order_by=("-count", "-pk"), parameters=request.GET),
        "count": rows.count(),
        "status": status,
        "statuses": ClusterStatus.choices,
        "section": section,
        "hand_overs": HandOver.objects.filter(organization__in=houses, done_at__isnull=True)
        .select_related("section", "question")
        .order_by("-at", "-pk")[:20],
    }
    return render(request, "knowledge/answers/todo_list.html", context)


@signed_in
@require_safe
def todo_detail(request: HttpRequest, pk: int) -> HttpResponse:
    cluster = get_object_or_404(QuestionCluster, pk=pk, organization__in=_read_houses(request))
    questions = AskedQuestion.objects.filter(cluster=cluster)
    context = {
        "cluster": cluster,
        "page": paginate(questions, order_by=("-at", "-pk"), parameters=request.GET, size=50),
        "may_write": answer_access.allows(request.user, "create", cluster.organization),
    }
    return render(request, "knowledge/answers/todo_detail.html", context)


@signed_in
@require_POST
def todo_leave(request: HttpRequest, pk: int) -> HttpResponse:
    cluster = get_object_or_404(QuestionCluster, pk=pk, organization__in=_read_houses(request))
    services.leave_cluster(cluster_id=cluster.pk, actor=person_of(request), at=now())
    messages.success(request, _("「対応しない」にしました。同じ質問が増えたら件数に表れます。"))
    return redirect("answers:todo_list")


@signed_in
@require_safe
def question_list(request: HttpRequest) -> HttpResponse:
    """The masked questions of the houses one may read, newest first."""
    houses = _read_houses(request)
    rows = (
        AskedQuestion.objects.filter(organization__in=houses)
        .exclude(text="")
        .select_related("answer", "section")
    )
    if request.GET.get("format") in exporting.FORMATS:
        table = (
            (
                row.at.isoformat(timespec="minutes"),
                row.text,
                row.get_outcome_display(),
                row.get_language_display(),
                row.get_helpful_display(),
            )
            for row in rows.order_by("-at", "-pk")[:5_000]
        )
        return exporting.table(
            _("寄せられた質問"),
            "questions",
            ("日時", "質問", "結果", "言語", "役に立ったか"),
            table,
            request.GET["format"],
        )
    context = {
        "page": paginate(rows, order_by=("-at", "-pk"), parameters=request.GET, size=50),
        "count": rows.count(),
    }
    return render(request, "knowledge/answers/question_list.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
def models(request: HttpRequest) -> HttpResponse:
    """What language models are used, what they cost this month, and the limit."""
    person = staff_of(request)
    houses = [house for house in _read_houses(request) if may_run(person, house.pk)]
    if not houses:
        raise PermissionDenied(_("モデルの利用を見られるのは、団体の管理職・企画・管理者です。"))
    house = houses[0]
    limit = ModelLimit.objects.filter(organization=house).first()
    initial = {
        "tokens_a_month": limit.tokens_a_month if limit else settings.MODEL_TOKENS_A_MONTH,
        "allows_generation": limit.allows_generation if limit else True,
    }
    form = LimitForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.set_model_limit(organization=house, actor=person, at=now(), **form.cleaned_data)
        messages.success(request, _("上限を保存しました。"))
        return redirect("answers:models")
    opened = machines.vectors()
    context = {
        "house": house,
        "form": form,
        "uses": ModelUse.objects.filter(organization=house).order_by("-month", F("calls").desc())[:60],
        "left": machines.tokens_left(house, now()),
        "embedder": opened.embedder.name if opened else "",
        "is_outbound": machines.may_call_out(),
        "writes_freely": machines.writes_freely(),
        "generator": settings.GENERATOR_MODEL if machines.writes_freely() else "",
    }
    return render(request, "knowledge/answers/models.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
def import_new(request: HttpRequest) -> HttpResponse:
    """Choose a sheet; it is looked at before anything is written."""
    person = staff_of(request)
    form = ImportForm(request.POST or None, request.FILES or None, person=person)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            upload = received(data["file"])
            batch = transfer.receive(
                organization=data["organization"],
                filename=upload.name,
                content=upload.content,
                visibility=data["visibility"],
                actor=person,
                at=now(),
            )
        except (RefusedError, UnreadableTableError) as refused:
            form.add_error("file", str(refused))
        else:
            return redirect("answers:import_detail", batch.pk)
    return render(request, "knowledge/answers/import_new.html", {"form": form, "columns": transfer.COLUMNS})


@signed_in
@require_safe
def import_form(request: HttpRequest) -> HttpResponse:
    """The empty sheet, with one row that shows how."""
    example = (
        "1",
        "粗大ごみの出し方は？",
        "大きなごみを捨てたい",
        "電話で申し込みます。",
        "ごみ",
        "",
        "令和8年4月1日",
        "",
        "令和9年3月31日",
    )
    return exporting.table(_("よくある質問の様式"), "faq-form", transfer.COLUMNS, [example], "xlsx")


@signed_in
@require_safe
def import_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    batch = get_object_or_404(AnswerImport, pk=pk, person=person_of(request))
    preview = {
        "added": batch.added,
        "changed": batch.changed,
        "unchanged": batch.unchanged,
        "faults": batch.faults[:200],
        "differences": [],
    }
    context = {"batch": batch, "preview": preview, "unknown": transfer.unknown_sections(batch)}
    return render(request, "knowledge/answers/import_detail.html", context)


@signed_in
@require_POST
def import_confirm(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    batch = get_object_or_404(AnswerImport, pk=pk, person=person_of(request))
    try:
        transfer.confirm(batch_id=batch.pk, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("取り込みました。承認待ちに並んでいます。"))
    return redirect("answers:import_detail", batch.pk)
