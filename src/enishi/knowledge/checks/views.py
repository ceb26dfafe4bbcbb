"""Pages of checklists."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from enishi.accounts.signed_in import person_of
from enishi.audit import history
from enishi.audit import selectors as audit
from enishi.foundation.lists import paginate
from enishi.knowledge.checks import services, sheets
from enishi.knowledge.checks.access import checklist_access, run_access
from enishi.knowledge.checks.enums import RuleKind, Severity
from enishi.knowledge.checks.forms import (
    NEEDS,
    ChecklistForm,
    NoteForm,
    RuleForm,
    RuleFormSet,
    SheetForm,
    initial_rules,
)
from enishi.knowledge.models import Checklist, ChecklistVersion
from enishi.knowledge.staff import exporting
from enishi.knowledge.staff.asking import (
    now,
    signed_in,
    staff_of,
    visible,
    writable,
)
from enishi.knowledge.staff.errors import RefusedError
from enishi.knowledge.staff.pages import form_page


@signed_in
@require_safe
def checklist_list(request: HttpRequest) -> HttpResponse:
    person = staff_of(request)
    rows = checklist_access.visible(person).select_related("organization", "section")
    if request.GET.get("format") in exporting.FORMATS:
        lines = [
            [
                row.title,
                row.organization.name,
                row.section.name if row.section else "",
                _("はい") if row.is_active else _("いいえ"),
            ]
            for row in rows[:2_000]
        ]
        headings = [_("題名"), _("団体"), _("担当課"), _("使う")]
        return exporting.table(_("点検表"), "checklists", headings, lines, request.GET["format"])
    page = paginate(rows, order_by=("-updated_at", "-pk"), parameters=request.GET)
    context = {"page": page, "total": rows.count()}
    return render(request, "knowledge/checks/checklist_list.html", context)


@signed_in
def checklist_new(request: HttpRequest) -> HttpResponse:
    person = staff_of(request)
    return form_page(
        request,
        ChecklistForm(request.POST or None, person=person),
        lambda sent: services.create_checklist(
            organization=sent.cleaned_data["organization"], **_values(sent), actor=person, at=now()
        ),
        to=lambda checklist: reverse("checks:checklist_rules", args=[checklist.pk]),
        title=_("点検表を作る"),
        lead=_("次のページで、見る決まりを一つずつ書きます。"),
        submit=_("次へ"),
        done=_("点検表を作りました。決まりを書いてください。"),
        cancel=reverse("checks:checklist_list"),
        crumbs=[(_("申請の点検"), reverse("checks:checklist_list"))],
    )


def _values(form: ChecklistForm) -> dict[str, Any]:
    data = form.cleaned_data
    return {
        "title": data["title"],
        "purpose": data["purpose"],
        "section_id": data["section"].pk if data["section"] else None,
        "visibility": data["visibility"],
    }


@signed_in
@require_safe
def checklist_detail(request: HttpRequest, pk: int) -> HttpResponse:
    checklist: Checklist = visible(request, checklist_access, pk)
    latest = services.latest_version(checklist)
    if latest is not None and request.GET.get("format") in exporting.FORMATS:
        return _rules_out(checklist, latest, request.GET["format"])
    runs = run_access.visible(request.user).filter(version_used__checklist=checklist)
    context = {
        "checklist": checklist,
        "latest": latest,
        "rules": told(latest),
        "versions": list(checklist.versions.select_related("made_by")[:20]),
        "runs": list(runs.select_related("version_used")[:10]),
        "run_count": runs.count(),
        "may_edit": checklist_access.allows(request.user, "edit", checklist),
        "events": history.told(audit.history(checklist)[:20]),
    }
    return render(request, "knowledge/checks/checklist_detail.html", context)


def _rules_out(checklist: Checklist, version: ChecklistVersion, form: str) -> HttpResponse:
    return exporting.table(
        f"{checklist.title} {version}", "checklist", sheets.headings(), sheets.lines(version.rules), form
    )


def told(version: ChecklistVersion | None) -> list[dict[str, Any]]:
    """The rules as people read them."""
    return [_told(rule) for rule in version.rules] if version is not None else []


def _told(rule: dict[str, Any]) -> dict[str, Any]:
    words = "、".join(rule.get("words", []))
    limits = (
        "〜".join([rule.get("low", ""), rule.get("high", "")]) if rule.get("low") or rule.get("high") else ""
    )
    what = " / ".join(part for part in (rule.get("field"), rule.get("other"), limits, words) if part)
    when = ""
    if rule.get("when_field"):
        when = (
            _("「%(field)s」が「%(value)s」のとき")
            % {"field": rule["when_field"], "value": rule["when_value"]}
            if rule.get("when_value")
            else _("「%(field)s」に書かれているとき") % {"field": rule["when_field"]}
        )
    return {
        **rule,
        "kind_label": str(RuleKind(rule["kind"]).label),
        "severity_label": str(Severity(rule.get("severity") or "must").label),
        "what": what,
        "when": when,
    }


@signed_in
@require_safe
def checklist_version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    checklist: Checklist = visible(request, checklist_access, pk)
    version = get_object_or_404(checklist.versions.select_related("made_by"), number=number)
    context = {"checklist": checklist, "version": version, "rules": told(version)}
    return render(request, "knowledge/checks/checklist_version.html", context)


@signed_in
def checklist_edit(request: HttpRequest, pk: int) -> HttpResponse:
    checklist: Checklist = writable(request, checklist_access, pk)
    person = person_of(request)
    return form_page(
        request,
        ChecklistForm(request.POST or None, person=person, record=checklist),
        lambda sent: services.edit_checklist(
            checklist_id=checklist.pk,
            **_values(sent),
            is_active=sent.cleaned_data["is_active"],
            version=sent.cleaned_data["version"] or 0,
            actor=person,
            at=now(),
        ),
        title=_("点検表の題名と公開範囲"),
        submit=_("保存する"),
        done=_("保存しました。"),
        cancel=checklist.get_absolute_url(),
        crumbs=crumbs(checklist),
    )


@signed_in
def checklist_rules(request: HttpRequest, pk: int) -> HttpResponse:
    """The rules on one page; saving makes a new version."""
    checklist: Checklist = writable(request, checklist_access, pk)
    latest = services.latest_version(checklist)
    initial = initial_rules(latest.rules) if latest else []
    sheet = SheetForm(request.POST, request.FILES) if "sheet" in request.FILES else SheetForm()
    if sheet.is_bound:
        rows, note = _rows_of_sheet(sheet, initial), NoteForm(initial={"version": checklist.version})
    else:
        data = request.POST if request.method == "POST" else None
        rows = RuleFormSet(data, initial=initial, prefix="rule")
        note = NoteForm(data, initial={"version": checklist.version})
    if note.is_bound and rows.is_valid() and note.is_valid():
        try:
            made = services.write_rules(
                checklist_id=checklist.pk,
                rules=_rules_of(rows),
                note=note.cleaned_data["note"],
                version=note.cleaned_data["version"],
                actor=person_of(request),
                at=now(),
            )
        except RefusedError as refused:
            note.add_error(None, refused.sentence)
        else:
            messages.success(request, _("%(version)sとして保存しました。") % {"version": made})
            return redirect(checklist)
    context = {
        "checklist": checklist,
        "latest": latest,
        "rows": rows,
        "note": note,
        "sheet": sheet,
        "was_read": sheet.is_bound and sheet.is_valid(),
        "kinds": [(kind.label, _needs(kind)) for kind in RuleKind],
    }
    return render(request, "knowledge/checks/checklist_rules.html", context)


def _rows_of_sheet(sheet: SheetForm, initial: list[dict[str, Any]]) -> Any:
    """The rules of a table, as if somebody had typed them; nothing is saved yet."""
    if sheet.is_valid():
        try:
            return RuleFormSet(sheets.data_of(sheet.cleaned_data["sheet"].read()), prefix="rule")
        except RefusedError as refused:
            sheet.add_error("sheet", refused.sentence)
    return RuleFormSet(initial=initial, prefix="rule")


def _rules_of(rows: Any) -> list[Any]:
    filled = [row for row in rows if row.cleaned_data and not row.is_empty]
    order = {id(row): (row.cleaned_data.get("order") or 10_000, at) for at, row in enumerate(filled)}
    return [row.rule() for row in sorted(filled, key=lambda row: order[id(row)])]


def _needs(kind: RuleKind) -> str:
    labels = RuleForm.base_fields
    parts = [_("か").join(str(labels[name].label) for name in need.split("|")) for need in NEEDS[kind]]
    return "、".join(parts) or _("添付の名前・形式・個数(空けておけば何でも1個)")


@signed_in
def checklist_delete(request: HttpRequest, pk: int) -> HttpResponse:
    checklist: Checklist = writable(request, checklist_access, pk)
    if request.method == "POST":
        services.delete_checklist(checklist_id=checklist.pk, actor=person_of(request), at=now())
        messages.success(request, _("点検表を削除しました。30日のあいだ、知識のごみ箱から元に戻せます。"))
        return redirect("checks:checklist_list")
    context = {
        "heading": _("点検表を削除する"),
        "question": _("「%(title)s」を削除しますか。") % {"title": checklist.title},
        "explanation": _("これまでの点検の結果は残ります。30日のあいだは元に戻せます。"),
        "submit": _("削除する"),
        "action": request.path,
        "cancel": checklist.get_absolute_url(),
        "crumbs": crumbs(checklist),
    }
    return render(request, "knowledge/staff/confirm.html", context)


def crumbs(checklist: Checklist) -> list[tuple[str, str]]:
    return [
        (_("申請の点検"), reverse("checks:checklist_list")),
        (checklist.title, checklist.get_absolute_url()),
    ]
