"""Programmes, typed amounts, shares and years; and what the database itself insists on."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from enishi.budgets import selectors, services
from enishi.budgets.enums import FundKind, Stage
from enishi.budgets.errors import AppendOnlyError, ImmutableUidError, RefusedError, StaleVersionError
from enishi.budgets.models import (
    Allocation,
    BudgetEntry,
    CodeTotal,
    Programme,
    ProgrammeMoney,
    Unallocated,
)
from enishi.budgets.services import NewShare, ProgrammeValues, Typed, YearValues
from tests.budgets.making import YEAR, bring_in, cast, code, programme, text
from tests.factories import NOON

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 6, 1)


def values(**given: object) -> ProgrammeValues:
    return ProgrammeValues(**{"title": "見守り", "start_fy": 2020, **given})  # type: ignore[arg-type]


def test_i5_a_number_is_never_given_twice():
    who = cast()
    programme(who)

    with pytest.raises(RefusedError, match="100102"):
        programme(who)


def test_i5_a_number_never_changes_and_a_programme_never_vanishes():
    row = programme(cast())
    loaded = Programme.objects.get(pk=row.pk)
    loaded.uid = "999999"

    with pytest.raises(ImmutableUidError):
        loaded.save()
    with pytest.raises(ImmutableUidError):
        loaded.delete()


def test_i5_merging_leaves_the_way_to_the_successor():
    who = cast()
    old, new = programme(who), programme(who, "100102")

    services.merge_programmes(
        programme_id=old.pk, into_id=new.pk, last_fy=2026, reason="対象が同じため", actor=who.planner, at=NOON
    )

    old.refresh_from_db()
    assert (old.merged_into_id, old.end_fy) == (new.pk, 2026)
    assert list(Programme.objects.active_in(2027)) == [new]


def test_merging_into_itself_or_into_something_merged_is_refused():
    who = cast()
    old, new, third = programme(who), programme(who, "100102"), programme(who, "100103")

    def merge(row: Programme, into: Programme) -> None:
        services.merge_programmes(
            programme_id=row.pk, into_id=into.pk, last_fy=2026, reason="同じ", actor=who.planner, at=NOON
        )

    with pytest.raises(RefusedError, match="自分自身"):
        merge(old, old)
    merge(old, new)
    with pytest.raises(RefusedError, match="統合されています"):
        merge(third, old)


def test_somebody_who_saved_first_is_not_written_over():
    who = cast()
    row = programme(who)
    services.edit_programme(
        programme_id=row.pk, values=values(title="先"), version=1, actor=who.planner, at=NOON
    )

    with pytest.raises(StaleVersionError):
        services.edit_programme(
            programme_id=row.pk, values=values(title="後"), version=1, actor=who.planner, at=NOON
        )


def test_an_officer_writes_only_the_own_sections_programmes():
    who = cast()
    mine, other = programme(who), programme(who, "100102", section_id=None)
    Programme.objects.filter(pk=other.pk).update(section=_another_section(who.town))

    services.end_programme(
        programme_id=mine.pk, end_fy=2027, reason="役目を終えた", actor=who.officer, at=NOON
    )
    with pytest.raises(PermissionDenied):
        services.end_programme(programme_id=other.pk, end_fy=2027, reason="役目", actor=who.officer, at=NOON)


def _another_section(town: object) -> object:
    from tests.factories import SectionFactory

    return SectionFactory(organization=town)


def test_a_programme_does_not_end_before_it_begins():
    with pytest.raises(ValidationError, match="終了年度は"):
        programme(cast(), end_fy=2019)


def test_b6_entries_are_never_changed_nor_taken_away():
    who = cast()
    bring_in(who, text())
    entry = BudgetEntry.objects.first()
    assert entry is not None

    for act in (entry.save, entry.delete, BudgetEntry.objects.all().delete):
        with pytest.raises(AppendOnlyError):
            act()
    with pytest.raises(AppendOnlyError):
        BudgetEntry.objects.update(amount_yen=0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"current_yen": 1},
        {"spending_yen": 25_000_002},
        {"commitment_yen": 25_000_002},
        {"commitment_yen": 5, "spending_yen": 6},
        {"initial_yen": None, "current_yen": None, "spending_yen": 1},
    ],
)
def test_b1_and_b2_are_rules_of_the_database(wrong: dict[str, int | None]) -> None:
    who = cast()
    bring_in(who, text())

    with pytest.raises(IntegrityError), transaction.atomic():
        CodeTotal.objects.filter(code=code(who, "01-03")).update(**wrong)


def test_a_typed_amount_reaches_every_code_above():
    who = cast()
    bring_in(who, text())

    services.record_entry(
        code_id=code(who, "01-03-01-02-2010-12").pk,
        typed=Typed(Stage.SUPPLEMENT, 1_000, DAY, "第1号", round_no=1),
        actor=who.planner,
        at=NOON,
    )

    assert [code(who, path).total.current_yen for path in ("01-03", "01-03-01-02-2010-12")] == [
        25_001_001,
        18_601_000,
    ]


def test_money_moves_between_codes_and_the_whole_stays():
    who = cast()
    bring_in(who, text())
    giver, taker = code(who, "01-03-01-02-2010-12"), code(who, "01-03-01-02-2010-10")

    services.move_money(
        from_id=giver.pk,
        to_id=taker.pk,
        typed=Typed(Stage.TRANSFER, 600, DAY, "不足"),
        actor=who.planner,
        at=NOON,
    )

    assert code(who, "01-03-01-02-2010-12").total.current_yen == 18_599_400
    assert code(who, "01-03").total.transfer_yen == 0
    assert code(who, "01-03").total.current_yen == 25_000_001


def test_b3_typed_funds_must_sum_to_the_amount():
    who = cast()
    bring_in(who, text())
    typed = Typed(
        Stage.SUPPLEMENT, 100, DAY, "補助", 1, funds=((FundKind.NATIONAL, 50), (FundKind.GENERAL, 49))
    )

    with pytest.raises(RefusedError, match="差は 1円"):
        services.record_entry(
            code_id=code(who, "01-03-01-02-2010-12").pk, typed=typed, actor=who.planner, at=NOON
        )


def test_an_officer_asks_for_money_only_where_an_own_programme_is_paid_from():
    who = cast()
    bring_in(who, text())
    mine = programme(who)
    target = code(who, "01-03-01-02-2010")
    typed = Typed(Stage.REQUEST, 500, DAY, "来年度の委託")

    with pytest.raises(PermissionDenied):
        services.record_entry(code_id=target.pk, typed=typed, actor=who.officer, at=NOON)
    services.allocate(
        code_id=target.pk, shares=[NewShare(mine.pk, share_bp=10_000)], actor=who.planner, at=NOON
    )
    services.record_entry(code_id=target.pk, typed=typed, actor=who.officer, at=NOON)

    assert selectors.programme_money([mine.pk], YEAR)[mine.pk].request == 500


def test_b4_shares_over_the_whole_are_refused():
    who = cast()
    bring_in(who, text())
    first, second = programme(who), programme(who, "100102")

    with pytest.raises(RefusedError, match=r"100\.01%"):
        services.allocate(
            code_id=code(who, "01-03-01-02-2010").pk,
            shares=[NewShare(first.pk, share_bp=10_000), NewShare(second.pk, share_bp=1)],
            actor=who.planner,
            at=NOON,
        )


def test_b4_fixed_amounts_over_the_whole_are_refused():
    who = cast()
    bring_in(who, text())
    first = programme(who)

    with pytest.raises(RefusedError, match="20,000,000円 を 1円 超えています"):
        services.allocate(
            code_id=code(who, "01-03-01-02-2010").pk,
            shares=[NewShare(first.pk, fixed_yen=20_000_001)],
            actor=who.planner,
            at=NOON,
        )


def test_b4_the_rest_is_explicit_and_shares_with_it_make_ten_thousand():
    who = cast()
    bring_in(who, text())
    target = code(who, "01-03-01-02-2020")

    services.allocate(
        code_id=target.pk, shares=[NewShare(programme(who).pk, share_bp=3_333)], actor=who.planner, at=NOON
    )

    rest = Unallocated.objects.get(code=target)
    mine = ProgrammeMoney.objects.get(stage="initial")
    assert rest.share_bp + Allocation.objects.get().share_bp == 10_000
    assert (mine.amount_yen, rest.initial_yen) == (1_666_500, 3_333_501)


def test_the_same_money_is_not_given_away_at_two_levels():
    who = cast()
    bring_in(who, text())
    row = programme(who)
    services.allocate(
        code_id=code(who, "01-03-01-02-2010").pk,
        shares=[NewShare(row.pk, share_bp=1)],
        actor=who.planner,
        at=NOON,
    )

    with pytest.raises(RefusedError, match="二度数える"):
        services.allocate(
            code_id=code(who, "01-03-01-02-2010-12").pk,
            shares=[NewShare(row.pk, share_bp=1)],
            actor=who.planner,
            at=NOON,
        )


def test_a_zero_budget_programme_gets_no_money():
    who = cast()
    bring_in(who, text())
    row = programme(who, zero_budget=True)

    with pytest.raises(RefusedError, match="ゼロ予算事業"):
        services.allocate(
            code_id=code(who, "01-03-01-02-2010").pk,
            shares=[NewShare(row.pk, share_bp=1)],
            actor=who.planner,
            at=NOON,
        )


def test_staff_cost_is_work_times_rate_and_unknown_stays_unknown():
    who = cast()
    row = programme(who)
    services.set_programme_year(
        programme_id=row.pk,
        fiscal_year=YEAR,
        values=YearValues("running", Decimal("1.25")),
        actor=who.officer,
        at=NOON,
    )
    before = selectors.programme_money([row.pk], YEAR)[row.pk]

    services.set_budget_year(
        organization=who.town,
        fiscal_year=YEAR,
        yen_per_fte=8_000_001,
        hours_per_fte=None,
        fte_source="決算",
        actor=who.planner,
        at=NOON,
    )

    assert before.personnel_yen is None
    assert selectors.programme_money([row.pk], YEAR)[row.pk].personnel_yen == 10_000_001


def test_a_closed_year_is_opened_again_only_with_a_reason():
    who = cast()
    services.close_year(organization=who.town, fiscal_year=YEAR, reason="", actor=who.planner, at=NOON)

    with pytest.raises(RefusedError, match="理由"):
        services.reopen_year(organization=who.town, fiscal_year=YEAR, reason=" ", actor=who.planner, at=NOON)
    services.reopen_year(organization=who.town, fiscal_year=YEAR, reason="誤り", actor=who.planner, at=NOON)

    assert not selectors.is_closed(who.town.pk, YEAR)


def test_links_between_years_go_forward_only():
    who = cast()
    bring_in(who, text())
    this = code(who, "01-03")

    with pytest.raises(RefusedError, match="前の年度"):
        services.link_codes(old=this, new=code(who, "01-08"), note="", actor=who.planner, at=NOON)


@pytest.mark.parametrize("count", [1, 4])
def test_money_of_many_programmes_takes_three_questions(
    count: int, django_assert_num_queries: object
) -> None:
    who = cast()
    bring_in(who, text())
    rows = [programme(who, f"10010{number}") for number in range(count)]
    services.allocate(
        code_id=code(who, "01-03-01-02-2010").pk,
        shares=[NewShare(row.pk, share_bp=100) for row in rows],
        actor=who.planner,
        at=NOON,
    )

    with django_assert_num_queries(3):  # type: ignore[operator]
        found = selectors.programme_money([row.pk for row in rows], YEAR)

    assert [money.initial for money in found.values()] == [200_000] * count
