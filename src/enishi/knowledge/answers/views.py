"""Pages of approved answers."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.audit import history
from enishi.audit import selectors as audit
from enishi.foundation.lists import Facet, FacetChoice, paginate
from enishi.foundation.sentences import of_language_error
from enishi.knowledge.answers import machines, services, transfer, translating
from enishi.knowledge.answers.access import answer_access
from enishi.knowledge.answers.enums import AnswerStatus, SpokenLanguage
from enishi.knowledge.answers.forms import AnswerForm, TranslationForm
from enishi.knowledge.documents.selectors import with_neighbours
from enishi.knowledge.models import AnswerTranslation, ApprovedAnswer, Document, QuestionCluster
from enishi.knowledge.staff import exporting
from enishi.knowledge.staff.asking import (
    now,
    signed_in,
    staff_of,
    today,
    visible,
    writable,
)
from enishi.knowledge.staff.errors import RefusedError
from enishi.knowledge.staff.pages import form_page
from enishi.language.errors import LanguageError
from enishi.organizations.visibility import reach_of

MOST_EXPORTED = 5_000
_TRANSLATIONS = {translating.STALE: translating.stale, translating.WAITING: translating.awaiting}


@signed_in
@require_safe
def answer_list(request: HttpRequest) -> HttpResponse:
    """The answers of the houses one works for, in every state."""
    person = staff_of(request)
    chosen = [value for value in request.GET.getlist("status") if value in AnswerStatus.values]
    mine = answer_access.visible(person).filter(organization_id__in=reach_of(person).organization_ids)
    counts = dict(mine.values_list("status").annotate(n=Count("pk")).order_by())
    rows = mine.filter(status__in=chosen) if chosen else mine
    words = request.GET.get("q", "").strip()[:200]
    for word in words.split()[:5]:
        rows = rows.filter(question__icontains=word) | rows.filter(answer__icontains=word)
    if request.GET.get("due"):
        rows = rows.filter(pk__in=ApprovedAnswer.objects.to_review(today()).values("pk"))
    wish = request.GET.get("translation", "")
    if wish in _TRANSLATIONS:
        rows = rows.filter(pk__in=[row.answer_id for row in _TRANSLATIONS[wish](mine)])
    rows = rows.select_related("organization", "section")
    if request.GET.get("format") in exporting.FORMATS:
        found = rows.order_by("-updated_at", "-pk")[:MOST_EXPORTED]
        return exporting.table(
            _("承認済み回答"),
            "answers",
            [*transfer.COLUMNS, "状態"],
            transfer.exported(found),
            request.GET["format"],
        )
    context = {
        "page": paginate(rows, order_by=("-updated_at", "-pk"), parameters=request.GET),
        "facets": [
            Facet(
                "status",
                _("状態"),
                [
                    FacetChoice(value, label, counts.get(value, 0), value in chosen)
                    for value, label in AnswerStatus.choices
                ],
            ),
            Facet(
                "due",
                _("見直し"),
                [FacetChoice("1", _("見直しが要るもの"), None, bool(request.GET.get("due")))],
            ),
            Facet(
                "translation",
                _("訳文"),
                [
                    FacetChoice(
                        translating.STALE, _("日本語が変わったもの"), None, wish == translating.STALE
                    ),
                    FacetChoice(translating.WAITING, _("承認を待つもの"), None, wish == translating.WAITING),
                ],
            ),
        ],
        "words": words,
        "count": rows.count(),
    }
    return render(request, "knowledge/answers/answer_list.html", context)


@require_safe
def answer_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One answer: for residents what is approved, for its house everything."""
    answer: ApprovedAnswer = visible(request, answer_access, pk)
    inside = answer.organization_id in reach_of(request.user).organization_ids
    mark = services.text_mark(answer)
    rows = (
        list(answer.translations.select_related("author", "approver"))
        if inside
        else [row for row in answer.translations.all() if row.approved_at and row.of_text == mark]
    )
    context = {
        "answer": answer,
        "inside": inside,
        "translations": [(row, row.of_text == mark) for row in rows],
        "languages": [choice for choice in SpokenLanguage.choices if choice[0] != SpokenLanguage.JAPANESE],
        "may_edit": answer_access.allows(request.user, "edit", answer),
        "may_approve": answer_access.allows(request.user, "approve", answer),
        "is_due": answer.status == AnswerStatus.APPROVED and answer.review_on <= today(),
        "is_in_force": answer.is_in_force(today()),
        "sources": [(document, document.is_current(today())) for document in _sources(request, answer)]
        if inside
        else [],
        "events": history.told(audit.history(answer)[:20]) if inside else None,
        "drafts_translations": machines.writes_freely(),
    }
    return render(request, "knowledge/answers/answer_detail.html", context)


