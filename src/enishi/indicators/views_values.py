"""Entering values one by one or many at once, approving and returning them, and what is late."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.foundation.downloads import FORMATS
from enishi.foundation.form_pages import forget, keep, kept_here, press, titled_page
from enishi.foundation.lists import paginate
from enishi.indicators import numbers, periods, selectors, services
from enishi.indicators.access import (
    access_of,
    indicator_access,
    may_approve,
    owner_of,
    readable_measurements,
)
from enishi.indicators.enums import Certainty, Frequency, ValueState
from enishi.indicators.errors import RefusedError
from enishi.indicators.forms import ReasonForm, ValueForm, sections_of
from enishi.indicators.models import DataElement, Indicator, Measurement
from enishi.indicators.pages import (
    now,
    own_house,
    require,
    signed_in,
    table_response,
    today,
    visible_element,
    visible_indicator,
    way_to,
)
from enishi.indicators.services import Entry, GridRefusedError
from enishi.organizations.visibility import reach_of

MOST_ROWS = 60
MOST_AT_ONCE = 20_000


@signed_in
def value_new(request: HttpRequest, pk: int) -> HttpResponse:
    return _enter(request, visible_indicator(request, pk))


@signed_in
def element_value_new(request: HttpRequest, pk: int) -> HttpResponse:
    return _enter(request, visible_element(request, pk))


def _enter(request: HttpRequest, owner: Indicator | DataElement) -> HttpResponse:
    require(request, "enter", owner)
    form = ValueForm(request.POST or None, owner=owner, initial=_initial(request, owner))

    def save(filled: ValueForm) -> Any:
        data = filled.cleaned_data
        span = data.pop("period")
        source = data.pop("source", "")
        data.pop("token", None)
        entry = Entry(start=span.start, end=span.end, **data)
        return services.record_values(
            owner=owner,
            entries=[entry],
            source=source,
            submit="draft" not in request.POST,
            actor=person_of(request),
            at=now(),
        )

    draft = "draft" in request.POST
    return titled_page(
        request,
        form=form,
        save=save,
        to=owner.get_absolute_url(),
        title=_("値を入れる"),
        lead=_("「%(name)s」の値です。ほかの管理職か企画の人が承認すると、公表や評価に使われます。")
        % {"name": owner.name},
        submit=_("承認を求める"),
        done=_("下書きに保存しました。") if draft else _("値を入れ、承認を求めました。"),
        back=owner.get_absolute_url(),
        crumbs=way_to(owner),
        template="indicators/value_form.html",
        also={"owner": owner},
    )


def _initial(request: HttpRequest, owner: Indicator | DataElement) -> dict[str, Any]:
    """The value to be mended, or the period that is waited for."""
    wanted = request.GET.get("value", "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 18:
        row = readable_measurements(request.user).filter(pk=int(wanted)).first()
        if row is not None and owner_of(row) == owner:
            shown = {
                name: numbers.shown(getattr(row, name))
                for name in ("value", "numerator", "denominator", "weight")
            }
            texts = {
                name: getattr(row, name)
                for name in ("dims", "missing_reason", "note", "no_denominator_reason")
            }
            status = Certainty.PROVISIONAL if row.status == Certainty.PROVISIONAL else Certainty.CONFIRMED
            source = row.run.source if row.run else ""
            period = periods.in_words(row.period_start, row.period_end)
            return {**shown, **texts, "period": period, "status": status, "source": source}
    frequency = Frequency(owner.frequency) if isinstance(owner, Indicator) else Frequency.YEARLY
    span = periods.last_finished(today(), frequency)
    acquisition = getattr(owner, "acquisition", None)
    return {
        "period": span.words if span else "",
        "status": Certainty.CONFIRMED,
        "source": acquisition.source if acquisition else "",
    }


@require_safe
def value_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Where one number came from: what an auditor asks."""
    row = _readable(request, pk)
    owner = owner_of(row)
    chain = list(_chain(row))
    inside = access_of(owner).allows(request.user, "read_inside", owner)
    if isinstance(owner, Indicator) and row.dims and not inside:
        same = selectors.current_values(owner).filter(
            period_start=row.period_start, period_end=row.period_end
        )
        if any(
            each.dims == row.dims and each.is_suppressed
            for each in selectors.parts_of(owner, same, inside=False)
        ):
            raise Http404
    context = {
        "row": row,
        "owner": owner,
        "inside": inside,
        "chain": chain if inside else [],
        "may_approve": row.state == ValueState.SUBMITTED and may_approve(request.user, row),
        "own": row.recorded_by_id is not None and row.recorded_by_id == request.user.pk,
        "may_enter": access_of(owner).allows(request.user, "enter", owner),
        "crumbs": way_to(owner),
    }
    return render(request, "indicators/value_detail.html", context)


def _readable(request: HttpRequest, pk: int) -> Measurement:
    rows = readable_measurements(request.user).select_related(
        "indicator__organization", "element__organization", "run", "recorded_by", "approved_by", "supersedes"
    )
    return get_object_or_404(rows, pk=pk)


