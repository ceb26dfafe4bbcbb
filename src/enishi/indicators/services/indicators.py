"""Making, rewriting and retiring indicators and data elements, their definitions and how their values come."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.engines import progress
from enishi.foundation import trail
from enishi.foundation.erasing import RESTORABLE
from enishi.foundation.forms import clean_text
from enishi.indicators import formulas
from enishi.indicators.access import access_of, element_access, indicator_access
from enishi.indicators.enums import Aggregation, Direction, ValueType
from enishi.indicators.errors import RefusedError
from enishi.indicators.models import (
    Acquisition,
    DataElement,
    Indicator,
    IndicatorDefinition,
    Measurement,
    Target,
)
from enishi.indicators.services.writing import (
    assign,
    changed,
    due_again,
    locked,
    locked_element,
    locked_indicator,
    refuse,
    require_in_use,
    require_version,
    restand,
    told,
    write_down,
)
from enishi.organizations.models import Organization

WRITABLE = (
    "code", "name", "role", "stage", "value_type", "unit", "decimals", "direction", "tolerance", "lower", "upper",
    "aggregation", "cumulative", "frequency", "publication_lag_days", "plausible_min", "plausible_max", "simple_rate",
    "dims", "suppress_below", "parts_tolerance", "section", "officer", "visibility", "successor",
)  # fmt: skip
COMPUTED_FROM = frozenset(
    {
        "direction",
        "tolerance",
        "lower",
        "upper",
        "aggregation",
        "cumulative",
        "unit",
        "frequency",
        "publication_lag_days",
    }
)
ELEMENT_WRITABLE = (
    "code", "name", "meaning", "unit", "dims", "aggregation", "metric", "section", "officer", "visibility",
)  # fmt: skip
ACQUISITION_WRITABLE = ("method", "source", "publisher", "endpoint_ref", "schedule", "responsible")


@transaction.atomic
def create_indicator(
    *, organization: Organization, values: Mapping[str, Any], definition: str, actor: Person, at: dt.datetime
) -> Indicator:
    indicator_access.require(actor, "create", organization)  # type: ignore[arg-type]
    row = Indicator(organization=organization, created_at=at, updated_at=at, updated_by=actor)
    assign(row, {**values, "code": values.get("code") or next_code(organization)}, WRITABLE)
    _check(row)
    row.save()
    IndicatorDefinition.objects.create(
        indicator=row,
        version=1,
        text=clean_text(definition, lines=True).strip()[:2_000],
        valid_from=dt.date(1900, 1, 1),
        created_by=actor,
        created_at=at,
    )
    write_down(row, "create", actor=actor, at=at, note=row.name)
    restand([row.pk], at=at)
    told(row)
    return row


def next_code(organization: Organization) -> str:
    """A number nobody has used, also not one that lies in the trash: codes are never given twice."""
    count = Indicator.objects.filter(organization=organization).count()
    known = set(Indicator.objects.filter(organization=organization).values_list("code", flat=True))
    return next(
        code for number in range(count + 1, count + len(known) + 2) if (code := f"K{number:04}") not in known
    )


@transaction.atomic
def edit_indicator(
    *, indicator_id: int, values: Mapping[str, Any], version: int | None, actor: Person, at: dt.datetime
) -> Indicator:
    row = locked_indicator(indicator_id)
    indicator_access.require(actor, "edit", row)
    require_in_use(row)
    require_version(row, version)
    before = trail.values(row)
    assign(row, values, WRITABLE)
    _check(row)
    changes = changed(before, row)
    if "direction" in changes:
        _refuse_wrong_targets(row)
    if "unit" in changes and Measurement.objects.filter(indicator=row).exists():
        raise ValidationError(
            {
                "unit": _(
                    "値が入ったあとで単位は変えられません。定義を新しい版にするか、別の指標を作ってください。"
                )
            }
        )
    if changes:
        row.version += 1
        row.updated_at, row.updated_by = at, actor
        row.save()
        write_down(row, "edit", actor=actor, at=at, changes=changes)
        if COMPUTED_FROM & set(changes):
            restand([row.pk], at=at)
        told(row)
    return row


def _check(row: Indicator) -> None:
    faults: dict[str, str] = {}
    if not row.name:
        faults["name"] = _("指標名を書いてください。")
    twice = Indicator.objects.filter(organization_id=row.organization_id, code=row.code).exclude(pk=row.pk)
    if twice.exists():
        faults["code"] = _("指標番号「%(code)s」はすでに使われています。番号は使い回しません。") % {
            "code": row.code
        }
    if row.section is not None and row.section.organization_id != row.organization_id:
        faults["section"] = _("この団体の課から選んでください。")
    if (row.value_type == ValueType.BINARY) != (row.direction == Direction.BINARY):
        faults["direction"] = _(
            "値の種類が「済・未」の指標は、めざす向きを「実施する」にします。その逆も同じです。"
        )
    if row.cumulative and row.aggregation == Aggregation.SUM:
        faults["cumulative"] = _("累計の値は合計しません。年度のまとめ方を「最後の値」にしてください。")
    if row.visibility == "section" and row.section is None:
        faults["section"] = _("課内だけに見せるときは、担当課を選んでください。")
    for first, last, words in (
        ("lower", "upper", _("範囲の上限は下限より大きくしてください。")),
        ("plausible_min", "plausible_max", _("ありうる最大は最小より大きくしてください。")),
    ):
        low, high = getattr(row, first), getattr(row, last)
        if low is not None and high is not None and high < low:
            faults[last] = words
    if (row.lower is None) != (row.upper is None):
        faults["upper"] = _("範囲は下限と上限の両方を書いてください。")
    refuse(faults)


def _refuse_wrong_targets(row: Indicator) -> None:
    """M5 holds when the direction turns too."""
    base = row.baselines.filter(is_current=True, frame="").first()
    for target in Target.objects.filter(indicator=row, is_current=True, frame="", value__isnull=False):
        if base and base.value is not None and target.value is not None:
            better = target.value - base.value if row.direction == Direction.UP else base.value - target.value
            if row.direction in (Direction.UP, Direction.DOWN) and better < 0:
                raise ValidationError(
                    {
                        "direction": _(
                            "いまの基準値と目標値では、この向きにできません。先に目標値を直してください。"
                        )
                    }
                )


@transaction.atomic
def retire_indicator(
    *, indicator_id: int, reason: str, successor: Indicator | None = None, actor: Person, at: dt.datetime
) -> Indicator:
    """Stop using it; its values stay."""
    row = locked_indicator(indicator_id)
    indicator_access.require(actor, "retire", row)
    require_in_use(row)
    reason = clean_text(reason).strip()[:300]
    if not reason:
        raise ValidationError({"reason": _("使うのをやめる理由を書いてください。")})
    if successor is not None and (successor.pk == row.pk or successor.organization_id != row.organization_id):
        raise ValidationError({"successor": _("あとを継ぐ指標は、同じ団体のほかの指標から選んでください。")})
    row.retired_at, row.retired_reason, row.successor, row.next_due_on = at, reason, successor, None
    row.version, row.updated_at, row.updated_by = row.version + 1, at, actor
    row.save()
    write_down(row, "retire", actor=actor, at=at, note=reason)
    told(row)
    return row


@transaction.atomic
def delete_indicator(*, indicator_id: int, actor: Person, at: dt.datetime) -> Indicator:
    """Into the trash. One with approved values is retired instead: numbers that were published do not vanish."""
    row = locked_indicator(indicator_id)
    indicator_access.require(actor, "delete", row)
    if Measurement.objects.current().filter(indicator=row).exists():
        raise RefusedError(
            _("承認済みの値がある指標は削除できません。「使うのをやめる」を選んでください。値は残ります。")
        )
    row.deleted_at, row.version, row.updated_at, row.updated_by = at, row.version + 1, at, actor
    row.save()
    write_down(row, "delete", actor=actor, at=at)
    told(row)
    return row


@transaction.atomic
def restore_indicator(*, indicator_id: int, actor: Person, at: dt.datetime) -> Indicator:
    row = Indicator.objects.select_for_update(of=("self",)).get(pk=indicator_id)
    indicator_access.require(actor, "restore", row)
    if row.deleted_at is None or at - row.deleted_at > RESTORABLE:
        raise RefusedError(_("削除から30日を過ぎたか、すでに元に戻されています。"))
    row.deleted_at, row.version, row.updated_at, row.updated_by = None, row.version + 1, at, actor
    row.save()
    write_down(row, "restore", actor=actor, at=at)
    due_again([row.pk], at=at)
    told(row)
    return row


DEFINITION_WRITABLE = (
    "text",
    "numerator",
    "denominator",
    "scale",
    "comparability_break",
    "reason",
    "valid_from",
)


@transaction.atomic
def define(
    *, indicator_id: int, values: Mapping[str, Any], actor: Person, at: dt.datetime
) -> IndicatorDefinition:
    """A new version of the definition. With a break, nothing is compared across it (M7)."""
    row = locked_indicator(indicator_id)
    indicator_access.require(actor, "edit", row)
    require_in_use(row)
    last = row.definitions.aggregate(last=Max("version"))["last"] or 0
    definition = IndicatorDefinition(indicator=row, version=last + 1, created_by=actor, created_at=at)
    assign(definition, values, DEFINITION_WRITABLE)
    _check_definition(row, definition, first=last == 0)
    definition.save()
    row.version, row.updated_at, row.updated_by = row.version + 1, at, actor
    row.save(update_fields=["version", "updated_at", "updated_by"])
    _number_values_again(row)
    write_down(row, "define", actor=actor, at=at, note=f"{definition.version}: {definition.reason}")
    restand([row.pk], at=at)
    told(row)
    return definition


def _check_definition(row: Indicator, definition: IndicatorDefinition, *, first: bool) -> None:
    faults: dict[str, str] = {}
    if not definition.text:
        faults["text"] = _("定義を書いてください。")
    if not first and not definition.reason:
        faults["reason"] = _("定義を変えた理由を書いてください。")
    before = row.definitions.order_by("-version").first()
    if before is not None and definition.valid_from <= before.valid_from:
        faults["valid_from"] = _("新しい版の始まりは、前の版の始まりより後の日にしてください。")
    for name in ("numerator", "denominator"):
        try:
            check_formula(row, getattr(definition, name))
        except formulas.FormulaError as error:
            faults[name] = str(error)
    if definition.denominator and not definition.numerator:
        faults["numerator"] = _("分母の式があるときは、分子の式も書いてください。")
    refuse(faults)


def check_formula(row: Indicator, text: str) -> None:
    """Refuse a formula that names no known element, or adds what cannot be added (M8)."""
    if not text.strip():
        return
    node = formulas.parse(text)
    known = {
        each.code: formulas.Quantity(progress.Missing("確認"), each.unit or None)
        for each in DataElement.objects.in_use().filter(
            organization_id=row.organization_id, code__in=formulas.codes_of(node)
        )
    }
    formulas.evaluate(node, known)


def _number_values_again(row: Indicator) -> None:
    """Each value belongs to the definition that was valid at the end of its period."""
    versions = list(row.definitions.order_by("valid_from"))
    for definition, following in zip(versions, [*versions[1:], None], strict=True):
        values = Measurement.objects.filter(indicator=row, period_end__gte=definition.valid_from)
        if following is not None:
            values = values.filter(period_end__lt=following.valid_from)
        values.exclude(definition=definition.version).update(definition=definition.version)


def definition_on(indicator: Indicator, day: dt.date) -> IndicatorDefinition | None:
    rows = indicator.definitions.filter(valid_from__lte=day).order_by("-version")
    return rows.first() or indicator.definitions.order_by("version").first()


@transaction.atomic
def set_acquisition(
    *, owner: Indicator | DataElement, values: Mapping[str, Any], actor: Person, at: dt.datetime
) -> Acquisition:
    owner = locked(owner)
    access_of(owner).require(actor, "edit", owner)
    name = "indicator" if isinstance(owner, Indicator) else "element"
    row = Acquisition.objects.filter(**{name: owner}).first() or Acquisition(**{name: owner})
    before = trail.values(row)
    assign(row, values, ACQUISITION_WRITABLE)
    row.query_hash = hashlib.sha256(row.endpoint_ref.encode()).hexdigest() if row.endpoint_ref else ""
    row.updated_at = at
    row.save()
    changes = {
        f"indicators.acquisition.{key}": pair for key, pair in changed(before, row).items() if key != "id"
    }
    write_down(owner, "set_acquisition", actor=actor, at=at, changes=changes)
    return row


@transaction.atomic
def create_element(
    *, organization: Organization, values: Mapping[str, Any], actor: Person, at: dt.datetime
) -> DataElement:
    element_access.require(actor, "create", organization)  # type: ignore[arg-type]
    row = DataElement(organization=organization, created_at=at, updated_at=at, updated_by=actor)
    assign(row, values, ELEMENT_WRITABLE)
    _check_element(row)
    row.save()
    write_down(row, "create", actor=actor, at=at, note=row.name)
    return row


@transaction.atomic
def edit_element(
    *, element_id: int, values: Mapping[str, Any], version: int | None, actor: Person, at: dt.datetime
) -> DataElement:
    row = locked_element(element_id)
    element_access.require(actor, "edit", row)
    require_in_use(row)
    require_version(row, version)
    before = trail.values(row)
    assign(row, values, ELEMENT_WRITABLE)
    _check_element(row)
    changes = changed(before, row)
    if {"code", "unit"} & set(changes) and uses_of(row):
        raise ValidationError(
            {
                "code": _(
                    "式に使われているデータ項目のコードと単位は変えられません。使っている指標の定義を先に直してください。"
                )
            }
        )
    if changes:
        row.version, row.updated_at, row.updated_by = row.version + 1, at, actor
        row.save()
        write_down(row, "edit", actor=actor, at=at, changes=changes)
    return row


@transaction.atomic
def retire_element(*, element_id: int, reason: str, actor: Person, at: dt.datetime) -> DataElement:
    """Stop using it; its values stay. One that a formula computes with stays until the formula changes."""
    row = locked_element(element_id)
    element_access.require(actor, "retire", row)
    require_in_use(row)
    if used := [each for each in uses_of(row) if each.retired_at is None]:
        raise RefusedError(
            _(
                "指標「%(indicator)s」の式が使っているため、やめられません。先にその指標の定義を直すか、指標を使うのをやめてください。"
            )
            % {"indicator": used[0].name}
        )
    reason = clean_text(reason).strip()[:300]
    if not reason:
        raise ValidationError({"reason": _("使うのをやめる理由を書いてください。")})
    row.retired_at, row.retired_reason = at, reason
    return _kept_in_use(row, "retire", reason, actor=actor, at=at)


@transaction.atomic
def take_up_element(*, element_id: int, actor: Person, at: dt.datetime) -> DataElement:
    """Use it again."""
    row = locked_element(element_id)
    element_access.require(actor, "retire", row)
    if row.retired_at is None:
        return row
    row.retired_at, row.retired_reason = None, ""
    return _kept_in_use(row, "take_up", "", actor=actor, at=at)


def _kept_in_use(row: DataElement, act: str, note: str, *, actor: Person, at: dt.datetime) -> DataElement:
    row.version, row.updated_at, row.updated_by = row.version + 1, at, actor
    row.save()
    write_down(row, act, actor=actor, at=at, note=note)
    return row


def _check_element(row: DataElement) -> None:
    faults: dict[str, str] = {}
    if not row.code:
        faults["code"] = _("コードを書いてください。式の中でこの名で呼びます。")
    if any(sign in row.code for sign in "[]"):
        faults["code"] = _("コードに [ ] は使えません。")
    if not row.name:
        faults["name"] = _("名称を書いてください。")
    same = DataElement.objects.filter(organization_id=row.organization_id).exclude(pk=row.pk)
    if same.filter(code=row.code).exists():
        faults["code"] = _("コード「%(code)s」はすでに使われています。") % {"code": row.code}
    if row.metric and same.filter(metric=row.metric).exists():
        faults["metric"] = _("この数字は、すでにほかのデータ項目になっています。")
    if row.section is not None and row.section.organization_id != row.organization_id:
        faults["section"] = _("この団体の課から選んでください。")
    refuse(faults)


def uses_of(element: DataElement) -> list[Indicator]:
    """Indicators whose present definition computes with this element."""
    found: list[Indicator] = []
    rows = IndicatorDefinition.objects.filter(
        indicator__organization_id=element.organization_id, indicator__deleted_at__isnull=True
    ).exclude(numerator="")
    latest: dict[int, IndicatorDefinition] = {}
    for each in rows.select_related("indicator").order_by("version"):
        latest[each.indicator_id] = each
    for each in latest.values():
        text = f"{each.numerator}\n{each.denominator}"
        if element.code in text and element.code in _codes(each):
            found.append(each.indicator)
    return found


def _codes(definition: IndicatorDefinition) -> set[str]:
    found: set[str] = set()
    for text in (definition.numerator, definition.denominator):
        if text:
            found |= formulas.codes_of(formulas.parse(text))
    return found


def today(at: dt.datetime) -> dt.date:
    return timezone.localdate(at)
