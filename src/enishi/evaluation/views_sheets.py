"""Pages of one sheet: read, fill, hand in, approve, send back, fill offline."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.audit import selectors as acts
from enishi.audit.history import told
from enishi.evaluation import calculations, selectors, workbook
from enishi.evaluation.access import decision_access, fills_programme, subject_access
from enishi.evaluation.enums import Criterion, Judgement, Place, Stage
from enishi.evaluation.errors import IncompleteError, RefusedError
from enishi.evaluation.facts.building import year_words
from enishi.evaluation.facts.freezing import is_whole
from enishi.evaluation.forms import ChooseForm, OfficerForm, ReturnForm, SheetForm, UploadForm
from enishi.evaluation.models import Evaluation, SheetUpload, Subject
from enishi.evaluation.pages import (
    now,
    page_with_form,
    require,
    sheet_crumbs,
    signed_in,
    today,
    visible_sheet,
    whose_turn,
)
from enishi.evaluation.papers.composing import Sheet, compose, grade, judgement_words
from enishi.evaluation.papers.forms import EVALUATION, FORMS
from enishi.evaluation.services import cycles, sheets
from enishi.foundation import downloads, form_pages
from enishi.organizations.visibility import reach_of

PLACES = {Place.FIRST: Stage.FIRST, Place.SECOND: Stage.SECOND, Place.EXTERNAL: Stage.EXTERNAL}


def shown_sheet(request: HttpRequest, subject: Subject) -> Sheet:
    """The sheet as this person may see it; before it is handed in, only the house's workers see its facts."""
    living = subject_access.sees_living_facts(request.user, subject)
    try:
        return selectors.sheet_of(subject, on=today(), living=living)
    except LookupError as error:
        raise Http404 from error


def _stage_now(subject: Subject) -> Stage | None:
    return PLACES.get(Place(subject.place))


@signed_in
@require_safe
def sheet_detail(request: HttpRequest, pk: int) -> HttpResponse:
    subject = visible_sheet(request, pk)
    sheet = shown_sheet(request, subject)
    stages = selectors.stages_of(subject)
    allows = {action: subject_access.allows(request.user, action, subject) for action in _ASKED}
    stage = _stage_now(subject)
    may_fill = subject.included and subject.cycle.is_running and stage is not None and allows[stage.value]
    inside = subject.organization_id in reach_of(request.user).organization_ids
    first = stages.get(Stage.FIRST)
    published = subject.published.filter(withdrawn_at__isnull=True).first()
    draft = subject.decisions.drafted().first()
    context = {
        "subject": subject,
        "cycle": subject.cycle,
        "today": today(),
        "sheet": sheet,
        "paper": compose(EVALUATION, sheet),
        "forms": FORMS.values(),
        "first": first,
        "stage": stage,
        "may_fill": may_fill,
        "may_approve": allows["approve"] and subject.place == Place.APPROVAL and subject.cycle.is_running,
        "may_return": _may_return(subject, allows),
        "is_own": first is not None and first.evaluator_id == request.user.pk,
        "allows": allows,
        "decision": sheet.decision if inside or (sheet.decision and sheet.decision.decided_at) else None,
        "may_propose": allows["propose"] and subject.place == Place.DECISION and sheet.decision is None,
        "may_confirm": draft is not None and decision_access.allows(request.user, "confirm", draft),
        "filled": selectors.filled(sheet.facts, subject.cycle),
        "repeated": _repeated(sheet, first) if inside else [],
        "is_whole": is_whole(sheet.frozen) if sheet.frozen else None,
        "published": published,
        "may_publish": allows["publish"] and subject.place == Place.DECIDED and published is None,
        "events": told(acts.history(subject)[:10]) if inside else None,
        "inside": inside,
        "may_measure": _may_measure(request, subject),
        "turn": whose_turn(subject, draft),
    }
    return render(request, "evaluation/sheet_detail.html", context)


_ASKED = ("first", "approve", "second", "external", "propose", "manage", "publish")
_TEXT_LABELS = {"comment": gettext_lazy("成果と課題"), "improvement": gettext_lazy("改善の内容")}


