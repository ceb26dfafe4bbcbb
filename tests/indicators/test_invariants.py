"""M1–M9, each by the service that people meet and, where there is one, by the database behind it."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from enishi.indicators import formulas, numbers, services
from enishi.indicators.errors import OwnValueError, RefusedError
from enishi.indicators.models import Measurement, Standing
from enishi.indicators.periods import fiscal
from enishi.indicators.services import Entry
from enishi.indicators.suppression import cell_of, hidden_cells
from enishi.notifications.models import Notice
from tests.factories import NOON, PersonFactory

YEAR = fiscal(2025)


def refused_field(caught):
    return set(caught.value.message_dict)


def test_m1_one_value_in_force_for_a_period(house):
    indicator = house.indicator()
    row = house.approved(indicator, 2025, 10)
    row.pk = None

    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_m1_a_second_draft_takes_the_place_of_the_first(house):
    indicator = house.indicator()
    house.write(indicator, 2025, 10, submit=False)

    house.write(indicator, 2025, 11, submit=False)

    assert [row.value for row in Measurement.objects.filter(indicator=indicator)] == [11]


@pytest.mark.parametrize(("value", "reason"), [(None, ""), (5, "調査中止")])
def test_m2_value_or_reason_never_both_never_none(house, value, reason):
    indicator = house.indicator()

    with pytest.raises(ValidationError) as caught:
        house.write(indicator, 2025, value, missing_reason=reason)

    assert refused_field(caught) <= {"value", "missing_reason"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Measurement.objects.create(
            indicator=indicator, fiscal_year=2025, period_start=YEAR.start, period_end=YEAR.end, value=value,
            missing_reason=reason, status="provisional", recorded_at=NOON,
        )  # fmt: skip


def test_m2_zero_is_a_value(house):
    assert house.approved(house.indicator(), 2025, 0).value == 0


def test_m3_a_ratio_is_worked_out_from_its_parts(house):
    indicator = house.indicator(value_type="ratio", unit="%", decimals=1)

    row = house.write(indicator, 2025, None, numerator=Decimal(31), denominator=Decimal(395))

    assert row.value == Decimal("7.848101")


def test_m3_a_typed_ratio_needs_its_denominator_or_why_there_is_none(house):
    indicator = house.indicator(value_type="ratio", unit="%", decimals=1)

    with pytest.raises(ValidationError) as caught:
        house.write(indicator, 2025, "7.8")

    assert refused_field(caught) == {"no_denominator_reason"}
    assert house.write(indicator, 2025, "7.8", no_denominator_reason="県の公表が割合だけ").value == Decimal(
        "7.8"
    )


def test_m3_a_typed_ratio_that_contradicts_its_parts_is_refused(house):
    indicator = house.indicator(value_type="ratio", unit="%", decimals=1)

    with pytest.raises(ValidationError) as caught:
        house.write(indicator, 2025, "12", numerator=Decimal(31), denominator=Decimal(395))

    assert "合いません" in caught.value.messages[0]


def test_m3_a_denominator_of_zero_is_said(house):
    indicator = house.indicator(value_type="ratio", unit="%")

    with pytest.raises(ValidationError) as caught:
        house.write(indicator, 2025, None, numerator=Decimal(3), denominator=Decimal(0))

    assert "分母が0" in " ".join(caught.value.messages)


def test_m4_nobody_approves_their_own_value(house):
    row = house.write(house.indicator(), 2025, 10, actor=house.manager)

    with pytest.raises(OwnValueError):
        services.approve_values(measurement_ids=[row.pk], actor=house.manager, at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Measurement.objects.filter(pk=row.pk).update(state="approved", approved_by=house.manager)


def test_m4_an_officer_does_not_approve(house):
    row = house.write(house.indicator(), 2025, 10, actor=house.manager)

    with pytest.raises(PermissionDenied):
        services.approve_values(measurement_ids=[row.pk], actor=house.officer, at=NOON)


def test_m4_an_approved_value_is_superseded_with_a_reason(house):
    indicator = house.indicator()
    first = house.approved(indicator, 2025, 10)

    with pytest.raises(ValidationError) as caught:
        house.write(indicator, 2025, 12)
    second = house.approved(indicator, 2025, 12, change_reason="集計漏れがあった")

    assert refused_field(caught) == {"change_reason"}
    first.refresh_from_db()
    assert (first.state, first.value) == ("superseded", 10)
    assert (second.supersedes_id, second.status) == (first.pk, "revised")


def test_m4_a_provisional_value_becomes_final_without_being_called_revised(house):
    indicator = house.indicator()
    house.approved(indicator, 2025, 10, status="provisional")

    assert house.approved(indicator, 2025, 11).status == "confirmed"


@pytest.mark.parametrize(
    ("direction", "base", "target"),
    [("UP", 60, 50), ("UP", 60, 60), ("DOWN", 60, 70), ("DOWN", 60, 60)],
)
def test_m5_a_target_on_the_wrong_side_is_refused(house, direction, base, target):
    indicator = house.indicator(direction=direction)

    with pytest.raises(ValidationError) as caught:
        house.goals(indicator, base, target)

    assert refused_field(caught) == {"value"}


def test_m5_turning_the_direction_is_refused_while_targets_contradict(house):
    indicator = house.indicator(direction="UP")
    house.goals(indicator, 60, 80)

    with pytest.raises(ValidationError) as caught:
        services.edit_indicator(
            indicator_id=indicator.pk,
            values={"direction": "DOWN"},
            version=None,
            actor=house.officer,
            at=NOON,
        )

    assert refused_field(caught) == {"direction"}


def test_m6_parts_make_the_whole_within_the_tolerance(house):
    indicator = house.indicator(aggregation="sum", dims=["地区"], parts_tolerance=Decimal(1))

    def hand_in(total, *parts):
        entries = [Entry(YEAR.start, YEAR.end, Decimal(total))]
        entries += [
            Entry(YEAR.start, YEAR.end, Decimal(part), dims=f"地区={name}")
            for name, part in zip("北南", parts, strict=True)
        ]
        return services.record_values(
            owner=indicator, entries=entries, source="資料", submit=True, actor=house.officer, at=NOON
        )

    with pytest.raises(ValidationError) as caught:
        hand_in(100, 60, 38)

    assert "内訳の合計98が全体100と合わない" in caught.value.messages[0]
    assert len(hand_in(100, 60, 39)) == 3


def test_m7_nothing_is_compared_across_a_break(house):
    indicator = house.indicator()
    house.goals(indicator, 60, 80)
    for year, value in ((2022, 55), (2023, 60), (2024, 64), (2025, 90)):
        house.approved(indicator, year, value)

    services.define(
        indicator_id=indicator.pk,
        values={"text": "数え方を変えた", "valid_from": dt.date(2025, 4, 1), "comparability_break": True, "reason": "国の様式が変わった"},
        actor=house.officer,
        at=NOON,
    )  # fmt: skip

    standing = Standing.objects.get(indicator=indicator, fiscal_year=2025)
    assert (standing.status, standing.reason) == ("undecidable", "定義の変更により比較できない")
    assert (standing.progress, standing.trend, standing.trend_points) == (None, None, 1)
    assert Standing.objects.get(indicator=indicator, fiscal_year=2024).status == "slightly_late"


def test_m8_only_the_same_quantity_is_converted():
    assert numbers.read("1,500千円", unit="百万円").value == Decimal("1.5")
    with pytest.raises(numbers.UnreadableNumberError):
        numbers.read("12人", unit="円")
    values = {"A": formulas.Quantity(Fraction(1), "人"), "B": formulas.Quantity(Fraction(2), "千円")}
    with pytest.raises(formulas.FormulaError):
        formulas.evaluate(formulas.parse("A + B"), values)
    assert formulas.evaluate(formulas.parse("B ÷ A"), values).value == 2


def test_m9_a_confirmed_value_has_a_source(house):
    indicator = house.indicator()

    with pytest.raises(ValidationError) as caught:
        house.write(indicator, 2025, 10, source="")

    assert refused_field(caught) == {"source"}
    row = house.approved(indicator, 2025, 10)
    assert row.run.source
    with pytest.raises(IntegrityError), transaction.atomic():
        Measurement.objects.filter(pk=row.pk).update(run=None)


def test_a_target_is_moved_with_a_reason_and_the_old_one_stays(house):
    indicator = house.indicator()
    house.goals(indicator, 60, 80)
    move = {
        "indicator_id": indicator.pk,
        "fiscal_year": 2027,
        "value": Decimal(75),
        "actor": house.officer,
        "at": NOON,
    }

    with pytest.raises(ValidationError) as caught:
        services.set_target(**move)
    services.set_target(**move, reason="財源が減った")

    assert refused_field(caught) == {"reason"}
    assert [(row.value, row.is_current, row.reason) for row in indicator.targets.order_by("pk")] == [
        (80, False, ""),
        (75, True, "財源が減った"),
    ]


def test_an_implausible_value_needs_a_note(house):
    indicator = house.indicator(plausible_max=Decimal(100))

    with pytest.raises(ValidationError) as caught:
        house.write(indicator, 2025, 1000)

    assert refused_field(caught) == {"note"}
    assert house.write(indicator, 2025, 1000, note="イベントの年で正しい").value == 1000


@pytest.mark.parametrize(("year", "field"), [(2027, "period"), (2026, "status")])
def test_a_period_to_come_has_no_value_and_a_running_one_only_a_provisional(house, year, field):
    with pytest.raises(ValidationError) as caught:
        house.write(house.indicator(), year, 10)

    assert refused_field(caught) == {field}


def test_a_returned_value_goes_back_to_who_wrote_it(house):
    row = house.write(house.indicator(), 2025, 10)

    services.return_values(measurement_ids=[row.pk], reason="けたが違う", actor=house.manager, at=NOON)

    row.refresh_from_db()
    assert (row.state, row.returned_reason) == ("returned", "けたが違う")
    assert Notice.objects.of(house.officer).filter(kind="indicator_returned").count() == 1


def test_a_stranger_and_an_officer_of_another_section_do_not_write(house):
    indicator = house.indicator()

    with pytest.raises(PermissionDenied):
        house.write(indicator, 2025, 10, actor=PersonFactory())


def test_a_published_number_is_not_deleted(house):
    indicator = house.indicator()
    house.approved(indicator, 2025, 10)

    with pytest.raises(RefusedError):
        services.delete_indicator(indicator_id=indicator.pk, actor=house.officer, at=NOON)


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [
        ({"地区=北": 4, "地区=南": 30, "地区=東": 26}, {"地区=北", "地区=東"}),
        ({"地区=北": 4, "地区=南": 0}, {"地区=北", "地区=南"}),
        ({"地区=北": 1, "地区=南": 1, "地区=東": 26}, {"地区=北", "地区=南", "地区=東"}),
        ({"地区=北": 3, "地区=南": 2, "地区=東": 26}, {"地区=北", "地区=南"}),
        (
            {
                "地区=北": 30, "地区=南": 42, "性別=女": 50, "性別=男": 22,
                "地区=北;性別=女": 27, "地区=北;性別=男": 3, "地区=南;性別=女": 23, "地区=南;性別=男": 19,
            },
            {"地区=北;性別=女", "地区=北;性別=男", "地区=南;性別=女", "地区=南;性別=男"},
        ),
    ],
)  # fmt: skip
def test_no_small_part_is_found_by_adding_and_subtracting_what_is_shown(sizes, hidden):
    found = hidden_cells({cell_of(dims): Decimal(size) for dims, size in sizes.items()}, 10)

    assert found == {cell_of(dims) for dims in hidden}
