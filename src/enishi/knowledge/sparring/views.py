"""Pages of sparring: ask, read, narrow, correct, take away."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from enishi.accounts.signed_in import person_of
from enishi.foundation.erasing import RESTORABLE
from enishi.foundation.limits import limited
from enishi.foundation.lists import paginate
from enishi.foundation.submissions import new_token, once
from enishi.knowledge.cases import meaning
from enishi.knowledge.models import SparringSession
from enishi.knowledge.sparring import answering, documents, services
from enishi.knowledge.sparring.forms import CorrectionForm, QuestionForm
from enishi.knowledge.sparring.understanding import Understood, corrected
from enishi.knowledge.staff import exporting
from enishi.knowledge.staff.asking import (
    now,
    signed_in,
    staff_of,
    today,
)
from enishi.knowledge.staff.errors import RefusedError

FORMATS = ("docx", "xlsx")


@signed_in
@limited("sparring", times=60, seconds=60)
def session_list(request: HttpRequest) -> HttpResponseBase:
    """The box to ask, and what one asked before."""
    person = staff_of(request)
    form = QuestionForm(request.POST or None, initial={"token": new_token()})
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(
                once(
                    token=form.cleaned_data["token"],
                    person=person,
                    at=now(),
                    make=lambda: services.begin(
                        text=form.cleaned_data["text"], actor=person, at=now()
                    ).get_absolute_url(),
                )
            )
        except RefusedError as refused:
            form.add_error("text", refused.sentence)
    rows = SparringSession.objects.filter(person=person, deleted_at__isnull=True)
    if request.GET.get("format") in exporting.FORMATS:
        lines = [
            [row.title, row.created_at.date().isoformat(), row.updated_at.date().isoformat()]
            for row in rows[:2_000]
        ]
        headings = [_("問い"), _("始めた日"), _("最後の日")]
        return exporting.table(_("壁打ち"), "sparring", headings, lines, request.GET["format"])
    context = {
        "form": form,
        "page": paginate(rows, order_by=("-updated_at", "-pk"), parameters=request.GET),
        "total": rows.count(),
        "removed": list(
            SparringSession.objects.filter(person=person, deleted_at__gt=now() - RESTORABLE)[:20]
        ),
        "examples": [
            _("北海道の食のプロジェクトで、うまくいったこと・失敗したこと・気をつける5つ"),
            _("高齢者の見守りの実証で、続かなかった理由"),
            _("空き家の活用を企業と進めるとき、気をつける3つ"),
        ],
    }
    return render(request, "knowledge/sparring/session_list.html", context)


@signed_in
@limited("sparring", times=60, seconds=60)
def session_detail(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The answer to the whole line of questions, found anew: what one may no longer read is not in it."""
    person = person_of(request)
    session = _own(request, pk)
    form = QuestionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.go_on(session_id=session.pk, text=form.cleaned_data["text"], actor=person, at=now())
            return redirect(session)
        except RefusedError as refused:
            form.add_error("text", refused.sentence)
    turns = list(session.turns.all())
    found = _understood(person, turns)
    text = " ".join(turn.text for turn in turns)
    answer = answering.answer(person, found, text=text, on=today())
    if request.GET.get("format") in FORMATS:
        return _as_file(request, session, answer, request.GET["format"])
    context = {
        "session": session,
        "turns": turns,
        "answer": answer,
        "numbers": {case.pk: number for number, case in enumerate(answer.cases, start=1)},
        "understood": answering.in_words(found),
        "form": form,
        "correction": _correction(person, found),
        "few": documents.few_in_words(answer) if answer.is_few else "",
        "by_words_only": not meaning.name(),
    }
    return render(request, "knowledge/sparring/session_detail.html", context)


def _understood(person: Any, turns: Any) -> Understood:
    found = answering.understood(person, [turn.text for turn in turns])
    return corrected(found, turns[-1].changes)


def _correction(person: Any, found: Understood, data: Any = None) -> CorrectionForm:
    fields, _places = answering.vocabulary(person)
    return CorrectionForm(data, found=found, fields=fields, prefix="right")


def _as_file(request: HttpRequest, session: SparringSession, answer: Any, form: str) -> HttpResponse:
    if form == "xlsx":
        content = documents.as_xlsx(answer, address=request.build_absolute_uri)
        return exporting.download(_("壁打ち"), "sparring", content, "xlsx", exporting.XLSX)
    content = documents.as_docx(session.title, answer, on=today(), address=request.build_absolute_uri)
    return exporting.download(_("壁打ち"), "sparring", content, "docx", exporting.DOCX)


@signed_in
@require_POST
def session_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Put right how the question was understood, by hand or by one of the widenings offered."""
    person = person_of(request)
    session = _own(request, pk)
    found = _understood(person, list(session.turns.all()))
    widen = request.POST.get("widen", "")
    offered: dict[str, dict[str, Any]] = {
        "place": {"prefectures": [], "place": ""},
        "fields": {"fields": []},
        "themes": {"themes": []},
    }
    if widen in offered:
        changes = {**_as_changes(found), **offered[widen]}
    else:
        form = _correction(person, found, request.POST)
        if not form.is_valid():
            messages.error(
                request, _("直した内容を読めませんでした。気をつけることの数は1から10で書いてください。")
            )
            return redirect(session)
        changes = form.changes()
    services.correct(session_id=session.pk, changes=changes, actor=person, at=now())
    return redirect(session)


def _as_changes(found: Understood) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in found.__dict__.items()
    }


@signed_in
@require_POST
def session_delete(request: HttpRequest, pk: int) -> HttpResponse:
    session = _own(request, pk)
    services.throw_away(session_id=session.pk, actor=person_of(request), at=now())
    messages.success(request, _("壁打ちを削除しました。30日のあいだ、下から元に戻せます。"))
    return redirect("sparring:session_list")


@signed_in
@require_POST
def session_restore(request: HttpRequest, pk: int) -> HttpResponse:
    session = get_object_or_404(SparringSession, pk=pk, person=person_of(request))
    try:
        services.bring_back(session_id=session.pk, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
        return redirect("sparring:session_list")
    return redirect(session)


def _own(request: HttpRequest, pk: int) -> SparringSession:
    """One's own only: nobody reads what somebody else thinks aloud."""
    return get_object_or_404(SparringSession, pk=pk, person=person_of(request), deleted_at__isnull=True)
