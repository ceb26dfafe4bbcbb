"""What may be written into a challenge or a resource, cleaned at the door: forms, imports and programs alike."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy

from enishi.exchange.enums import CostTerms, ResourceKind, Sufferer
from enishi.exchange.models import Challenge, Field, Resource
from enishi.foundation.forms import clean_text, too_long
from enishi.foundation.sentences import gettext as _
from enishi.organizations.enums import OrganizationKind, Visibility
from enishi.organizations.models import Organization, Section

EARLIEST, LATEST = dt.date(1900, 1, 1), dt.date(2150, 12, 31)
MOST_YEN = 10**15


class OwnedValues(TypedDict, total=False):
    """Common to both kinds. Keys that are absent are left as they are."""

    section_id: int | None
    visibility: str
    party_ids: Iterable[int]
    title: str
    field_ids: Iterable[int]
    area_ids: Iterable[int]
    window_from: dt.date | None
    window_to: dt.date | None
    conditions: str
    contact_name: str


class ChallengeValues(OwnedValues, total=False):
    present_state: str
    figures: str
    tried: str
    desired_state: str
    success_measure: str
    sufferers: Iterable[str]
    resource_kinds: Iterable[str]
    budget_min_yen: int | None
    budget_max_yen: int | None
    budget_note: str
    due_on: dt.date | None
    shareable_data: str
    means_considered: str
    pitch: str


class ResourceValues(OwnedValues, total=False):
    kinds: Iterable[str]
    offer: str
    capacity: str
    is_nationwide: bool
    cost_terms: str
    cost_min_yen: int | None
    cost_max_yen: int | None
    cost_note: str
    track_record: str
    expires_on: dt.date | None
    latitude: float | None
    longitude: float | None


MANY = {"field_ids": "fields", "area_ids": "areas", "party_ids": "parties"}
"""Values that are several other records, and the attribute that holds them."""

_LISTS: dict[str, type[models.TextChoices]] = {
    "sufferers": Sufferer,
    "resource_kinds": ResourceKind,
    "kinds": ResourceKind,
}
_CHOICES: dict[str, type[models.TextChoices]] = {"visibility": Visibility, "cost_terms": CostTerms}
RANGES = (
    ("window_from", "window_to", gettext_lazy("期間の終わりは、始まりと同じ日かそれより後にしてください。")),
    (
        "budget_min_yen",
        "budget_max_yen",
        gettext_lazy("予算の上限は、下限と同じかそれより大きい額にしてください。"),
    ),
    (
        "cost_min_yen",
        "cost_max_yen",
        gettext_lazy("費用の上限は、下限と同じかそれより大きい額にしてください。"),
    ),
)


def writable(model: type[Challenge] | type[Resource]) -> frozenset[str]:
    """The keys that values of this kind may have."""
    kind: Any = ChallengeValues if model is Challenge else ResourceValues
    return frozenset(kind.__annotations__) | frozenset(OwnedValues.__annotations__)


def cleaned(model: type[Challenge] | type[Resource], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they may be stored, several records as lists of keys.

    Raises
    ------
    ValidationError
        With a sentence for each key that cannot be used.
    """
    known = writable(model)
    unknown = [name for name in values if name not in known]
    if unknown:
        raise TypeError(f"unknown values: {unknown}")
    result: dict[str, Any] = {}
    faults: dict[str, Any] = {}
    for name, value in values.items():
        try:
            result[name] = _clean_one(model, name, value)
        except ValidationError as error:
            faults[name] = error
    if faults:
        raise ValidationError(faults)
    return result


def _clean_one(model: type[models.Model], name: str, value: Any) -> Any:
    if name in MANY:
        return sorted({int(key) for key in value or ()})
    if name in _LISTS:
        return _clean_list(_LISTS[name], value)
    if name in _CHOICES:
        return _clean_choice(_CHOICES[name], value)
    column = model._meta.get_field(name)
    if isinstance(column, models.CharField | models.TextField):
        return _clean_text(column, value)
    if isinstance(column, models.DateField):
        return _clean_day(value)
    if isinstance(column, models.PositiveBigIntegerField):
        return _clean_yen(value)
    if isinstance(column, models.FloatField):
        return _clean_degrees(name, value)
    return value