def _chain(row: Measurement) -> Any:
    """What it replaced, back to the first."""
    older = row.supersedes
    for _step in range(50):
        if older is None:
            return
        yield older
        older = older.supersedes


@signed_in
@require_POST
def value_approve(request: HttpRequest, pk: int) -> HttpResponse:
    row = _readable(request, pk)
    return press(
        request,
        lambda: services.approve_values(measurement_ids=[pk], actor=person_of(request), at=now()),
        done=_("値を承認しました。"),
        to=_next(request, owner_of(row).get_absolute_url()),
    )


@signed_in
def value_return(request: HttpRequest, pk: int) -> HttpResponse:
    row = _readable(request, pk)
    owner = owner_of(row)
    require(request, "approve", owner)
    form = ReasonForm(request.POST or None)

    def save(filled: ReasonForm) -> int:
        return services.return_values(
            measurement_ids=[pk], reason=filled.cleaned_data["reason"], actor=person_of(request), at=now()
        )

    return titled_page(
        request,
        form=form,
        save=save,
        to=reverse("indicators:waiting"),
        title=_("値を差し戻す"),
        lead=_("「%(name)s」 %(period)s")
        % {"name": owner.name, "period": periods.in_words(row.period_start, row.period_end)},
        submit=_("差し戻す"),
        done=_("差し戻しました。入れた人に知らせます。"),
        back=reverse("indicators:value_detail", args=[pk]),
        crumbs=way_to(owner),
    )


@signed_in
@require_POST
def value_submit(request: HttpRequest, pk: int) -> HttpResponse:
    row = _readable(request, pk)
    return press(
        request,
        lambda: services.submit_values(measurement_ids=[pk], actor=person_of(request), at=now()),
        done=_("承認を求めました。"),
        to=owner_of(row).get_absolute_url(),
    )


@signed_in
@require_POST
def value_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    row = _readable(request, pk)
    return press(
        request,
        lambda: services.withdraw_draft(measurement_id=pk, actor=person_of(request), at=now()),
        done=_("下書きを捨てました。"),
        to=owner_of(row).get_absolute_url(),
    )


def _next(request: HttpRequest, fallback: str) -> str:
    return reverse("indicators:waiting") if request.POST.get("then") == "waiting" else fallback


@signed_in
def waiting(request: HttpRequest) -> HttpResponse:
    """Values handed in by others; several may be approved at once."""
    if request.method == "POST":
        chosen = [
            int(each)
            for each in request.POST.getlist("chosen")
            if each.isascii() and each.isdigit() and len(each) < 18
        ]
        if not chosen:
            messages.error(request, _("承認する値を選んでください。"))
            return redirect("indicators:waiting")
        return press(
            request,
            lambda: services.approve_values(measurement_ids=chosen, actor=person_of(request), at=now()),
            done=_("%(count)d件の値を承認しました。") % {"count": len(chosen)},
            to=reverse("indicators:waiting"),
        )
    rows = selectors.waiting_for(request.user)
    if request.GET.get("format") in FORMATS:
        headings = [
            _("指標・データ項目"),
            _("期間"),
            _("区分"),
            _("値"),
            _("値がない理由"),
            _("確かさ"),
            _("入れた人"),
            _("出所"),
        ]
        table = (
            [
                owner_of(row).name, periods.in_words(row.period_start, row.period_end), row.dims, row.value,
                row.missing_reason, str(row.get_status_display()), str(row.recorded_by or ""), str(row.run or ""),
            ]
            for row in rows.order_by("pk")[:MOST_AT_ONCE]
        )  # fmt: skip
        return table_response(
            request.GET["format"], headings, table, title=_("承認待ちの値"), name="waiting-values"
        )
    page = paginate(rows, order_by=("recorded_at", "pk"), parameters=request.GET, size=50)
    return render(request, "indicators/waiting.html", {"page": page, "total": rows.count()})


@signed_in
@require_safe
def overdue(request: HttpRequest) -> HttpResponse:
    """Whose values are late, the latest first."""
    rows = selectors.overdue(request.user, today())
    if request.GET.get("format") in FORMATS:
        headings = [_("指標番号"), _("指標名"), _("担当課"), _("担当者"), _("期限")]
        table = (
            [
                row.code,
                row.name,
                row.section.name if row.section else "",
                str(row.officer or ""),
                row.next_due_on,
            ]
            for row in rows.order_by("next_due_on", "pk")[:MOST_AT_ONCE]
        )
        return table_response(request.GET["format"], headings, table, title=_("値の期限切れ"), name="overdue")
    page = paginate(rows, order_by=("next_due_on", "pk"), parameters=request.GET)
    context = {"page": page, "total": rows.count(), "today": today()}
    return render(request, "indicators/overdue.html", context)


