"""Values: written, handed in, approved by somebody else, returned, and replaced by better ones. Nothing is overwritten."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.engines import progress
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.forms import clean_text
from enishi.foundation.sentences import gettext as _
from enishi.indicators import periods
from enishi.indicators.access import access_of, owner_of
from enishi.indicators.enums import (
    AcquisitionMethod,
    Aggregation,
    Certainty,
    RunKind,
    ValueState,
    ValueType,
)
from enishi.indicators.errors import OwnValueError, RefusedError
from enishi.indicators.models import AcquisitionRun, DataElement, Indicator, IndicatorDefinition, Measurement
from enishi.indicators.models_values import TOTAL
from enishi.indicators.numbers import UnreadableNumberError, checked, decimal_of, shown
from enishi.indicators.services.indicators import definition_on
from enishi.indicators.services.writing import (
    due_again,
    locked,
    refuse,
    require_in_use,
    restand,
    write_down,
)
from enishi.notifications.services import notify

FROM_PROVISIONAL = "速報値を確定値にした"


@dataclass(frozen=True)
class Entry:
    """One value as typed: a number or the reason why there is none."""

    start: dt.date
    end: dt.date
    value: Decimal | None = None
    missing_reason: str = ""
    dims: str = TOTAL
    status: str = Certainty.CONFIRMED
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    no_denominator_reason: str = ""
    weight: Decimal | None = None
    note: str = ""
    change_reason: str = ""
    locator: str = ""


@transaction.atomic
def record_values(
    *,
    owner: Indicator | DataElement,
    entries: Sequence[Entry],
    source: str,
    submit: bool,
    actor: Person,
    at: dt.datetime,
    run: AcquisitionRun | None = None,
) -> list[Measurement]:
    """Write values down, as drafts or handed in for approval. One page filled in is one run (M9).

    Raises
    ------
    ValidationError
        With a sentence for what cannot be stored.
    """
    owner = _for_entering(owner, actor)
    if run is None:
        run = _entry_run(owner, source, actor, at)
    elif run.organization_id != owner.organization_id:
        raise PermissionDenied("run")
    made = [_written(owner, entry, run, submit, actor, at) for entry in entries]
    if submit:
        for span in {(each.period_start, each.period_end) for each in made}:
            _refuse_parts(owner, *span)
    AcquisitionRun.objects.filter(pk=run.pk).update(rows_added=run.rows_added + len(made))
    run.rows_added += len(made)
    write_down(
        owner,
        "submit_values" if submit else "record_values",
        actor=actor,
        at=at,
        note="、".join(_said(owner, each) for each in made)[:500],
    )
    if submit and isinstance(owner, Indicator):
        due_again([owner.pk], at=at)
    return made


def _for_entering(owner: Indicator | DataElement, actor: Person) -> Indicator | DataElement:
    owner = locked(owner)
    access_of(owner).require(actor, "enter", owner)
    require_in_use(owner)
    if isinstance(owner, DataElement) and owner.metric:
        raise RefusedError(_("この項目は、この仕組みの記録から算定します。値を手で入れることはできません。"))
    return owner


def _entry_run(owner: Indicator | DataElement, source: str, actor: Person, at: dt.datetime) -> AcquisitionRun:
    acquisition = getattr(owner, "acquisition", None)
    method = acquisition.method if acquisition else AcquisitionMethod.MANUAL
    source = clean_text(source).strip()[:300] or (acquisition.source if acquisition else "")
    if not source:
        raise ValidationError(
            {
                "source": _(
                    "出所を書いてください。どの資料のどこから取った値か、あとから確かめられるようにします。"
                )
            }
        )
    return AcquisitionRun.objects.create(
        organization_id=owner.organization_id,
        kind=RunKind.ENTRY,
        method=method,
        source=source,
        person=actor,
        at=at,
    )


def _written(
    owner: Indicator | DataElement,
    entry: Entry,
    run: AcquisitionRun,
    submit: bool,
    actor: Person,
    at: dt.datetime,
) -> Measurement:
    mine = {"indicator": owner} if isinstance(owner, Indicator) else {"element": owner}
    same = Measurement.objects.select_for_update(of=("self",)).filter(
        **mine, period_start=entry.start, period_end=entry.end, dims=entry.dims
    )
    approved, pending = same.current().first(), same.pending().first()
    row = pending or Measurement(**mine, period_start=entry.start, period_end=entry.end, dims=entry.dims)
    row.fiscal_year = FiscalYear.of(entry.end).year
    row.value, row.missing_reason = entry.value, clean_text(entry.missing_reason).strip()[:200]
    row.numerator, row.denominator, row.weight = entry.numerator, entry.denominator, entry.weight
    row.no_denominator_reason = clean_text(entry.no_denominator_reason).strip()[:200]
    row.note = clean_text(entry.note).strip()[:300]
    row.source_locator = entry.locator[:120]
    row.status = entry.status
    row.run, row.recorded_by, row.recorded_at = run, actor, at
    row.state = ValueState.SUBMITTED if submit else ValueState.DRAFT
    row.returned_reason = ""
    if isinstance(owner, Indicator):
        definition = definition_on(owner, entry.end)
        row.definition = definition.version if definition else 1
        _check_indicator_value(owner, definition, row)
    _check_value(row, owner, at)
    if approved is not None:
        _replace(row, approved, clean_text(entry.change_reason).strip()[:300])
    row.save()
    return row


def _replace(row: Measurement, approved: Measurement, reason: str) -> None:
    """A value that was approved is only ever superseded, and says why (M4)."""
    became_final = approved.status == Certainty.PROVISIONAL and row.status != Certainty.PROVISIONAL
    if not reason and became_final:
        reason = FROM_PROVISIONAL
    if not reason:
        raise ValidationError(
            {
                "change_reason": _(
                    "%(period)sの値はすでに承認されています。直すときは、理由を書いてください。"
                )
                % {"period": periods.in_words(row.period_start, row.period_end)}
            }
        )
    row.supersedes, row.change_reason = approved, reason
    if not became_final and row.status == Certainty.CONFIRMED:
        row.status = Certainty.REVISED


def _check_value(row: Measurement, owner: Indicator | DataElement, at: dt.datetime) -> None:
    period = periods.in_words(row.period_start, row.period_end)
    faults: dict[str, str] = {}
    if row.value is None and not row.missing_reason:
        faults["value"] = _(
            "%(period)sの値を書くか、値がない理由を書いてください。空のままにはできません。"
        ) % {"period": period}
    if row.value is not None and row.missing_reason:
        faults["missing_reason"] = _("%(period)sは、値と「値がない理由」のどちらか一方にしてください。") % {
            "period": period
        }
    if row.period_end < row.period_start:
        faults["period"] = _("期間の終わりが始まりより前になっています。")
    today = timezone.localdate(at)
    if row.period_start > today:
        faults["period"] = _("%(period)sはまだ始まっていません。まだ来ていない期間の値は書けません。") % {
            "period": period
        }
    elif row.period_end > today and row.status != Certainty.PROVISIONAL:
        faults["status"] = _("%(period)sはまだ終わっていません。途中の値は「速報」として入れてください。") % {
            "period": period
        }
    if row.value is not None:
        try:
            row.value = checked(row.value)
        except UnreadableNumberError as error:
            faults["value"] = str(error)
    if row.dims and set(_names(row.dims)) - set(owner.dims or []):
        faults["dims"] = _("区分「%(dims)s」は、この指標の区分の名前(%(known)s)と合いません。") % {
            "dims": row.dims,
            "known": _("、").join(owner.dims or []) or _("なし"),
        }
    refuse(faults)


def _names(dims: str) -> list[str]:
    return [part.partition("=")[0] for part in dims.split(";")]


def _check_indicator_value(
    indicator: Indicator, definition: IndicatorDefinition | None, row: Measurement
) -> None:
    faults: dict[str, str] = {}
    if definition is not None and definition.numerator and row.value is not None:
        faults["value"] = _(
            "この指標の値は、データ項目から式で計算します。値を変えるときは、データ項目の値を直してください。"
        )
    elif indicator.value_type == ValueType.RATIO:
        _work_out_ratio(indicator, definition, row, faults)
    value = row.value
    if value is not None:
        if indicator.value_type == ValueType.BINARY and value not in (0, 1):
            faults["value"] = _("「済・未」の指標の値は、1(済)か0(未)です。")
        low, high = indicator.plausible_min, indicator.plausible_max
        outside = (low is not None and value < low) or (high is not None and value > high)
        if outside and not row.note:
            faults["note"] = _(
                "%(value)s は、ありうる範囲(%(low)s〜%(high)s)の外です。けたと単位を確かめ、正しければ注記にそのわけを書いてください。"
            ) % {"value": shown(value, None, indicator.unit), "low": shown(low), "high": shown(high)}
    refuse(faults)


def _work_out_ratio(
    indicator: Indicator, definition: IndicatorDefinition | None, row: Measurement, faults: dict[str, str]
) -> None:
    """M3: a ratio comes from its parts; a typed one needs a reason why there are none."""
    if row.missing_reason:
        return
    if row.numerator is not None and row.denominator is not None:
        if row.denominator == 0:
            faults["denominator"] = _(
                "分母が0なので割合を計算できません。値なしとし、理由に「分母が0」と書いてください。"
            )
            return
        scale = definition.scale if definition and definition.scale not in (None, 1) else None
        factor = Fraction(scale) if scale else Fraction(100 if indicator.unit in ("%", "%") else 1)
        worked_out = decimal_of(Fraction(row.numerator) / Fraction(row.denominator) * factor)
        if row.value is not None and abs(row.value - worked_out) > Decimal(10) ** -indicator.decimals:
            faults["value"] = _("値 %(value)s が、分子÷分母 = %(worked_out)s と合いません。") % {
                "value": shown(row.value),
                "worked_out": shown(worked_out, indicator.decimals + 1),
            }
        row.value = worked_out
    elif row.value is not None and not row.no_denominator_reason:
        faults["no_denominator_reason"] = _(
            "割合は分子と分母を書いてください。分からないときは、分母がない理由を書いてください。"
        )


def _refuse_parts(owner: Indicator | DataElement, start: dt.date, end: dt.date) -> None:
    """M6: where values are summed up, the parts of one dimension make the whole."""
    if owner.aggregation != Aggregation.SUM:
        return
    mine = {"indicator": owner} if isinstance(owner, Indicator) else {"element": owner}
    rows = Measurement.objects.filter(**mine, period_start=start, period_end=end)
    known: dict[str, Measurement] = {row.dims: row for row in rows.current()}
    known |= {row.dims: row for row in rows.filter(state=ValueState.SUBMITTED)}
    total = known.get(TOTAL)
    if total is None or total.value is None:
        return
    tolerance = owner.parts_tolerance if isinstance(owner, Indicator) else Decimal(0)
    for name in owner.dims or []:
        parts: dict[str, progress.Amount] = {
            dims: progress.Missing(row.missing_reason) if row.value is None else row.value
            for dims, row in known.items()
            if dims and _names(dims) == [name]
        }
        fault = progress.parts_disagree(total.value, parts, tolerance=tolerance or 0) if parts else None
        if fault:
            raise ValidationError(
                {
                    "dims": _("%(period)sの区分「%(name)s」の%(fault)s。そろうまで下書きで保存できます。")
                    % {"period": periods.in_words(start, end), "name": name, "fault": fault}
                }
            )


@transaction.atomic
def submit_values(*, measurement_ids: Iterable[int], actor: Person, at: dt.datetime) -> int:
    """Hand in drafts and returned values."""
    rows = _locked_rows(measurement_ids)
    for owner, mine in _by_owner(rows):
        access_of(owner).require(actor, "enter", owner)
        for row in mine:
            if row.state not in (ValueState.DRAFT, ValueState.RETURNED):
                raise RefusedError(_("承認待ちにできるのは、下書きか差し戻された値です。"))
            row.state = ValueState.SUBMITTED
            row.save(update_fields=["state"])
        for span in {(each.period_start, each.period_end) for each in mine}:
            _refuse_parts(owner, *span)
        write_down(
            owner, "submit_values", actor=actor, at=at, note="、".join(_said(owner, each) for each in mine)
        )
        if isinstance(owner, Indicator):
            due_again([owner.pk], at=at)
    return len(rows)


@transaction.atomic
def approve_values(*, measurement_ids: Iterable[int], actor: Person, at: dt.datetime) -> int:
    """Put handed-in values in force; what they replace stays readable. Never one's own (M4)."""
    rows = _locked_rows(measurement_ids)
    touched: set[int] = set()
    for owner, mine in _by_owner(rows):
        for row in mine:
            _refuse_approval(actor, owner, row)
            if row.supersedes_id:
                Measurement.objects.filter(pk=row.supersedes_id).update(state=ValueState.SUPERSEDED)
            row.state, row.approved_by, row.approved_at = ValueState.APPROVED, actor, at
            row.save(update_fields=["state", "approved_by", "approved_at"])
        write_down(
            owner, "approve_values", actor=actor, at=at, note="、".join(_said(owner, each) for each in mine)
        )
        if isinstance(owner, Indicator):
            touched.add(owner.pk)
        else:
            touched |= _compute_again(owner, at)
    restand(touched, at=at)
    return len(rows)


