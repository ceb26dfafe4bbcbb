"""Whom a row of a table speaks of: the indicators and data elements of a house, by code and by name."""

import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from typing import cast

from enishi.accounts.models import Person
from enishi.indicators.access import access_of, element_access, indicator_access
from enishi.indicators.models import DataElement, Indicator, IndicatorDefinition


@dataclass
class Owner:
    """An indicator or element with what each row needs to know of it."""

    row: Indicator | DataElement
    is_indicator: bool
    key: int
    unit: str
    may_enter: bool
    is_typed: bool
    is_ratio: bool
    low: Decimal | None
    high: Decimal | None
    dims: frozenset[str]
    definitions: list[tuple[str, int]] = field(default_factory=list)

    def is_implausible(self, value: Decimal) -> bool:
        return (self.low is not None and value < self.low) or (self.high is not None and value > self.high)

    def definition_on(self, day: str) -> int:
        version = 1
        for begins, number in self.definitions:
            if begins <= day:
                version = number
        return version


def folded(text: str) -> str:
    """Codes and names as they are compared: half width, in lower case."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def owners_of(actor: Person, house: int) -> dict[str, Owner]:
    """Indicators and elements of the house by code and by name; a name that two share means neither."""
    found: dict[str, Owner] = {}
    twice: set[str] = set()
    indicators = indicator_access.visible(actor).filter(organization_id=house, retired_at__isnull=True)
    elements = element_access.visible(actor).filter(organization_id=house, retired_at__isnull=True)
    by_key: dict[int, Owner] = {}
    rows: list[Indicator | DataElement] = [
        *cast("list[Indicator]", indicators.select_related("organization")),
        *cast("list[DataElement]", elements.select_related("organization")),
    ]
    for row in rows:
        owner = _owner(row, actor)
        if owner.is_indicator:
            by_key[owner.key] = owner
        for text in {folded(row.code), folded(row.name)}:
            if text in found:
                twice.add(text)
            found[text] = owner
    for text in twice:
        if text not in {folded(owner.row.code) for owner in by_key.values()}:
            del found[text]
    _add_definitions(by_key, house)
    return found


def _owner(row: Indicator | DataElement, actor: Person) -> Owner:
    is_indicator = isinstance(row, Indicator)
    return Owner(
        row=row,
        is_indicator=is_indicator,
        key=row.pk,
        unit=row.unit,
        may_enter=access_of(row).allows(actor, "enter", row),
        is_typed=is_indicator or not row.metric,  # type: ignore[union-attr]
        is_ratio=isinstance(row, Indicator) and row.value_type == "ratio",
        low=row.plausible_min if isinstance(row, Indicator) else None,
        high=row.plausible_max if isinstance(row, Indicator) else None,
        dims=frozenset(row.dims or ()),
    )


def _add_definitions(by_key: dict[int, Owner], house: int) -> None:
    rows = IndicatorDefinition.objects.filter(indicator__organization_id=house)
    for key, version, begins, numerator in rows.order_by("version").values_list(
        "indicator_id", "version", "valid_from", "numerator"
    ):
        if key in by_key:
            by_key[key].definitions.append((begins.isoformat(), version))
            by_key[key].is_typed = not numerator
