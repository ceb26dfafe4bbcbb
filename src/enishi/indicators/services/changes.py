"""Targets written as a change become numbers as soon as there is a baseline, or last year's value, to change from."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.forms import clean_text
from enishi.foundation.refusals import RefusedError
from enishi.indicators.access import indicator_access
from enishi.indicators.enums import ChangeBasis, ChangeMeasure, ChangeWay, Direction
from enishi.indicators.models import OWN_FRAME, Baseline, ChangeTarget, Indicator, Standing, Target
from enishi.indicators.numbers import shown
from enishi.indicators.services.targets import set_target
from enishi.indicators.services.writing import locked_indicator, refuse, require_in_use, write_down

Start = tuple[Decimal, int]


@transaction.atomic
def set_change(
    *,
    indicator_id: int,
    basis: str,
    way: str,
    measure: str,
    amount: Decimal,
    fiscal_year: int | None = None,
    words: str = "",
    actor: Person,
    at: dt.datetime,
) -> ChangeTarget:
    """Write the target as the document does; what was written so before gives way."""
    row = _for_writing(indicator_id, actor)
    if amount <= 0:
        refuse({"amount": _("どれだけ変えるかを、0より大きい数で書いてください。")})
    if basis == ChangeBasis.BASELINE and fiscal_year is None:
        refuse(
            {"fiscal_year": _("いつまでに変えるかを書いてください。毎年度の目標なら「前の年度」を選びます。")}
        )
    refuse(_against(row, way, measure))
    ChangeTarget.objects.filter(indicator=row, is_current=True).update(is_current=False)
    made = ChangeTarget.objects.create(
        indicator=row,
        fiscal_year=fiscal_year,
        basis=ChangeBasis(basis),
        way=ChangeWay(way),
        measure=ChangeMeasure(measure),
        amount=amount,
        words=clean_text(words).strip()[:300],
        created_by=actor,
        created_at=at,
    )
    write_down(row, "set_change", actor=actor, at=at, note=str(made))
    _work_out(made, at)
    return made


def _against(row: Indicator, way: str, measure: str) -> dict[str, str]:
    """M5 before there is a number: 減らす is no target of an indicator that should rise."""
    if row.direction not in (Direction.UP, Direction.DOWN):
        words = _(
            "増減で書けるのは、「増やす」か「減らす」の指標だけです。この指標のめざす向きは「%(direction)s」です。"
        )
        return {"basis": words % {"direction": row.get_direction_display()}}
    if measure != ChangeMeasure.TIMES and (way == ChangeWay.UP) is not (row.direction == Direction.UP):
        words = _("この指標のめざす向きは「%(direction)s」です。増減の向きを合わせてください。")
        return {"way": words % {"direction": row.get_direction_display()}}
    return {}


@transaction.atomic
def drop_change(*, indicator_id: int, actor: Person, at: dt.datetime) -> None:
    """Stop working numbers out of it; those that were worked out stay as they are."""
    row = _for_writing(indicator_id, actor)
    for each in ChangeTarget.objects.filter(indicator=row, is_current=True):
        each.is_current = False
        each.save(update_fields=["is_current"])
        write_down(row, "drop_change", actor=actor, at=at, note=str(each))


@transaction.atomic
def work_out(indicator_ids: Iterable[int], *, at: dt.datetime) -> None:
    """Follow a new baseline or a new value."""
    rows = ChangeTarget.objects.filter(is_current=True, indicator_id__in=list(indicator_ids))
    for each in rows.select_related("indicator", "target", "created_by"):
        _work_out(each, at)


def _for_writing(indicator_id: int, actor: Person) -> Indicator:
    row = locked_indicator(indicator_id)
    indicator_access.require(actor, "edit", row)
    require_in_use(row)
    return row


def _work_out(change: ChangeTarget, at: dt.datetime) -> None:
    start = _start(change)
    if start is None:
        words = {
            ChangeBasis.BASELINE: _("基準値が入ると、目標値に直します。"),
            ChangeBasis.PREVIOUS: _("前の年度の値が承認されると、目標値に直します。"),
        }
        _say(change, words[ChangeBasis(change.basis)])
        return
    base, base_year = start
    year = change.fiscal_year or base_year + 1
    goal = _changed(change, base)
    old = Target.objects.filter(
        indicator=change.indicator, frame=OWN_FRAME, fiscal_year=year, is_current=True
    ).first()
    if old is not None and old.value == goal:
        return
    if old is not None and old.pk != change.target_id:
        _say(
            change,
            _("%(year)sには手で入れた目標値があるため、直していません。")
            % {"year": fiscal_year_in_words(FiscalYear(year))},
        )
        return
    _write(change, year, goal, base, base_year, bool(old), at)


def _start(change: ChangeTarget) -> Start | None:
    """What is changed from: the baseline, or the newest value before the year."""
    base = Baseline.objects.filter(
        indicator_id=change.indicator_id, frame=OWN_FRAME, is_current=True, value__isnull=False
    ).first()
    began = (base.value, base.fiscal_year) if base is not None and base.value is not None else None
    if change.basis == ChangeBasis.BASELINE:
        return began
    rows = Standing.objects.filter(indicator_id=change.indicator_id, frame=OWN_FRAME, value__isnull=False)
    if change.fiscal_year is not None:
        rows = rows.filter(fiscal_year=change.fiscal_year - 1)
    last = rows.order_by("-fiscal_year").values_list("value", "fiscal_year").first()
    if last is not None and last[0] is not None:
        return last[0], last[1]
    fits = began is not None and (change.fiscal_year is None or began[1] == change.fiscal_year - 1)
    return began if fits else None


def _changed(change: ChangeTarget, base: Decimal) -> Decimal:
    """Exact to the decimals of the indicator and two more: nobody sets a target of 130.2000001 hours."""
    sign = 1 if change.way == ChangeWay.UP else -1
    if change.measure == ChangeMeasure.TIMES:
        goal = base * change.amount
    elif change.measure == ChangeMeasure.PERCENT:
        goal = base + sign * abs(base) * change.amount / 100
    else:
        goal = base + sign * change.amount
    return round(goal, min(6, change.indicator.decimals + 2))


def _write(
    change: ChangeTarget,
    year: int,
    goal: Decimal,
    base: Decimal,
    base_year: int,
    moved: bool,
    at: dt.datetime,
) -> None:
    why = _("%(change)s: %(year)sの%(base)sから計算") % {
        "change": change,
        "year": FiscalYear(base_year),
        "base": shown(base, None, change.indicator.unit),
    }
    if change.words:
        why += f"({change.words})"
    try:
        if change.created_by is None:
            raise PermissionDenied(_("書いた人が分からないため、直していません。"))
        with transaction.atomic():
            change.target = set_target(
                indicator_id=change.indicator_id,
                fiscal_year=year,
                value=goal,
                rationale=why,
                reason=_("もとの値が変わったため") if moved else "",
                actor=change.created_by,
                at=at,
            )
    except ValidationError as refused:
        _say(change, " ".join(refused.messages))
    except RefusedError as refused:
        _say(change, refused.sentence)
    except PermissionDenied as refused:
        _say(change, str(refused))
    else:
        change.note = ""
        change.save(update_fields=["target", "note"])


def _say(change: ChangeTarget, sentence: str) -> None:
    if change.note != sentence[:300]:
        change.note = sentence[:300]
        change.save(update_fields=["note"])