def _compute_again(element: DataElement, at: dt.datetime) -> set[int]:
    from enishi.indicators.services.computing import compute_users_of

    return compute_users_of(element, at=at)


def _refuse_approval(actor: Person, owner: Indicator | DataElement, row: Measurement) -> None:
    if not access_of(owner).allows(actor, "approve", owner):
        raise PermissionDenied(
            _("承認できるのは、%(owner)sの管理職か企画の人です。") % {"owner": owner.organization.name}
        )
    if row.recorded_by_id == actor.pk:
        raise OwnValueError
    if row.state != ValueState.SUBMITTED:
        raise RefusedError(_("承認待ちの値ではありません。ほかの人が先に承認か差し戻しをしたようです。"))


@transaction.atomic
def return_values(*, measurement_ids: Iterable[int], reason: str, actor: Person, at: dt.datetime) -> int:
    """Give handed-in values back with what is to be mended; whoever wrote them is told."""
    reason = clean_text(reason).strip()[:300]
    if not reason:
        raise ValidationError({"reason": _("差し戻す理由を書いてください。何をどう直すかが伝わります。")})
    rows = _locked_rows(measurement_ids)
    for owner, mine in _by_owner(rows):
        for row in mine:
            _refuse_approval(actor, owner, row)
            row.state, row.returned_reason = ValueState.RETURNED, reason
            row.save(update_fields=["state", "returned_reason"])
        write_down(owner, "return_values", actor=actor, at=at, note=reason)
        if isinstance(owner, Indicator):
            due_again([owner.pk], at=at)
        _tell_returned(owner, mine, reason, at)
    return len(rows)


