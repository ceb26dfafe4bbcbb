"""Pages that bring amounts in: the file, what was found in it, and the profiles that say how to read it."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.budgets import services
from enishi.budgets.access import may_keep_books
from enishi.budgets.enums import RunMode, RunSource, RunState
from enishi.budgets.files import as_file, file_form
from enishi.budgets.forms_runs import ProfileForm, RunForm, SampleForm, TakeBackForm
from enishi.budgets.models import BudgetImport, MappingProfile
from enishi.budgets.pages import (
    budget_crumb,
    now,
    own_house,
    require_books,
    signed_in,
    today,
)
from enishi.budgets.transfer import importing, taking_back
from enishi.budgets.transfer.columns import guessed, is_known, unit_in
from enishi.budgets.transfer.joined_codes import guessed_layout
from enishi.budgets.transfer.tables import open_table
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.form_pages import form_page, press
from enishi.foundation.lists import paginate
from enishi.foundation.spreadsheets import UnreadableTableError
from enishi.organizations.visibility import reach_of

TEMPLATE = "budgets/form.html"


def _visible_runs(request: HttpRequest) -> Any:
    return BudgetImport.objects.filter(
        organization_id__in=reach_of(request.user).organization_ids
    ).select_related("organization", "profile", "person", "job", "corrects")


@signed_in
@require_safe
def run_list(request: HttpRequest) -> HttpResponse:
    """What came in, the latest first; people of the house read it."""
    runs = _visible_runs(request)
    form = file_form(request)
    if form:
        return _list_as_file(form, runs)
    context = {
        "page": paginate(runs, order_by=("-created_at", "-pk"), parameters=request.GET, size=30),
        "count": runs.count(),
        "keeps_books": any(
            may_keep_books(request.user, house) for house in reach_of(request.user).organization_ids
        ),
    }
    return render(request, "budgets/run_list.html", context)


def _list_as_file(form: str, runs: Any) -> HttpResponse:
    headings = [
        *(_("日時"), _("年度"), _("段階"), _("回"), _("ファイル"), _("状態")),
        *(_("行"), _("合計(円)"), _("取り込んだ人"), "SHA-256"),
    ]
    rows = (
        [
            run.created_at.isoformat(timespec="minutes"),
            run.fiscal_year,
            run.get_stage_display(),
            run.round_no or "",
            str(run),
            run.get_state_display(),
            run.row_count,
            run.total_yen,
            run.person.name if run.person else "",
            run.sha256,
        ]
        for run in runs.order_by("-created_at")[:5_000]
    )
    return as_file(form, headings, rows, title=_("予算の取り込み"), name="imports")


@signed_in
def run_new(request: HttpRequest) -> HttpResponse:
    """Choose a file and say what it is; it is looked at before anything is written."""
    house = own_house(request)
    if not MappingProfile.objects.filter(organization=house, retired_at__isnull=True).exists():
        return redirect("budgets:profile_sample")
    initial = {"fiscal_year": FiscalYear.of(today()).year, "dated_on": today()}
    form = RunForm(request.POST or None, request.FILES or None, initial=initial, organization=house)

    def save(filled: RunForm) -> BudgetImport:
        file = filled.cleaned_data["file"]
        return importing.receive(
            organization=house,
            profile=filled.cleaned_data["profile"],
            arrival=filled.arrival(),
            file=file,
            filename=file.name or "",
            actor=person_of(request),
            at=now(),
        )

    context = {
        "title": _("予算のファイルを取り込む"),
        "submit": _("調べる"),
        "lead": _("まずファイルを調べ、結果を見てから取り込みます。調べるだけでは何も書き込みません。"),
        "crumbs": [budget_crumb(), (reverse("budgets:run_list"), _("取り込み"))],
        "cancel": reverse("budgets:run_list"),
    }
    return form_page(
        request,
        form,
        save,
        done=_("ファイルを受け取りました。調べています。"),
        to=lambda run: reverse("budgets:run_detail", args=[run.pk]),
        template=TEMPLATE,
        also=context,
    )


@signed_in
@require_safe
def run_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Where a file stands: being looked at, what is wrong, how its sums compare, what it did."""
    run = get_object_or_404(_visible_runs(request), pk=pk)
    form = file_form(request)
    if form and run.findings.get("lines"):
        return _lines_as_file(form, run)
    lines = run.findings.get("lines", [])
    context = {
        "run": run,
        "fiscal_year": FiscalYear(run.fiscal_year),
        "lines": lines,
        "stated_lines": sum(line["stated"] is not None for line in lines),
        "off_lines": sum(bool(line["difference"]) for line in lines),
        "faults": run.findings.get("faults", []),
        "fault_count": run.findings.get("fault_count", 0),
        "remarks": run.findings.get("remarks", []),
        "differences": run.findings.get("differences", []),
        "is_working": run.state in {RunState.CHECKING, RunState.SAVING},
        "keeps_books": may_keep_books(request.user, run.organization_id),
        "corrections": list(run.corrections.filter(state__in=importing.IN_BOOKS)),
        "may_take_back": taking_back.may_take_back(run),
        "undoes": run.source == RunSource.TYPED and run.corrects is not None,
        "is_file": run.source == RunSource.FILE,
        "is_correction": run.mode == RunMode.CORRECT,
        "entry_count": run.entries.count() if run.applied_at else 0,
        "entries": list(run.entries.select_related("code")[:20]) if run.source == RunSource.TYPED else [],
    }
    return render(request, "budgets/run_detail.html", context)


