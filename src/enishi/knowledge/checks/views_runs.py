"""Pages of what was checked: one form, many forms, what was found, what a person decided."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from enishi.accounts.signed_in import person_of
from enishi.foundation.lists import Facet, FacetChoice, paginate
from enishi.foundation.submissions import new_token, once
from enishi.knowledge.checks import batches, services
from enishi.knowledge.checks.access import batch_access, checklist_access, run_access
from enishi.knowledge.checks.enums import Decision, Severity, Verdict
from enishi.knowledge.checks.forms import BatchForm, DecisionForm, TypedRunForm, UploadRunForm
from enishi.knowledge.checks.reading import read_forms, typed_form
from enishi.knowledge.checks.rules import Rule, fields_of
from enishi.knowledge.checks.views import crumbs
from enishi.knowledge.models import CheckBatch, Checklist, CheckRun
from enishi.knowledge.staff import exporting
from enishi.knowledge.staff.asking import (
    now,
    signed_in,
    staff_of,
    visible,
    writable,
)
from enishi.knowledge.staff.errors import RefusedError
from enishi.knowledge.staff.forms import lines_of
from enishi.knowledge.staff.uploads import received, safe_name

MOST_EXPORTED = 5_000


@signed_in
def run_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Check one uploaded form."""
    checklist, version = _usable(request, pk)
    if version is None:
        return _no_rules(request, checklist)
    form = UploadRunForm(request.POST or None, request.FILES or None, initial={"token": new_token()})
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(_once(request, form, lambda: _checked_upload(request, version, form)))
        except RefusedError as refused:
            form.add_error("file", refused.sentence)
    context = {"checklist": checklist, "version": version, "form": form, "fields": _fields(version)}
    return render(request, "knowledge/checks/run_new.html", context)


def _checked_upload(request: HttpRequest, version: Any, form: UploadRunForm) -> str:
    upload = received(form.cleaned_data["file"])
    names = [safe_name(file.name or "") for file in form.cleaned_data["attachments"]]
    if upload.ending == ".zip":
        raise RefusedError(_("zipは「まとめて点検」で選んでください。"))
    if upload.ending == ".eml":
        found = batches.forms_of(
            batches.Bundle(upload.name, [(upload.name, upload.content)]), _fields(version)
        )
        found = [
            replace(each, form=replace(each.form, attachments=[*each.form.attachments, *names]))
            for each in found
        ]
    else:
        found = read_forms(upload, _fields(version), attachments=names)
    if len(found) > 1:
        batch = batches.start(
            version=version,
            title=form.cleaned_data["title"] or upload.name,
            uploads=[upload],
            actor=person_of(request),
            at=now(),
        )
        return batch.get_absolute_url()
    run = services.check(
        version=version,
        title=form.cleaned_data["title"] or upload.name,
        form=found[0].form,
        filename=upload.name,
        actor=person_of(request),
        at=now(),
    )
    return run.get_absolute_url()


@signed_in
def run_typed(request: HttpRequest, pk: int) -> HttpResponse:
    """Check values somebody types: a form on paper, or asked by telephone."""
    checklist, version = _usable(request, pk)
    if version is None:
        return _no_rules(request, checklist)
    form = TypedRunForm(request.POST or None, fields=_fields(version), initial={"token": new_token()})
    if request.method == "POST" and form.is_valid():

        def make() -> str:
            run = services.check(
                version=version,
                title=form.cleaned_data["title"],
                form=typed_form(form.typed(), attachments=lines_of(form.cleaned_data["attachments"] or "")),
                actor=person_of(request),
                at=now(),
            )
            return run.get_absolute_url()

        return redirect(_once(request, form, make))
    context = {
        "heading": _("値を入力して点検する"),
        "lead": _(
            "紙の申請や電話で聞いたことを、欄ごとに書き写します。書かなかった欄は「何も書かれていない」と見ます。"
        ),
        "crumbs": crumbs(checklist),
        "form": form,
        "submit": _("点検する"),
        "cancel": checklist.get_absolute_url(),
    }
    return render(request, "knowledge/staff/form.html", context)