def _sources(request: HttpRequest, answer: ApprovedAnswer) -> list[Document]:
    """The documents it rests on and what replaced them, as far as the reader may read these."""
    readable = Document.objects.visible_to(request.user).filter(approved_answers=answer)
    return with_neighbours(readable.order_by("pk"), request.user)


@signed_in
@require_http_methods(["GET", "POST"])
def answer_new(request: HttpRequest) -> HttpResponse:
    """A new answer, for a group of questions nobody could answer when one is named."""
    person = staff_of(request)
    cluster = _cluster(request)
    initial = {"question": cluster.title} if cluster else {}
    return form_page(
        request,
        AnswerForm(request.POST or None, person=person, initial=initial),
        lambda sent: services.create_answer(
            organization=sent.cleaned_data["organization"],
            values=sent.values(),
            actor=person,
            at=now(),
            cluster_id=cluster.pk if cluster else None,
        ),
        title=_("回答を書く"),
        lead=_("住民に聞かれて答えられなかった質問です。書いて承認されると、次から答えられます。")
        if cluster
        else "",
        submit=_("保存する"),
        done=_("下書きを作りました。承認されると住民に示されます。"),
        cancel=reverse("answers:answer_list"),
        crumbs=_crumbs(),
    )


def _crumbs() -> list[tuple[str, str]]:
    return [(_("承認済み回答"), reverse("answers:answer_list"))]


def _cluster(request: HttpRequest) -> QuestionCluster | None:
    key = request.GET.get("cluster", "")
    if not key.isdecimal() or len(key) > 15:
        return None
    owned = reach_of(request.user).organization_ids
    return QuestionCluster.objects.filter(pk=int(key), organization_id__in=owned).first()


@signed_in
@require_http_methods(["GET", "POST"])
def answer_edit(request: HttpRequest, pk: int) -> HttpResponse:
    answer: ApprovedAnswer = writable(request, answer_access, pk)
    person = person_of(request)
    return form_page(
        request,
        AnswerForm(request.POST or None, person=person, record=answer),
        lambda sent: services.edit_answer(
            answer_id=answer.pk,
            values=sent.values(),
            version=sent.cleaned_data["version"],
            actor=person,
            at=now(),
        ),
        title=_("回答を書き直す"),
        lead=_("質問か回答の文を変えると、もう一度承認されるまで住民には示されません。")
        if answer.status == AnswerStatus.APPROVED
        else "",
        submit=_("保存する"),
        done=_("書き直しました。"),
        cancel=answer.get_absolute_url(),
        crumbs=_crumbs(),
    )