@signed_in
def grid(request: HttpRequest) -> HttpResponse:
    """Values of a section's indicators for one period, on one page."""
    house = own_house(request)
    section = _wanted_section(request, house.pk)
    frequency, span = _wanted_period(request)
    rows = _grid_rows(request, house.pk, section, frequency)
    typed = request.POST if request.method == "POST" else None
    faults: dict[int, list[str]] = {}
    sentence = ""
    if typed is not None:
        try:
            entries, faults = _read_grid(typed, rows, span)
            if not faults:
                count = services.record_grid(
                    rows=entries,
                    source=typed.get("source", ""),
                    submit="draft" not in typed,
                    actor=person_of(request),
                    at=now(),
                )
                forget(request)
                messages.success(request, _("%(count)d件の値を入れました。") % {"count": count})
                return redirect(request.get_full_path())
        except GridRefusedError as refused:
            faults = refused.faults
        except RefusedError as refused:
            sentence = refused.sentence
        keep(request)
    kept = kept_here(request) if typed is None else None
    if kept is not None and kept.draft is not None:
        typed = kept.draft.values
    stored = _stored(rows, span)
    context = {
        "house": house,
        "section": section,
        "sections": sections_of(house),
        "frequency": frequency,
        "frequencies": [each for each in Frequency if each.months],
        "span": span,
        "spans": periods.recent(today(), frequency, 8),
        "rows": [_cell(row, stored.get(row.pk), typed, faults.get(row.pk, [])) for row in rows],
        "source": _typed(typed, "source"),
        "sentence": sentence
        or (
            _("入れられない値があります。「エラー」と出ている行を直してください。何も保存していません。")
            if faults
            else ""
        ),
        "kept": kept,
        "most": MOST_ROWS,
    }
    return render(request, "indicators/grid.html", context, status=422 if faults or sentence else 200)


def _wanted_section(request: HttpRequest, house_id: int) -> Any:
    from enishi.organizations.models import Section

    wanted = request.GET.get("section", "")
    rows = Section.objects.filter(organization_id=house_id)
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 18:
        return rows.filter(pk=int(wanted)).first()
    mine = reach_of(request.user).section_ids
    return rows.filter(pk__in=mine).order_by("code", "pk").first()


def _wanted_period(request: HttpRequest) -> tuple[Frequency, periods.Span]:
    name = request.GET.get("frequency", "")
    frequency = Frequency(name) if name in Frequency.values and Frequency(name).months else Frequency.YEARLY
    try:
        span = periods.read(request.GET.get("period", ""))
    except periods.UnreadablePeriodError:
        span = periods.last_finished(today(), frequency) or periods.fiscal(today().year - 1)
    return frequency, span


def _grid_rows(request: HttpRequest, house_id: int, section: Any, frequency: Frequency) -> list[Indicator]:
    rows = indicator_access.visible(request.user).filter(
        organization_id=house_id, retired_at__isnull=True, frequency=frequency
    )
    if section is not None:
        rows = rows.filter(section=section)
    return list(rows.select_related("section", "organization", "acquisition").order_by("code")[:MOST_ROWS])


def _typed(typed: Any, name: str) -> str:
    value = typed.get(name, "") if typed is not None else ""
    return value[0] if isinstance(value, list) and value else (value if isinstance(value, str) else "")


def _stored(rows: list[Indicator], span: periods.Span) -> dict[int, Measurement]:
    """What is there for the period already; what waits goes before what is in force."""
    known = Measurement.objects.filter(
        indicator__in=rows, period_start=span.start, period_end=span.end, dims=""
    ).exclude(state=ValueState.SUPERSEDED)
    found: dict[int, Measurement] = {}
    for each in sorted(known, key=lambda one: one.state != ValueState.APPROVED):
        if each.indicator_id is not None:
            found[each.indicator_id] = each
    return found


def _cell(row: Indicator, stored: Measurement | None, typed: Any, faults: list[str]) -> dict[str, Any]:
    return {
        "indicator": row,
        "faults": faults,
        "stored": stored,
        **{name: _typed(typed, f"{name}_{row.pk}") for name in ("value", "missing", "note", "why", "status")},
    }


def _read_grid(
    typed: Any, rows: list[Indicator], span: periods.Span
) -> tuple[list[tuple[Indicator, Entry]], dict[int, list[str]]]:
    entries, faults = [], {}
    for row in rows:
        text, missing = typed.get(f"value_{row.pk}", ""), typed.get(f"missing_{row.pk}", "").strip()
        if not text.strip() and not missing:
            continue
        try:
            written = numbers.read(text, unit=row.unit)
        except numbers.UnreadableNumberError as error:
            faults[row.pk] = [str(error)]
            continue
        status = typed.get(f"status_{row.pk}", "")
        entries.append(
            (
                row,
                Entry(
                    start=span.start,
                    end=span.end,
                    value=written.value,
                    missing_reason=missing or written.missing_reason,
                    status=status if status in Certainty.values[:2] else Certainty.CONFIRMED,
                    note=typed.get(f"note_{row.pk}", "") or written.note,
                    no_denominator_reason=_("一覧からの入力(分母は資料にある)")
                    if row.value_type == "ratio"
                    else "",
                    change_reason=typed.get(f"why_{row.pk}", ""),
                ),
            )
        )
    return entries, faults
