"""Baselines and targets: set once, changed only with a reason that stays beside them."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.forms import clean_text
from enishi.indicators.access import indicator_access
from enishi.indicators.enums import Direction
from enishi.indicators.errors import RefusedError
from enishi.indicators.models import OWN_FRAME, Baseline, Indicator, Target
from enishi.indicators.numbers import shown
from enishi.indicators.services.indicators import definition_on
from enishi.indicators.services.writing import (
    locked_indicator,
    refuse,
    require_in_use,
    restand,
    write_down,
)

EARLIEST, LATEST = 1950, 2100


@transaction.atomic
def set_baseline(
    *,
    indicator_id: int,
    fiscal_year: int,
    value: Decimal,
    basis: str = "",
    reason: str = "",
    frame: str = OWN_FRAME,
    actor: Person,
    at: dt.datetime,
) -> Baseline:
    row = _for_writing(indicator_id, actor)
    old = Baseline.objects.select_for_update().filter(indicator=row, frame=frame, is_current=True).first()
    _check_year(fiscal_year)
    targets = Target.objects.filter(indicator=row, frame=frame, is_current=True)
    for target in targets:
        refuse(_wrong_side(row, value, target.value, "value"))
    definition = definition_on(row, dt.date(fiscal_year + 1, 3, 31))
    new = Baseline(
        indicator=row,
        frame=frame,
        fiscal_year=fiscal_year,
        value=value,
        basis=clean_text(basis).strip()[:300],
        definition=definition.version if definition else 1,
        supersedes=old,
        reason=_reason(reason, old),
        created_by=actor,
        created_at=at,
    )
    if old is not None:
        Baseline.objects.filter(pk=old.pk).update(is_current=False)
    new.save()
    write_down(
        row, "set_baseline", actor=actor, at=at, note=new.reason,
        changes={"indicators.baseline.value": (_said(old), shown(value, None, row.unit))},
    )  # fmt: skip
    restand([row.pk], at=at)
    return new


@transaction.atomic
def set_target(
    *,
    indicator_id: int,
    fiscal_year: int,
    value: Decimal | None = None,
    lower: Decimal | None = None,
    upper: Decimal | None = None,
    rationale: str = "",
    source: str = "other",
    reason: str = "",
    frame: str = OWN_FRAME,
    actor: Person,
    at: dt.datetime,
) -> Target:
    """Set or move the target of a year. Moving one needs a reason; the old one stays readable."""
    row = _for_writing(indicator_id, actor)
    old = (
        Target.objects.select_for_update()
        .filter(indicator=row, frame=frame, fiscal_year=fiscal_year, is_current=True)
        .first()
    )
    _check_year(fiscal_year)
    _check_shape(row, value, lower, upper)
    base = _baseline(row, frame)
    if base is not None:
        refuse(_wrong_side(row, base.value, value, "value"))
        if fiscal_year <= base.fiscal_year:
            refuse(
                {
                    "fiscal_year": _("目標の年度は、基準値の年度(%(year)s年度)より後にしてください。")
                    % {"year": base.fiscal_year}
                }
            )
    new = Target(
        indicator=row,
        frame=frame,
        fiscal_year=fiscal_year,
        value=value,
        lower=lower,
        upper=upper,
        rationale=clean_text(rationale).strip()[:500],
        source=source,
        supersedes=old,
        reason=_reason(reason, old),
        created_by=actor,
        created_at=at,
    )
    new.clean_fields(exclude=["indicator", "supersedes", "created_by"])
    if old is not None:
        Target.objects.filter(pk=old.pk).update(is_current=False)
    new.save()
    write_down(
        row, "set_target", actor=actor, at=at,
        note=f"{fiscal_year_in_words(FiscalYear(fiscal_year))} {new.reason}".strip(),
        changes={"indicators.target.value": (_said(old), target_words(new, row))},
    )  # fmt: skip
    restand([row.pk], at=at)
    return new


def take_back(*, rows: Sequence[Baseline | Target], reason: str, actor: Person, at: dt.datetime) -> None:
    """Let what stood before them hold again; the rows stay readable. Refused where a later one took their place."""
    touched: dict[int, Indicator] = {}
    for row in rows:
        if not row.is_current:
            raise RefusedError(
                _("指標「%(indicator)s」の%(year)s年度の値は、そのあとで変えられています。")
                % {"indicator": row.indicator.name, "year": row.fiscal_year}
            )
        indicator_access.require(actor, "edit", row.indicator)
        kind: type[Baseline] | type[Target] = Baseline if isinstance(row, Baseline) else Target
        kind.objects.filter(pk=row.pk).update(is_current=False)
        if row.supersedes_id is not None:
            kind.objects.filter(pk=row.supersedes_id).update(is_current=True)
        touched[row.indicator_id] = row.indicator
    for indicator in touched.values():
        write_down(indicator, "take_back", actor=actor, at=at, note=reason)
    restand(sorted(touched), at=at)


def copy_frame(old: str, new: str, *, actor: Person, at: dt.datetime) -> None:
    """Let a new version of a plan begin with the baselines and targets the old one set for itself.

    Whoever may write the plan may do so: nothing that holds today changes.
    """
    baselines = list(Baseline.objects.filter(frame=old, is_current=True))
    targets = list(Target.objects.filter(frame=old, is_current=True))
    rows: list[Baseline | Target] = [*baselines, *targets]
    for row in rows:
        row.pk, row.frame, row.supersedes, row.reason = None, new, None, ""
        row.created_at, row.created_by = at, actor
    Baseline.objects.bulk_create(baselines)
    Target.objects.bulk_create(targets)
    if keys := {row.indicator_id for row in rows}:
        restand(sorted(keys), at=at)


def target_words(target: Target | None, indicator: Indicator) -> str:
    """90.0%, or 20〜25℃."""
    if target is None:
        return ""
    if target.value is not None:
        return shown(target.value, indicator.decimals, indicator.unit)
    return f"{shown(target.lower, indicator.decimals)}〜{shown(target.upper, indicator.decimals, indicator.unit)}"


def _for_writing(indicator_id: int, actor: Person) -> Indicator:
    row = locked_indicator(indicator_id)
    indicator_access.require(actor, "edit", row)
    require_in_use(row)
    return row


def _baseline(row: Indicator, frame: str) -> Baseline | None:
    rows = Baseline.objects.filter(indicator=row, is_current=True, frame__in={frame, OWN_FRAME})
    return rows.order_by("-frame").first()


def _check_year(year: int) -> None:
    if not EARLIEST <= year <= LATEST:
        refuse({"fiscal_year": _("1950年度から2100年度までで書いてください。")})


def _check_shape(row: Indicator, value: Decimal | None, lower: Decimal | None, upper: Decimal | None) -> None:
    if row.direction == Direction.RANGE:
        if lower is None or upper is None or value is not None:
            refuse({"lower": _("「範囲におさめる」指標の目標は、下限と上限を書いてください。")})
        elif lower > upper:
            refuse({"upper": _("上限は下限より大きくしてください。")})
        return
    if value is None or lower is not None or upper is not None:
        refuse({"value": _("目標値を一つ書いてください。")})
    if row.direction == Direction.BINARY and value != 1:
        refuse({"value": _("「実施する」指標の目標値は 1 (済)です。")})


def _wrong_side(row: Indicator, base: Decimal | None, target: Decimal | None, name: str) -> dict[str, str]:
    """M5: the sign of target − baseline agrees with the direction."""
    if base is None or target is None:
        return {}
    if row.direction == Direction.UP and target < base:
        words = _("「増やす」指標なので、目標値 %(target)s は基準値 %(base)s より大きくしてください。")
    elif row.direction == Direction.DOWN and target > base:
        words = _("「減らす」指標なので、目標値 %(target)s は基準値 %(base)s より小さくしてください。")
    elif row.direction in (Direction.UP, Direction.DOWN) and target == base:
        words = _(
            "目標値 %(target)s が基準値 %(base)s と同じでは、進捗を計算できません。保つのが目標なら、めざす向きを「保つ」にしてください。"
        )
    else:
        return {}
    return {name: words % {"target": shown(target, None, row.unit), "base": shown(base, None, row.unit)}}


def _reason(typed: str, old: Any) -> str:
    reason = clean_text(typed).strip()[:300]
    if old is not None and not reason:
        raise ValidationError(
            {"reason": _("いまの値を変えるときは、理由を書いてください。前の値とともに残ります。")}
        )
    return reason if old is not None else ""


def _said(old: Baseline | Target | None) -> str:
    if old is None:
        return ""
    if isinstance(old, Target):
        return target_words(old, old.indicator)
    return shown(old.value, None, old.indicator.unit)
