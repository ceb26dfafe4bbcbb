"""Pages of reflection: the worklist of 財政, one decision's way through the budget, and the table in and out."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.evaluation.access import decision_access
from enishi.evaluation.models_decisions import ImprovementDecision
from enishi.evaluation.reflection import selectors, services, transfer
from enishi.evaluation.reflection.access import reflection_access
from enishi.evaluation.reflection.comparing import suggested
from enishi.evaluation.reflection.enums import ReflectionStage
from enishi.evaluation.reflection.forms import ReflectionForm, ReflectionImportForm
from enishi.evaluation.reflection.houses import (
    asked_year,
    house_of,
    now,
    reading_house_of,
    this_year,
    year_words,
)
from enishi.evaluation.reflection.models import Reflection, ReflectionUpload
from enishi.evaluation.reflection.selectors import STATES, Moment
from enishi.evaluation.reflection.services import Said
from enishi.foundation import form_pages
from enishi.foundation.downloads import FORMATS, attachment, sheet
from enishi.foundation.lists import FacetChoice, paginate
from enishi.foundation.refusals import RefusedError
from enishi.foundation.spreadsheets import UnreadableTableError
from enishi.foundation.thread import Stage, case_knots

PAGE = 20
MOST_BYTES = 10 * 1024 * 1024


def asked_moment(request: HttpRequest, known: list[int]) -> Moment:
    """The year and stage in the address; without any, the vote on the newest year's initial budget."""
    year = asked_year(request, known, this_year() + 1)
    given = request.POST if request.method == "POST" else request.GET
    stage = given.get("stage", "")
    if stage not in ReflectionStage.values:
        stage = ReflectionStage.INITIAL
    text = given.get("round", "")
    round_no = int(text) if text.isdecimal() and len(text) < 3 else 0
    if stage != ReflectionStage.SUPPLEMENT:
        return Moment(year, stage)
    return Moment(year, stage, max(round_no, 1))


@require_safe
@login_required
def reflection_list(request: HttpRequest) -> HttpResponse:
    house = reading_house_of(request)
    years = selectors.years_of(house.pk)
    moment = asked_moment(request, years)
    everything = selectors.worklist(house.pk, moment.fiscal_year)
    visible = everything.filter(pk__in=decision_access.visible(request.user).values("pk"))
    rows = selectors.with_state(visible, moment)
    query = request.GET.get("q", "").strip()[:100]
    if query:
        rows = rows.filter(Q(subject__title__icontains=query) | Q(subject__code__startswith=query))
    state = request.GET.get("state", "")
    chosen = rows.filter(STATES[state]) if state in STATES else rows
    chosen = chosen.select_related("subject", "subject__section")
    if request.GET.get("format") in FORMATS:
        return _written(request.GET["format"], list(chosen.order_by("subject__code", "pk")), moment)
    page = paginate(chosen, order_by=("subject__code", "pk"), parameters=request.GET, size=PAGE)
    known = transfer.reflections_of(page.rows, moment)
    found = selectors.comparisons(page.rows, moment)
    counted = selectors.counts(visible, moment)
    context = {
        "house": house,
        "moment": moment,
        "year_words": year_words(moment.fiscal_year),
        "stage_words": ReflectionStage(moment.stage).label,
        "years": years,
        "stages": ReflectionStage.choices,
        "rounds": selectors.rounds_of(house.pk, moment.fiscal_year) if moment.is_supplement else [],
        "page": page,
        "lines": [(row, known.get(row.pk), found[row.pk], _advice(row, found[row.pk])) for row in page.rows],
        "counts": counted,
        "query": query,
        "states": _states(counted, state),
        "due_on": selectors.vote_due_on(moment.fiscal_year),
        "may_record": reflection_access.allows(request.user, "record", house.pk),
        "waiting": _waiting_for(request, house.pk, moment),
    }
    return render(request, "evaluation/reflection_list.html", context)


def _states(counted: dict[str, int], state: str) -> list[FacetChoice]:
    words = {"missing": _("まだ記録していない"), "waiting": _("承認待ち"), "approved": _("承認済み")}
    return [FacetChoice(key, label, counted[key], key == state) for key, label in words.items()]


def _advice(decision: ImprovementDecision, comparison: Any) -> Any:
    return suggested(
        direction=decision.direction, decided_yen=decision.expected_delta_yen, comparison=comparison
    )