def _may_measure(request: HttpRequest, subject: Subject) -> bool:
    return subject.programme is not None and fills_programme(request.user, subject.programme)


def _may_return(subject: Subject, allows: dict[str, bool]) -> bool:
    if not subject.cycle.is_running:
        return False
    return (subject.place == Place.APPROVAL and allows["approve"]) or (
        subject.place == Place.SECOND and allows["second"]
    )


def _repeated(sheet: Sheet, first: Evaluation | None) -> list[dict[str, Any]]:
    """Last year's words found again, as sentences' parts."""
    return [
        {"label": str(_TEXT_LABELS[each.name]), "percent": each.percent, "exactly": each.exactly}
        for each in sheets.repeated(sheet.facts, first)
    ]


@signed_in
def sheet_fill(request: HttpRequest, pk: int, stage: str) -> HttpResponse:
    """The few fields of a stage, each beside what the records say to it."""
    subject = visible_sheet(request, pk)
    if stage not in Stage.values:
        raise Http404
    require(request, stage, subject)
    if _stage_now(subject) != stage or not subject.cycle.is_running or not subject.included:
        messages.info(
            request, _("このシートはいま「%(place)s」の段階です。") % {"place": subject.get_place_display()}
        )
        return redirect(subject)
    evaluation = selectors.stages_of(subject).get(stage)
    sheet = shown_sheet(request, subject)
    form = SheetForm(
        request.POST or None, subject=subject, stage=stage, actor=request.user, evaluation=evaluation
    )
    following = selectors.next_to_fill(request.user, subject) if stage == Stage.FIRST else None
    return form_pages.form_page(
        request,
        form,
        lambda form: _write(request, subject, stage, form),
        done=lambda done: done[1],
        to=lambda done: done[0],
        template="evaluation/sheet_fill.html",
        also=_fill_context(request, subject, stage, evaluation, sheet, form) | {"following": following},
    )


def _write(request: HttpRequest, subject: Subject, stage: str, form: Any) -> tuple[str, str]:
    """Save, or save and hand in: by the button that was pressed. Answers where to go and what to say."""
    given = {
        "subject_id": subject.pk,
        "stage": stage,
        "values": form.values(),
        "version": form.cleaned_data["version"] or 0,
        "actor": person_of(request),
        "at": now(),
    }
    if request.POST.get("then") == "submit":
        try:
            sheets.submit(**given)
        except IncompleteError as incomplete:
            at_fields = {each.name: each.sentence for each in incomplete.missing if each.name in form.fields}
            if len(at_fields) < len(incomplete.missing):
                raise
            # In the order of the page, each where it is written, and none said twice.
            raise ValidationError(
                {name: at_fields[name] for name in form.fields if name in at_fields}
            ) from incomplete
        following = selectors.next_to_fill(request.user, subject) if stage == Stage.FIRST else None
        if following is not None and request.POST.get("next"):
            return reverse("evaluation:sheet_fill", args=[following.pk, "first"]), _(
                "提出しました。次のシートです。"
            )
        if stage == Stage.FIRST:
            return subject.get_absolute_url(), _("提出しました。記録の数字はこの時点で固定されました。")
        return subject.get_absolute_url(), _(
            "提出しました。一次評価のときに固定した記録にもとづく評価として残ります。"
        )
    sheets.save_sheet(**given)
    return request.path, _("保存しました。続けて書けます。")


