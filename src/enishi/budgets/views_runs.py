"""Pages that bring amounts in: the file, what was found in it, and the profiles that say how to read it."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.budgets.access import may_keep_books
from enishi.budgets.enums import RunMode, RunSource, RunState
from enishi.budgets.files import as_file, file_form
from enishi.budgets.forms_runs import RunForm, StagesForm, TakeBackForm
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
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.form_pages import form_page, press
from enishi.foundation.lists import paginate
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
    profiles = list(MappingProfile.objects.filter(organization=house, retired_at__isnull=True))
    by_stage = [profile for profile in profiles if profile.parts]
    if not profiles:
        return redirect("budgets:profile_sample")
    if len(by_stage) == len(profiles):
        return redirect("budgets:run_new_stages", by_stage[0].pk)
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

    return _file_page(request, form, save, by_stage)


@signed_in
def run_new_stages(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose a file that holds several stages; each has its day and its total."""
    house = own_house(request)
    profiles = MappingProfile.objects.filter(organization=house, retired_at__isnull=True)
    profile = get_object_or_404(profiles, pk=pk)
    if not profile.parts:
        return redirect("budgets:run_new")
    initial = {"fiscal_year": FiscalYear.of(today()).year}
    form = StagesForm(
        request.POST or None, request.FILES or None, initial=initial, profile=profile, today=today()
    )

    def save(filled: StagesForm) -> BudgetImport:
        file = filled.cleaned_data["file"]
        return importing.receive_stages(
            organization=house,
            profile=profile,
            arrivals=filled.arrivals(),
            file=file,
            filename=file.name or "",
            actor=person_of(request),
            at=now(),
        )[0]

    return _file_page(request, form, save, [each for each in profiles if each.parts and each != profile])


def _file_page(request: HttpRequest, form: Any, save: Any, by_stage: list[MappingProfile]) -> HttpResponse:
    """``by_stage`` are the profiles for files with several stages, which have a page each."""
    return form_page(
        request,
        form,
        save,
        done=_("ファイルを受け取りました。調べています。"),
        to=lambda run: reverse("budgets:run_detail", args=[run.pk]),
        template="budgets/run_form.html",
        also={
            "title": _("予算のファイルを取り込む"),
            "submit": _("調べる"),
            "lead": _("まずファイルを調べ、結果を見てから取り込みます。調べるだけでは何も書き込みません。"),
            "crumbs": [budget_crumb(), (reverse("budgets:run_list"), _("取り込み"))],
            "cancel": reverse("budgets:run_list"),
            "by_stage": by_stage,
        },
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
        **_stages(run),
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


def _stages(run: BudgetImport) -> dict[str, Any]:
    """The stages of the file together: one that has faults keeps all of them out, one without money does not."""
    whole = run.whole
    states = {each.state for each in whole} - {RunState.EMPTY}
    return {
        "whole": whole if run.batch else [],
        "may_confirm": states == {RunState.READY},
        "is_refused": RunState.REFUSED in states,
    }


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
