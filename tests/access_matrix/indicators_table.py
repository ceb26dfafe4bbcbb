"""Indicators in the small world, and who may open which of their addresses."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from enishi.indicators.models import (
    AcquisitionRun,
    DataElement,
    Indicator,
    IndicatorDefinition,
    Measurement,
)
from enishi.indicators.periods import fiscal
from enishi.organizations.enums import Role, Visibility
from tests.access_matrix.table import Operation, Row, everybody, signed_in, town_authors
from tests.access_matrix.world import WORD, Somebody, World, may_read
from tests.factories import NOON

WHOLE = (Role.MANAGER, Role.PLANNER, Role.ADMINISTRATOR)


def furnish(world: World) -> None:
    """A town's indicator of each visibility; one has a value in force, one that waits, and a draft."""
    rows = [_indicator(world, visibility, number) for number, visibility in enumerate(Visibility)]
    whole = rows[0]
    thrown = _indicator(world, Visibility.INTERNAL, 9)
    Indicator.objects.filter(pk=thrown.pk).update(deleted_at=NOON)
    thrown.refresh_from_db()
    officer = world.somebody("a_officer").person
    run = AcquisitionRun.objects.create(
        organization=world["a"], kind="entry", source="統計書", person=officer, at=NOON
    )
    element = DataElement.objects.create(
        organization=world["a"], section=world["a1"], code="人口", name="人口", unit="人", visibility="public",
        created_at=NOON, updated_at=NOON,
    )  # fmt: skip
    world.things |= {
        "indicators": rows,
        "indicator": whole,
        "thrown_indicator": thrown,
        "data_element": element,
        "acquisition_run": run,
        "value_in_force": _value(world, whole, run, 2023, "approved"),
        "value_waiting": _value(world, whole, run, 2024, "submitted"),
        "value_draft": _value(world, whole, run, 2025, "draft"),
    }


def _indicator(world: World, visibility: Visibility, number: int) -> Indicator:
    made: list[Indicator] = []
    word = world.plant(lambda reader: may_read(reader, made[0]))
    row = Indicator.objects.create(
        organization=world["a"], section=world["a1"], code=f"K{number}", name=f"{WORD} {word}", unit="人",
        visibility=visibility, created_at=NOON, updated_at=NOON,
    )  # fmt: skip
    made.append(row)
    row.parties.set([world["p"]])
    IndicatorDefinition.objects.create(
        indicator=row, version=1, text=word, valid_from=fiscal(2000).start, created_at=NOON
    )
    return row


def _value(world: World, row: Indicator, run: AcquisitionRun, year: int, state: str) -> Measurement:
    span = fiscal(year)
    manager = world.somebody("a_manager").person if state == "approved" else None
    return Measurement.objects.create(
        indicator=row, fiscal_year=year, period_start=span.start, period_end=span.end, value=Decimal(year), run=run,
        state=state, note=world.plant(lambda reader: reader.is_of(world["a"])), recorded_at=NOON,
        recorded_by=world.somebody("a_officer").person, approved_by=manager,
    )  # fmt: skip


def every(world: World) -> Iterable[Any]:
    return list(world["indicators"])


def one(name: str) -> Callable[[World], Iterable[Any]]:
    return lambda world: [world[name]]


def owner(thing: Any) -> Any:
    if isinstance(thing, Measurement):
        return thing.indicator
    return thing


def reads(somebody: Somebody, thing: Any) -> bool:
    """In force, by the indicator's circle; everything else by the people of the house."""
    if isinstance(thing, Measurement) and thing.state != "approved" and not of_house(somebody, thing):
        return False
    return may_read(somebody, owner(thing))


def of_house(somebody: Somebody, thing: Any) -> bool:
    return somebody.is_of(owner(thing).organization)


def writes(somebody: Somebody, thing: Any) -> bool:
    row = owner(thing)
    if not somebody.is_of(row.organization):
        return False
    if somebody.role in WHOLE:
        return True
    return somebody.role == Role.OFFICER and somebody.section == row.section


def approves(somebody: Somebody, thing: Any) -> bool:
    return somebody.is_of(owner(thing).organization) and somebody.role in (Role.MANAGER, Role.PLANNER)


def keeps(somebody: Somebody, thing: Any) -> bool:
    """Whoever brought it in, and those who answer for the whole house."""
    return somebody.is_of(thing.organization) and (somebody.role in WHOLE or somebody.person == thing.person)