def _fill_context(
    request: HttpRequest,
    subject: Subject,
    stage: str,
    evaluation: Evaluation | None,
    sheet: Sheet,
    form: SheetForm,
) -> dict[str, Any]:
    facts = sheet.facts
    computed = facts["computed"]
    scale = subject.cycle.scale
    stages = selectors.stages_of(subject)
    return {
        "subject": subject,
        "cycle": subject.cycle,
        "stage": Stage(stage),
        "today": today(),
        "evaluation": evaluation,
        "sheet": sheet,
        "facts": facts,
        "may_measure": _may_measure(request, subject),
        "short_basics": [
            each for each in facts["basics"] if each["key"] in {"uid", "section", "codes", "period"}
        ],
        "money": [each for each in facts["money"] if any(value is not None for value in each["values"])],
        "money_sources": "、".join(dict.fromkeys(str(each["source"]) for each in facts["money"])),
        "asks_reason": _asks_reason(form, computed["judgement"]["letter"]),
        "year_names": [year_words(year) for year in facts["years"]],
        "computed_scores": [
            (str(Criterion(key).label), grade(each["letter"], scale), each["why"])
            for key, each in computed.items()
            if key != "judgement"
        ],
        "computed": computed["judgement"],
        "computed_words": judgement_words(subject, computed["judgement"]["letter"]),
        "filled": selectors.filled(facts, subject.cycle),
        "repeated": _repeated(sheet, evaluation) if stage == Stage.FIRST else [],
        "earlier": [
            stages[name]
            for name in Stage.values
            if name in stages and name != stage and stages[name].is_handed_in
        ],
        "crumbs": sheet_crumbs(subject),
    }


def _asks_reason(form: SheetForm, computed: str) -> bool:
    """Show the field where it is needed, was filled, or was found missing."""
    typed = form["judgement"].value() or ""
    departs = typed in Judgement.values and calculations.needs_reason(typed, computed)
    return bool(departs or form["departure_reason"].value() or form["departure_reason"].errors)


@signed_in
@require_POST
def sheet_approve(request: HttpRequest, pk: int) -> HttpResponse:
    subject = visible_sheet(request, pk)
    require(request, "approve", subject)
    return form_pages.press(
        request,
        lambda: sheets.approve(subject_id=subject.pk, actor=person_of(request), at=now()),
        done=_("承認しました。次の段階へ送りました。"),
        to=subject,
    )


@signed_in
def sheet_return(request: HttpRequest, pk: int) -> HttpResponse:
    subject = visible_sheet(request, pk)
    require(request, "second" if subject.place == Place.SECOND else "approve", subject)
    return page_with_form(
        request,
        ReturnForm(request.POST or None),
        lambda form: sheets.send_back(
            subject_id=subject.pk, reason=form.cleaned_data["reason"], actor=person_of(request), at=now()
        ),
        title=_("「%(title)s」を差し戻す") % {"title": subject.title},
        submit=_("差し戻す"),
        done=_("差し戻しました。記入した人に知らせが届きます。"),
        to=subject.get_absolute_url(),
        crumbs=sheet_crumbs(subject),
        lead=_("もう一度提出されると、記録の数字はその時点のものに改めて固定されます。"),
    )


@signed_in
def sheet_officer(request: HttpRequest, pk: int) -> HttpResponse:
    subject = visible_sheet(request, pk)
    if not any(
        subject_access.allows(request.user, action, subject) for action in ("first", "approve", "manage")
    ):
        raise PermissionDenied(_("記入する人を決められるのは、担当課の人と行革の担当です。"))
    form = OfficerForm(
        request.POST or None, people=selectors.officers_of(subject), initial={"officer": subject.officer_id}
    )
    return page_with_form(
        request,
        form,
        lambda form: sheets.assign_officer(
            subject_id=subject.pk, officer=form.cleaned_data["officer"], actor=person_of(request), at=now()
        ),
        title=_("記入する人を決める"),
        submit=_("決める"),
        done=_("記入する人を決めました。"),
        to=subject.get_absolute_url(),
        crumbs=sheet_crumbs(subject),
    )