def _clean_text(column: models.Field[Any, Any], value: Any) -> str:
    lines = isinstance(column, models.TextField)
    text = clean_text(str(value or ""), lines=lines).strip()
    limit = column.max_length
    if limit is not None and len(text) > limit:
        raise ValidationError(
            _("%(rule)sいまは%(length)d文字です。") % {"rule": too_long(limit), "length": len(text)}
        )
    return text


def _clean_list(choices: type[models.TextChoices], value: Any) -> list[str]:
    chosen = {str(one) for one in value or ()}
    if chosen - set(choices.values):
        raise ValidationError(_("選べない値が入っています。一覧から選び直してください。"))
    return [code for code in choices.values if code in chosen]


def _clean_choice(choices: type[models.TextChoices], value: Any) -> str:
    if str(value) not in choices.values:
        raise ValidationError(_("選べない値が入っています。一覧から選び直してください。"))
    return str(value)


def _clean_day(value: Any) -> dt.date | None:
    if value is None:
        return None
    if not isinstance(value, dt.date) or not EARLIEST <= value <= LATEST:
        raise ValidationError(_("1900年から2150年までの日付を書いてください。例: 令和8年12月1日"))
    return value


def _clean_yen(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_YEN:
        raise ValidationError(_("0円以上、1,000兆円以下の整数で書いてください。"))
    return value


def _clean_degrees(name: str, value: Any) -> float | None:
    limit = 90.0 if name == "latitude" else 180.0
    if value is None:
        return None
    if not isinstance(value, int | float) or not -limit <= float(value) <= limit:
        raise ValidationError(_("緯度は-90から90、経度は-180から180までの数で書いてください。"))
    return float(value)


def check_together(record: Challenge | Resource, many: Mapping[str, list[int]]) -> None:
    """What only the whole record can tell: ranges in order, a section of the owner, records that exist."""
    faults = _faults_alone(record)
    if record.section_id and not _is_section_of(record.section_id, record.organization_id):
        faults["section_id"] = _("この団体の課を選んでください。")
    known = known_keys(many)
    for name, keys in many.items():
        if set(keys) - known[name]:
            faults[name] = _("選べない値が入っています。一覧から選び直してください。")
    if faults:
        raise ValidationError(faults)


def check_alone(record: Challenge | Resource) -> None:
    """The part of ``check_together`` that asks the database nothing: for bulks, which ask once for all."""
    faults = _faults_alone(record)
    if faults:
        raise ValidationError(faults)


def _faults_alone(record: Challenge | Resource) -> dict[str, str]:
    faults: dict[str, str] = {}
    if not record.title:
        faults["title"] = _("題名を書いてください。")
    for low, high, sentence in RANGES:
        first, last = getattr(record, low, None), getattr(record, high, None)
        if first is not None and last is not None and last < first:
            faults[high] = str(sentence)
    if record.visibility == Visibility.SECTION and record.section_id is None:
        faults["section_id"] = _("公開範囲を「課内」にするには、担当課を選んでください。")
    return faults


def _is_section_of(section_id: int, organization_id: int) -> bool:
    return Section.objects.filter(pk=section_id, organization_id=organization_id).exists()


def known_keys(many: Mapping[str, Iterable[int]]) -> dict[str, set[int]]:
    """Of the keys asked for, by name, those that exist."""
    return {name: _existing(name, list(keys)) if keys else set() for name, keys in many.items()}


def _existing(name: str, keys: list[int]) -> set[int]:
    if name == "field_ids":
        return set(Field.objects.filter(pk__in=keys).values_list("pk", flat=True))
    rows = Organization.objects.filter(pk__in=keys)
    if name == "area_ids":
        rows = rows.filter(kind__in=[OrganizationKind.MUNICIPALITY, OrganizationKind.PREFECTURE])
    return set(rows.values_list("pk", flat=True))