def _lines_as_file(form: str, run: BudgetImport) -> HttpResponse:
    headings = [
        _("コード"),
        _("名称"),
        _("明細の合計(円)"),
        _("書かれた合計(円)"),
        _("差(円)"),
        _("ファイルの行"),
    ]
    rows = (
        [line["path"], line["name"], line["counted"], line["stated"], line["difference"], line["row"] or ""]
        for line in run.findings["lines"]
    )
    return as_file(form, headings, rows, title=_("突き合わせ"), name="reconciliation")


@signed_in
@require_POST
def run_confirm(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    run = get_object_or_404(_visible_runs(request), pk=pk)
    require_books(request, run.organization)
    return press(
        request,
        lambda: importing.confirm(run_id=run.pk, actor=person_of(request), at=now()),
        done=_("取り込みを始めました。"),
        to=reverse("budgets:run_detail", args=[run.pk]),
    )


@signed_in
def run_take_back(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Undo a file that should not have come in, with a reason."""
    run = get_object_or_404(_visible_runs(request), pk=pk)
    require_books(request, run.organization)
    page = reverse("budgets:run_detail", args=[run.pk])
    return form_page(
        request,
        TakeBackForm(request.POST or None),
        lambda form: taking_back.take_back(
            run_id=run.pk, reason=form.cleaned_data["reason"], actor=person_of(request), at=now()
        ),
        done=_("取り消しました。同じ額の反対の記録を足したので、合計は取り込む前に戻りました。"),
        to=page,
        template=TEMPLATE,
        also={
            "title": _("「%(file)s」を取り消す") % {"file": run},
            "submit": _("取り消す"),
            "lead": _(
                "記録は消しません。このファイルの金額と反対の記録を足します。訂正のファイルなら、訂正する前に戻ります。直したファイルがあるときは、取り消さずに「訂正」で取り込んでください。"
            ),
            "crumbs": [budget_crumb(), (reverse("budgets:run_list"), _("取り込み")), (page, str(run))],
            "cancel": page,
        },
    )


# --- Profiles -------------------------------------------------------------------------------------------------------------


@signed_in
@require_safe
def profile_list(request: HttpRequest) -> HttpResponse:
    house = own_house(request)
    profiles = MappingProfile.objects.filter(organization=house).order_by("retired_at", "name")
    return render(request, "budgets/profile_list.html", {"profiles": profiles, "house": house})


@signed_in
def profile_sample(request: HttpRequest) -> HttpResponse:
    """Bring a sample; the next page asks which of its columns is which."""
    own_house(request)
    form = SampleForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            lines = open_table(form.cleaned_data["file"], is_known)
        except UnreadableTableError as refusal:
            form.add_error("file", str(refusal))
        else:
            headings = [heading[:60] for heading in lines.headings if heading][:100]
            units = [unit_in(text) for text in (*lines.above, *headings)]
            request.session["budget_sample"] = {
                "headings": headings,
                "unit": next((unit for unit in units if unit), 1),
                "rows": [[cell[:40] for cell in cells] for _n, cells in _first(lines.rows)],
            }
            return redirect("budgets:profile_new")
    context = {
        "form": form,
        "title": _("見本のファイルから読み取りの設定を作る"),
        "submit": _("見出しを読む"),
        "lead": _("財務会計システムのファイルの見出しを読み、どの列が何かを次の画面で確かめます。"),
        "crumbs": [budget_crumb(), (reverse("budgets:run_list"), _("取り込み"))],
        "cancel": reverse("budgets:run_list"),
    }
    return render(request, TEMPLATE, context, status=422 if form.is_bound else 200)


def _first(rows: Any) -> list[tuple[int, list[str]]]:
    return [row for row, _place in zip(rows, range(3), strict=False)]


@signed_in
def profile_new(request: HttpRequest) -> HttpResponse:
    """Say which column is which; what the headings suggest is chosen already."""
    house = own_house(request)
    sample = request.session.get("budget_sample")
    if not sample:
        return redirect("budgets:profile_sample")
    initial: dict[str, Any] = {
        f"column_{name}": heading for name, heading in guessed(sample["headings"]).items()
    }
    initial["unit"] = sample["unit"]
    initial["code_layout"] = _layout_of(sample, initial.get("column_whole", ""))
    form = ProfileForm(request.POST or None, initial=initial, headings=sample["headings"])
    return _profile_page(request, form, house, None, sample)


def _layout_of(sample: dict[str, Any], heading: str) -> str:
    """What the sample's own codes look like, where one column holds them whole."""
    if heading not in sample["headings"]:
        return ""
    place = sample["headings"].index(heading)
    return guessed_layout(row[place] for row in sample["rows"] if place < len(row))


@signed_in
def profile_edit(request: HttpRequest, pk: int) -> HttpResponse:
    house = own_house(request)
    profile = get_object_or_404(MappingProfile, pk=pk, organization=house)
    headings = list(dict.fromkeys(profile.columns.values()))
    initial: dict[str, Any] = {f"column_{name}": heading for name, heading in profile.columns.items()}
    initial |= {
        name: getattr(profile, name) for name in ("name", "unit", "account_code", "code_layout", "note")
    }
    form = ProfileForm(request.POST or None, initial=initial, headings=headings)
    return _profile_page(request, form, house, profile, None)


def _profile_page(
    request: HttpRequest, form: ProfileForm, house: Any, profile: MappingProfile | None, sample: Any
) -> HttpResponse:
    def save(filled: ProfileForm) -> MappingProfile:
        return services.save_profile(
            organization=house,
            values=filled.values(),
            actor=person_of(request),
            at=now(),
            profile=profile,
        )

    context = {
        "title": _("どの列が何かを決める"),
        "submit": _("保存する"),
        "lead": _("見出しから分かる列は選んであります。違うところだけ直してください。"),
        "crumbs": [budget_crumb(), (reverse("budgets:profile_list"), _("読み取りの設定"))],
        "cancel": reverse("budgets:profile_list"),
        "sample": sample,
    }
    return form_page(
        request,
        form,
        save,
        done=_("読み取りの設定を保存しました。"),
        to=reverse("budgets:run_new"),
        template="budgets/profile_form.html",
        also=context,
    )


@signed_in
@require_POST
def profile_retire(request: HttpRequest, pk: int) -> HttpResponse:
    house = own_house(request)
    get_object_or_404(MappingProfile, pk=pk, organization=house)
    return press(
        request,
        lambda: services.retire_profile(profile_id=pk, actor=person_of(request), at=now()),
        done=_("この設定を使わないことにしました。"),
        to=reverse("budgets:profile_list"),
    )