@signed_in
def sheet_choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Take something in, or leave it out, by hand."""
    subject = visible_sheet(request, pk)
    require(request, "manage", subject)
    taking = not subject.included
    title = _("「%(title)s」を対象に加える") if taking else _("「%(title)s」を対象から外す")
    return page_with_form(
        request,
        ChooseForm(request.POST or None),
        lambda form: cycles.choose_by_hand(
            subject_id=subject.pk,
            included=taking,
            reason=form.cleaned_data["reason"],
            actor=person_of(request),
            at=now(),
        ),
        title=title % {"title": subject.title},
        submit=_("加える") if taking else _("外す"),
        done=_("対象を変えました。"),
        to=subject.get_absolute_url(),
        crumbs=sheet_crumbs(subject),
    )


# --- Excel --------------------------------------------------------------------------------------------------------------


@signed_in
@require_safe
def sheet_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet to fill offline."""
    subject = visible_sheet(request, pk)
    sheet = shown_sheet(request, subject)
    first = selectors.stages_of(subject).get(Stage.FIRST)
    if (
        first is not None
        and not subject_access.sees_living_facts(request.user, subject)
        and not first.is_handed_in
    ):
        raise Http404
    content = workbook.as_xlsx(sheet, first)
    return downloads.attachment(
        content,
        downloads.XLSX,
        plain=f"sheet-{subject.code}.xlsx",
        name=f"評価シート_{subject.code}_{subject.title}.xlsx",
    )


@signed_in
def sheet_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a filled-in workbook; nothing changes before somebody has seen the differences."""
    subject = visible_sheet(request, pk)
    require(request, "first", subject)
    form = UploadForm(request.POST or None, request.FILES or None)

    def save(form: Any) -> SheetUpload:
        file = form.cleaned_data["file"]
        return workbook.take_in(
            subject=subject,
            evaluation=selectors.stages_of(subject).get(Stage.FIRST),
            content=file.read(),
            name=file.name,
            actor=person_of(request),
            at=now(),
        )

    return page_with_form(
        request,
        form,
        save,
        title=_("記入したExcelを取り込む"),
        submit=_("中身を確かめる"),
        done=_("ファイルを読みました。変わるところを確かめてください。"),
        to=lambda upload: reverse("evaluation:sheet_upload_check", args=[subject.pk, upload.pk]),
        crumbs=sheet_crumbs(subject),
    )


@signed_in
def sheet_upload_check(request: HttpRequest, pk: int, upload_pk: int) -> HttpResponse:
    """The differences cell by cell; with a press of the button all of them are written, or none."""
    subject = visible_sheet(request, pk)
    require(request, "first", subject)
    upload = get_object_or_404(SheetUpload, pk=upload_pk, subject=subject, person=person_of(request))
    evaluation = selectors.stages_of(subject).get(Stage.FIRST)
    if request.method == "POST":
        return _apply(request, subject, upload, evaluation)
    preview = {
        "added": sum(1 for each in upload.changes if not each["before"]),
        "changed": sum(1 for each in upload.changes if each["before"]),
        "unchanged": upload.unchanged,
        "faults": upload.faults,
        "differences": [{**each, "after": each["shown"]} for each in upload.changes],
    }
    is_stale = (evaluation.version if evaluation else 0) != upload.sheet_version
    context = {
        "subject": subject,
        "upload": upload,
        "preview": preview,
        "is_stale": is_stale,
        "may_apply": bool(upload.changes)
        and not upload.faults
        and upload.applied_at is None
        and not is_stale,
    }
    return render(request, "evaluation/sheet_upload_check.html", context)


def _apply(
    request: HttpRequest, subject: Subject, upload: SheetUpload, evaluation: Evaluation | None
) -> HttpResponse:
    here = reverse("evaluation:sheet_upload_check", args=[subject.pk, upload.pk])
    try:
        sheets.apply_upload(
            upload_id=upload.pk,
            values=workbook.values_of(upload, evaluation),
            actor=person_of(request),
            at=now(),
        )
    except RefusedError as refused:
        messages.error(request, refused.sentence)
        return redirect(here)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect(here)
    # What was typed into the page before is older than the file, and must not be laid over it.
    form_pages.forget(request, reverse("evaluation:sheet_fill", args=[subject.pk, Stage.FIRST.value]))
    messages.success(request, _("ファイルの内容をシートに取り込みました。提出はまだです。"))
    return redirect(subject)