def _waiting_for(request: HttpRequest, house: int, moment: Moment) -> int:
    """How many rows this person could approve."""
    if not reflection_access.allows(request.user, "approve", house):
        return 0
    rows = Reflection.objects.waiting().filter(
        organization_id=house,
        fiscal_year=moment.fiscal_year,
        stage=moment.stage,
        round_no=moment.round_no,
    )
    return rows.exclude(recorded_by_id=request.user.pk).count()


def _written(form: str, decisions: list[ImprovementDecision], moment: Moment) -> HttpResponse:
    name = f"予算への反映_{moment.fiscal_year}_{ReflectionStage(moment.stage).label}"
    made = sheet(form, transfer.HEADINGS, transfer.rows_of(decisions, moment), title="予算への反映")
    return attachment(
        made.content,
        made.content_type,
        plain=f"reflections.{made.ending}",
        name=f"{name}.{made.ending}",
    )


def _decision(request: HttpRequest, pk: int) -> ImprovementDecision:
    rows = decision_access.visible(request.user).select_related(
        "subject", "subject__cycle", "organization", "programme", "node", "merges_into", "owner_section"
    )
    return get_object_or_404(rows, pk=pk)


@require_safe
@login_required
def reflection_detail(request: HttpRequest, decision_pk: int) -> HttpResponse:
    """The whole way of a decision through the budget: stage by stage, with codes and entries."""
    decision = _decision(request, decision_pk)
    rows = decision.reflections.select_related("recorded_by", "approved_by").prefetch_related(
        "evidence__code", "evidence__entries__code", "evidence__entries__import_run"
    )
    order = {stage: place for place, stage in enumerate(ReflectionStage.values)}
    stages = sorted(rows, key=lambda row: (row.fiscal_year, order[row.stage], row.round_no))
    target = Moment(decision.target_fy or this_year() + 1)
    comparison = selectors.comparisons([decision], target)[decision.pk]
    recorded = next((row for row in stages if _is_at(row, target)), None)
    context = {
        "decision": decision,
        "knots": _knots(request, decision, recorded),
        "stages": [row for row in stages if row.stage != ReflectionStage.SUPPLEMENT],
        "supplements": [row for row in stages if row.stage == ReflectionStage.SUPPLEMENT],
        "comparison": comparison,
        "advice": _advice(decision, comparison),
        "has_moved": recorded is not None and recorded.delta_yen != comparison.delta_yen,
        "recorded": recorded,
        "target": target,
        "may_record": reflection_access.allows(request.user, "record", decision.organization_id),
        "may_approve": [
            row.pk
            for row in stages
            if not row.is_approved and reflection_access.allows(request.user, "approve", row)
        ],
        "stage_choices": ReflectionStage.choices,
    }
    return render(request, "evaluation/reflection_detail.html", context)


def _knots(request: HttpRequest, decision: ImprovementDecision, recorded: Reflection | None) -> Any:
    today = timezone.localdate()
    if recorded is not None:
        return case_knots(request.user, "reflection", recorded.pk, today)
    return case_knots(request.user, "evaluation", decision.subject_id, today, here=Stage.BUDGET)


def _is_at(row: Reflection, moment: Moment) -> bool:
    return (row.fiscal_year, row.stage, row.round_no) == (
        moment.fiscal_year,
        moment.stage,
        moment.round_no,
    )


@login_required
def reflection_record(request: HttpRequest, decision_pk: int) -> HttpResponse:
    decision = _decision(request, decision_pk)
    if not reflection_access.allows(request.user, "record", decision.organization_id):
        raise PermissionDenied(
            _("予算への反映を記録・承認できるのは、財政の課の人です。設定は企画の人に頼んでください。")
        )
    moment = asked_moment_of(request, decision)
    comparison = selectors.comparisons([decision], moment)[decision.pk]
    known = transfer.reflections_of([decision], moment).get(decision.pk)
    advice = _advice(decision, comparison)
    first = {"status": known.status, "reason": known.reason, "version": known.version} if known else {}
    form = ReflectionForm(request.POST or None, initial=first or {"status": advice.status, "version": 0})
    title = _("%(what)sの%(stage)sへの反映") % {
        "what": decision.subject.title,
        "stage": f"{year_words(moment.fiscal_year)} {ReflectionStage(moment.stage).label}{moment.round_no or ''}",
    }
    return form_pages.form_page(
        request,
        form,
        lambda form: services.record_reflection(
            decision_id=decision.pk,
            moment=moment,
            said=Said(form.cleaned_data["status"], form.cleaned_data["reason"]),
            version=form.cleaned_data["version"] or 0,
            actor=person_of(request),
            at=now(),
        ),
        done=_("反映を記録しました。財政のほかの人が承認すると、反映率に数えます。"),
        to=reverse("evaluation:reflection_detail", args=[decision.pk]),
        template="evaluation/reflection_record.html",
        also={
            "title": title,
            "submit": _("記録する"),
            "cancel": reverse("evaluation:reflection_detail", args=[decision.pk]),
            "crumbs": [(reverse("evaluation:reflection_list"), _("予算への反映"))],
            "lead": advice.why,
            "decision": decision,
            "comparison": comparison,
            "moment": moment,
        },
    )