def sets_offices(somebody: Somebody, thing: Any) -> bool:
    return somebody.role in (Role.PLANNER, Role.ADMINISTRATOR)


INDICATOR = {"about": every, "sees": reads}
ELEMENT = {"about": one("data_element"), "sees": reads}

TABLE = {
    "indicators:indicator_list": Row(everybody, also=("?q=" + WORD, "?format=csv", "?format=xlsx", "?status=late&role=KPI&state=overdue")),
    "indicators:indicator_new": Row(town_authors),
    "indicators:trash": Row(town_authors),
    "indicators:offices": Row(sets_offices),
    "indicators:grid": Row(town_authors),
    "indicators:waiting": Row(signed_in, also=("?format=csv",)),
    "indicators:overdue": Row(signed_in, also=("?format=csv",)),
    "indicators:indicator_detail": Row(reads, **INDICATOR),
    "indicators:indicator_print": Row(reads, about=one("indicator"), sees=reads),
    "indicators:indicator_chart": Row(reads, about=one("indicator"), sees=reads),
    "indicators:indicator_png": Row(reads, about=one("indicator"), sees=reads),
    "indicators:indicator_numbers": Row(reads, **INDICATOR),
    **{
        f"indicators:{name}": Row(writes, about=one("indicator"), sees=reads)
        for name in (
            "indicator_edit", "definition_new", "indicator_acquisition", "baseline_set", "target_set", "value_new",
            "indicator_retire", "change_set",
        )
    },
    "indicators:change_drop": Row(writes, about=one("indicator"), sees=reads, post=True),
    "indicators:indicator_delete": Row(writes, about=one("indicator"), sees=reads),
    "indicators:indicator_restore": Row(writes, about=one("thrown_indicator"), sees=of_house, post=True),
    "indicators:value_detail": Row(
        reads, about=lambda world: [world["value_in_force"], world["value_waiting"], world["value_draft"]], sees=reads
    ),
    "indicators:value_approve": Row(approves, about=one("value_waiting"), sees=reads, post=True),
    "indicators:value_return": Row(approves, about=one("value_waiting"), sees=reads),
    "indicators:value_submit": Row(writes, about=one("value_draft"), sees=reads, post=True),
    "indicators:value_withdraw": Row(writes, about=one("value_draft"), sees=reads, post=True),
    "indicators:element_list": Row(everybody, also=("?format=csv",)),
    "indicators:element_new": Row(town_authors),
    "indicators:element_detail": Row(reads, **ELEMENT),
    **{
        f"indicators:{name}": Row(writes, **ELEMENT)
        for name in ("element_edit", "element_acquisition", "element_value_new", "element_retire")
    },
    "indicators:element_compute": Row(writes, post=True, **ELEMENT),
    "indicators:element_take_up": Row(writes, post=True, **ELEMENT),
    "indicators:run_list": Row(signed_in),
    "indicators:run_new": Row(town_authors),
    "indicators:run_detail": Row(of_house, about=one("acquisition_run"), sees=of_house),
    "indicators:run_save": Row(keeps, about=one("acquisition_run"), sees=of_house, post=True, polite=True),
    "indicators:run_approve": Row(approves, about=one("acquisition_run"), sees=of_house, post=True),
    "indicators:run_undo": Row(keeps, about=one("acquisition_run"), sees=of_house, post=True, polite=True),
}  # fmt: skip

OPERATIONS = {
    "GET /indicators": Operation(everybody),
    "GET /indicators/{key}": Operation(reads, about=every, sees=reads),
    "GET /indicators/{key}/values": Operation(reads, about=every, sees=reads),
    "POST /indicators/{key}/values": Operation(
        writes,
        about=one("indicator"),
        sees=reads,
        body=lambda world, row: {"period": "令和4年度", "value": "12", "source": "統計書"},
    ),
    "POST /indicators/{key}/change-target": Operation(
        writes,
        about=one("indicator"),
        sees=reads,
        body=lambda world, row: {"way": "up", "amount": "5", "fiscal_year": 2028},
    ),
    "DELETE /indicators/{key}/change-target": Operation(writes, about=one("indicator"), sees=reads),
    "GET /data-elements": Operation(everybody),
}