@signed_in
def batch_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Check many forms as a job."""
    checklist, version = _usable(request, pk)
    if version is None:
        return _no_rules(request, checklist)
    form = BatchForm(request.POST or None, request.FILES or None, initial={"token": new_token()})
    if request.method == "POST" and form.is_valid():

        def make() -> str:
            uploads = [received(file) for file in form.cleaned_data["applications"]]
            today = timezone.localdate().isoformat()
            batch = batches.start(
                version=version,
                title=form.cleaned_data["title"] or f"{checklist.title} {today}",
                uploads=uploads,
                actor=person_of(request),
                at=now(),
            )
            return batch.get_absolute_url()

        try:
            return redirect(_once(request, form, make))
        except RefusedError as refused:
            form.add_error("applications", refused.sentence)
    context = {
        "heading": _("まとめて点検する"),
        "lead": _("終わるまで、このページを閉じていて構いません。ファイルは点検が終わると消します。"),
        "crumbs": crumbs(checklist),
        "form": form,
        "submit": _("点検を始める"),
        "cancel": checklist.get_absolute_url(),
    }
    return render(request, "knowledge/staff/form.html", context)


def _once(request: HttpRequest, form: Any, make: Any) -> str:
    return once(token=form.cleaned_data["token"], person=person_of(request), at=now(), make=make)


def _usable(request: HttpRequest, pk: int) -> tuple[Checklist, Any]:
    checklist: Checklist = writable(request, checklist_access, pk)
    return checklist, services.latest_version(checklist)


def _no_rules(request: HttpRequest, checklist: Checklist) -> HttpResponse:
    messages.info(request, _("この点検表にはまだ決まりがありません。先に決まりを書いてください。"))
    return redirect("checks:checklist_rules", checklist.pk)


def _fields(version: Any) -> list[str]:
    return fields_of([Rule.read(stored) for stored in version.rules])


@signed_in
@require_safe
def run_list(request: HttpRequest) -> HttpResponse:
    person = staff_of(request)
    rows = run_access.visible(person).select_related("version_used__checklist", "organization", "section")
    chosen = [value for value in request.GET.getlist("decision") if value in {*Decision.values, "none"}]
    if chosen:
        rows = rows.filter(decision__in=["" if value == "none" else value for value in chosen])
    if request.GET.get("faults"):
        rows = rows.filter(not_met__gt=0)
    if request.GET.get("format") in exporting.FORMATS:
        return _out(_("点検の結果"), rows[:MOST_EXPORTED], request.GET["format"])
    page = paginate(rows, order_by=("-updated_at", "-pk"), parameters=request.GET)
    labels = [(value or "none", label) for value, label in Decision.choices]
    facets = [
        Facet(
            "decision",
            _("判断"),
            [FacetChoice(value, label, None, value in chosen) for value, label in labels],
        ),
        Facet(
            "faults",
            _("点検の結果"),
            [FacetChoice("1", _("満たさない決まりがある"), None, bool(request.GET.get("faults")))],
        ),
    ]
    context = {"page": page, "facets": facets, "total": rows.count()}
    return render(request, "knowledge/checks/run_list.html", context)


def _out(name: str, rows: Any, form: str) -> HttpResponse:
    """One line for each rule of each form: what a section works through in a spreadsheet."""
    headings = [
        _("申請の名前"), _("点検表"), _("版"), _("決まり"), _("重さ"), _("結果"), _("理由"), _("場所"),
        _("書かれていたこと"), _("頼み方"), _("人の判断"), _("判断の理由"), _("判断した人"),
    ]  # fmt: skip
    lines = [
        [
            run.title,
            run.version_used.checklist.title,
            run.version_used.number,
            finding["rule"],
            str(Severity(finding["severity"]).label),
            str(Verdict(finding["verdict"]).label),
            finding["reason"],
            finding["place"],
            finding["quote"],
            finding["hint"],
            run.get_decision_display(),
            run.decision_note,
            str(run.decided_by or ""),
        ]
        for run in rows.select_related("decided_by", "version_used__checklist")
        for finding in run.findings_in_words
    ]
    return exporting.table(name, "checks", headings, lines, form)


@signed_in
@require_safe
def run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _run_page(request, visible(request, run_access, pk), DecisionForm())


def _run_page(request: HttpRequest, run: CheckRun, form: DecisionForm, *, status: int = 200) -> HttpResponse:
    if request.GET.get("format") in exporting.FORMATS:
        return _out(run.title, CheckRun.objects.filter(pk=run.pk), request.GET["format"])
    if not form.is_bound:
        form.initial = {"decision": run.decision, "note": run.decision_note or _asking(run)}
    context = {
        "run": run,
        "checklist": run.version_used.checklist,
        "findings": [_with_words(finding) for finding in run.findings_in_words],
        "values": [(name, each["text"], each["place"]) for name, each in run.values_in_words.items()],
        "form": form,
        "may_decide": run_access.allows(request.user, "edit", run),
        "open_checklist": checklist_access.visible(request.user)
        .filter(pk=run.version_used.checklist_id)
        .exists(),
    }
    return render(request, "knowledge/checks/run_detail.html", context, status=status)


def _with_words(finding: dict[str, Any]) -> dict[str, Any]:
    verdict = Verdict(finding["verdict"])
    return {
        **finding,
        "tone": verdict.tone if verdict == Verdict.MET or finding["severity"] == Severity.MUST else "warning",
        "verdict_label": verdict.label,
        "severity_label": Severity(finding["severity"]).label,
    }


def _asking(run: CheckRun) -> str:
    """A first wording of the reason: how the rules that are not met ask to be mended. The person writes the rest."""
    open_ones = [finding for finding in run.findings_in_words if finding["verdict"] != Verdict.MET.value]
    return "\n".join(finding["hint"] or finding["reason"] for finding in open_ones)[:500]


@signed_in
def run_decide(request: HttpRequest, pk: int) -> HttpResponse:
    run: CheckRun = writable(request, run_access, pk)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.decide(
                run_id=run.pk,
                decision=Decision(form.cleaned_data["decision"]),
                note=form.cleaned_data["note"] or "",
                actor=person_of(request),
                at=now(),
            )
        except RefusedError as refused:
            form.add_error("note", refused.sentence)
        else:
            messages.success(request, _("判断を記録しました。"))
            return redirect(run)
    return _run_page(request, run, form)


@signed_in
def run_delete(request: HttpRequest, pk: int) -> HttpResponse:
    run: CheckRun = writable(request, run_access, pk)
    if request.method == "POST":
        services.delete_run(run_id=run.pk, actor=person_of(request), at=now())
        messages.success(request, _("点検の結果を削除しました。30日のあいだ、知識のごみ箱から元に戻せます。"))
        return redirect("checks:run_list")
    return _delete_page(request, run, _("点検の結果を削除する"))


@signed_in
def batch_delete(request: HttpRequest, pk: int) -> HttpResponse:
    batch: CheckBatch = writable(request, batch_access, pk)
    if request.method == "POST":
        services.delete_batch(batch_id=batch.pk, actor=person_of(request), at=now())
        messages.success(request, _("まとめての点検を削除しました。一件ずつの結果は残っています。"))
        return redirect("checks:run_list")
    return _delete_page(request, batch, _("まとめての点検を削除する"))


def _delete_page(request: HttpRequest, record: Any, heading: str) -> HttpResponse:
    context = {
        "heading": heading,
        "question": _("「%(title)s」を削除しますか。") % {"title": record.title},
        "explanation": _("30日のあいだは元に戻せます。"),
        "submit": _("削除する"),
        "action": request.path,
        "cancel": record.get_absolute_url(),
        "crumbs": [(_("点検の結果"), reverse("checks:run_list"))],
    }
    return render(request, "knowledge/staff/confirm.html", context)


@signed_in
@require_safe
def batch_detail(request: HttpRequest, pk: int) -> HttpResponse:
    batch: CheckBatch = visible(request, batch_access, pk)
    rows = run_access.visible(request.user).filter(batch=batch).order_by("pk")
    if request.GET.get("format") in exporting.FORMATS:
        return _out(batch.title, rows[:MOST_EXPORTED], request.GET["format"])
    page = paginate(rows, order_by=("pk",), parameters=request.GET, size=50)
    context = {
        "batch": batch,
        "checklist": batch.version_used.checklist,
        "page": page,
        "total": rows.count(),
        "clean": rows.filter(not_met=0, unread=0).count(),
        "may_edit": batch_access.allows(request.user, "edit", batch),
        "is_mine": batch.job is not None and batch.job.person_id == person_of(request).pk,
    }
    return render(request, "knowledge/checks/batch_detail.html", context)