def asked_moment_of(request: HttpRequest, decision: ImprovementDecision) -> Moment:
    known = [decision.target_fy] if decision.target_fy else []
    given = request.GET.copy()
    stage = given.get("stage", "")
    year = asked_year(request, known, this_year() + 1)
    if stage not in ReflectionStage.values:
        return Moment(year)
    text = given.get("round", "")
    round_no = int(text) if text.isdecimal() and len(text) < 3 else 1
    return Moment(year, stage, max(round_no, 1) if stage == ReflectionStage.SUPPLEMENT else 0)


@login_required
@require_POST
def reflection_approve(request: HttpRequest) -> HttpResponse:
    """Approve one row, or all of a year and stage that others recorded."""
    house = house_of(request)
    if not reflection_access.allows(request.user, "approve", house.pk):
        raise PermissionDenied(
            _("予算への反映を記録・承認できるのは、財政の課の人です。設定は企画の人に頼んでください。")
        )
    moment = asked_moment(request, selectors.years_of(house.pk))
    rows = Reflection.objects.waiting().filter(organization_id=house.pk)
    single = request.POST.get("reflection", "")
    back = reverse("evaluation:reflection_list") + f"?year={moment.fiscal_year}&stage={moment.stage}"
    if single.isdecimal() and len(single) < 18:
        rows = rows.filter(pk=int(single))
        row = rows.first()
        back = row.get_absolute_url() if row else back
    else:
        rows = rows.filter(
            fiscal_year=moment.fiscal_year, stage=moment.stage, round_no=moment.round_no
        ).exclude(recorded_by=person_of(request))
    ids = list(rows.values_list("pk", flat=True))
    try:
        count = services.approve(reflection_ids=ids, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        if count:
            messages.success(request, _("反映の記録を%(count)d件承認しました。") % {"count": count})
        else:
            messages.info(
                request,
                _(
                    "承認するものはありませんでした。もう承認されたか、自分が記録したものです(自分の記録は、財政のほかの人が承認します)。"
                ),
            )
    return redirect(back)


@login_required
def reflection_import(request: HttpRequest) -> HttpResponse:
    house = house_of(request)
    if not reflection_access.allows(request.user, "record", house.pk):
        raise PermissionDenied(
            _("予算への反映を記録・承認できるのは、財政の課の人です。設定は企画の人に頼んでください。")
        )
    moment = asked_moment(request, selectors.years_of(house.pk))
    form = ReflectionImportForm(
        request.POST or None,
        request.FILES or None,
        initial={"year": moment.fiscal_year, "stage": moment.stage, "round_no": moment.round_no},
    )
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        asked = Moment(
            form.cleaned_data["year"], form.cleaned_data["stage"], form.cleaned_data["round_no"] or 0
        )
        try:
            if file.size > MOST_BYTES:
                raise RefusedError(_("ファイルが大きすぎます。10MBまでにしてください。"))
            upload = transfer.take_in(
                house=house.pk,
                moment=asked,
                filename=file.name,
                content=file.read(),
                actor=person_of(request),
                at=now(),
            )
        except (RefusedError, UnreadableTableError) as refused:
            form.add_error("file", str(refused))
        else:
            return redirect(upload)
    status = 422 if request.method == "POST" else 200
    return render(request, "evaluation/reflection_import.html", {"form": form}, status=status)


@login_required
def reflection_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """The preview of a filled-in table; posting applies it."""
    upload = get_object_or_404(ReflectionUpload, pk=pk, person_id=person_of(request).pk)
    if request.method == "POST":
        try:
            count = transfer.apply(upload_id=upload.pk, actor=person_of(request), at=now())
        except RefusedError as refused:
            messages.error(request, refused.sentence)
            return redirect(upload)
        messages.success(request, _("反映を%(count)d件記録しました。") % {"count": count})
        address = reverse("evaluation:reflection_list")
        return redirect(f"{address}?year={upload.fiscal_year}&stage={upload.stage}&round={upload.round_no}")
    context = {"upload": upload, "preview": transfer.preview_of(upload)}
    return render(request, "evaluation/reflection_upload.html", context)