@signed_in
@require_POST
def answer_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """One step of an answer: submit, approve, send_back, withdraw, confirm, delete."""
    answer: ApprovedAnswer = visible(request, answer_access, pk)
    person, at = person_of(request), now()
    doings: dict[str, tuple[Any, str]] = {
        "submit": (
            lambda: services.submit_answer(answer_id=pk, actor=person, at=at),
            _("承認を頼みました。"),
        ),
        "approve": (
            lambda: services.approve_answer(answer_id=pk, actor=person, at=at),
            _("承認しました。住民に示されます。"),
        ),
        "send_back": (
            lambda: services.send_back_answer(
                answer_id=pk, reason=request.POST.get("reason", ""), actor=person, at=at
            ),
            _("書いた人に差し戻しました。"),
        ),
        "withdraw": (
            lambda: services.withdraw_answer(answer_id=pk, actor=person, at=at),
            _("取り下げました。もう住民には示されません。"),
        ),
        "confirm": (
            lambda: services.confirm_answer(answer_id=pk, actor=person, at=at),
            _("いまも正しいと記録しました。1年後にもう一度知らせます。"),
        ),
        "delete": (
            lambda: services.delete_answer(answer_id=pk, actor=person, at=at),
            _("ごみ箱に入れました。"),
        ),
    }
    work, sentence = doings[step]
    response = _do(request, answer, work, sentence, gone=step == "delete")
    if step == "approve":
        _say_stale(request, pk)
    return response


def _say_stale(request: HttpRequest, pk: int) -> None:
    """Whoever approves new words is told which translations no longer say the same."""
    old = translating.stale(ApprovedAnswer.objects.filter(pk=pk, status=AnswerStatus.APPROVED))
    if old:
        names = _("、").join(translating.languages_of(old))
        messages.warning(
            request,
            _("日本語が変わったため、%(languages)sの訳文は使われません。訳文を直すよう頼んでください。")
            % {"languages": names},
        )


@signed_in
@require_http_methods(["GET", "POST"])
def translation_edit(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """Write or correct a translation."""
    answer: ApprovedAnswer = writable(request, answer_access, pk)
    if language not in SpokenLanguage.values or language == SpokenLanguage.JAPANESE:
        raise PermissionDenied(_("その言語には訳せません。"))
    kept = AnswerTranslation.objects.filter(answer=answer, language=language).first()
    initial = {"question": kept.question_text, "answer": kept.answer_text} if kept else {}
    form = TranslationForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.write_translation(
                answer_id=answer.pk,
                language=language,
                question=form.cleaned_data["question"],
                answer=form.cleaned_data["answer"],
                actor=person_of(request),
                at=now(),
            )
        except RefusedError as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("訳文を保存しました。ほかの人が承認すると使われます。"))
            return redirect(answer)
    context = {
        "answer": answer,
        "form": form,
        "language": SpokenLanguage(language),
        "may_draft": machines.writes_freely(),
    }
    return render(request, "knowledge/answers/translation.html", context)


@signed_in
@require_POST
def translation_draft(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """Let the configured service draft it."""
    answer: ApprovedAnswer = writable(request, answer_access, pk)
    if language not in SpokenLanguage.values or language == SpokenLanguage.JAPANESE:
        raise PermissionDenied(_("その言語には訳せません。"))
    try:
        services.draft_translation(answer_id=answer.pk, language=language, actor=person_of(request), at=now())
    except LanguageError as error:
        messages.error(request, of_language_error(error))
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(
            request, _("モデルの下書きを入れました。読んで直し、ほかの人の承認を受けてください。")
        )
    return redirect("answers:translation", answer.pk, language)


@signed_in
@require_POST
def translation_approve(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    answer: ApprovedAnswer = visible(request, answer_access, pk)
    translation = get_object_or_404(AnswerTranslation, answer=answer, language=language)
    return _do(
        request,
        answer,
        lambda: services.approve_translation(
            translation_id=translation.pk, actor=person_of(request), at=now()
        ),
        _("訳文を承認しました。"),
    )


def _do(
    request: HttpRequest, answer: ApprovedAnswer, work: Any, sentence: str, *, gone: bool = False
) -> HttpResponse:
    try:
        work()
    except RefusedError as refused:
        messages.error(request, refused.sentence)
        return redirect(answer)
    messages.success(request, sentence)
    return redirect("answers:answer_list") if gone else redirect(answer)