def _tell_returned(
    owner: Indicator | DataElement, rows: Sequence[Measurement], reason: str, at: dt.datetime
) -> None:
    writers = list(Person.objects.filter(pk__in={row.recorded_by_id for row in rows if row.recorded_by_id}))
    notify(
        kind="indicator_returned",
        persons=writers,
        title=_("「%(name)s」の値が差し戻されました") % {"name": owner.name},
        body=reason,
        url=owner.get_absolute_url(),
        at=at,
    )


@transaction.atomic
def withdraw_draft(*, measurement_id: int, actor: Person, at: dt.datetime) -> None:
    """Throw a draft or a returned value away."""
    row = next(iter(_locked_rows([measurement_id])), None)
    if row is None or row.state not in (ValueState.DRAFT, ValueState.RETURNED):
        raise RefusedError(_("捨てられるのは、下書きか差し戻された値だけです。"))
    owner = owner_of(row)
    access_of(owner).require(actor, "enter", owner)
    write_down(owner, "withdraw_value", actor=actor, at=at, note=_said(owner, row))
    row.delete()


def _locked_rows(measurement_ids: Iterable[int]) -> list[Measurement]:
    rows = Measurement.objects.select_for_update(of=("self",)).filter(pk__in=list(measurement_ids))
    return list(
        rows.select_related("indicator__organization", "element__organization").order_by("period_end", "pk")
    )


def _by_owner(rows: Iterable[Measurement]) -> list[tuple[Indicator | DataElement, list[Measurement]]]:
    found: dict[tuple[str, int], tuple[Indicator | DataElement, list[Measurement]]] = {}
    for row in rows:
        owner = owner_of(row)
        found.setdefault((type(owner).__name__, owner.pk), (owner, []))[1].append(row)
    return list(found.values())


def _said(owner: Indicator | DataElement, row: Measurement) -> str:
    period = periods.in_words(row.period_start, row.period_end)
    value = row.missing_reason if row.value is None else shown(row.value, None, owner.unit)
    return f"{period}{f' {row.dims}' if row.dims else ''} {value}"
