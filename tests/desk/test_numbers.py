"""The desk's numbers: the survey of waiting, the budget year, the clock, the cost, and past proposals brought in."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from enishi.desk import budget_calendar, metrics, selectors, services
from enishi.desk.enums import ProposalStatus
from enishi.desk.models import BudgetStep, DeskSettings, Proposal
from enishi.desk.services import importing
from enishi.desk.services.settings import change_settings
from enishi.engines.progress.durations import Duration, Ending, waiting
from enishi.foundation.business_days import after_business_days, business_days_between
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.metrics import Period
from enishi.foundation.models import Job
from enishi.foundation.spreadsheets import read_table
from enishi.organizations.handover import hand_over
from tests.desk.making import Desk
from tests.factories import NOON, MembershipFactory, PersonFactory

YEAR = Period(dt.date(2026, 4, 1), dt.date(2027, 3, 31))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_kaplan_meier_of_the_worked_vector() -> None:
    done = [Duration(days, Ending.DONE) for days in (60, 90, 120, 200)]
    pending = [Duration(days, Ending.PENDING) for days in (100, 150, 300)]

    found = waiting(done + pending)

    assert (float(found.mean.value), float(found.median.value)) == (117.5, 105.0)
    assert float(found.kaplan_meier_median.value) == 200.0


@pytest.mark.django_db
def test_the_desk_measures_the_same_vector_from_its_records(desk: Desk) -> None:
    as_of = dt.date(2027, 3, 31)
    for days in (60, 90, 120, 200):
        _past(desk, as_of - dt.timedelta(days=250), "adopted", started=days)
    for days in (100, 150, 300):
        _past(desk, as_of - dt.timedelta(days=days), "checking")

    found = selectors.days_to_start(desk.town.pk, dt.date(2026, 4, 1), as_of, as_of)
    metric = metrics._days(desk.town.pk, YEAR, as_of, "kaplan_meier_median")

    assert float(found.kaplan_meier_median.value) == 200.0
    assert metric.value == Decimal(200)
    assert ("平均", "117.5") in list(metric.beside)


def _past(desk: Desk, received: dt.date, status: str, started: int | None = None) -> Proposal:
    at = selectors.start_of(received) + dt.timedelta(hours=9)
    return Proposal.objects.create(
        organization=desk.town,
        kind="proposal",
        number=f"P-{Proposal.objects.count()}",
        title="過去の提案",
        status=status,
        received_at=at,
        decided_at=at if status != "checking" else None,
        stage_entered_at=at,
        started_on=received + dt.timedelta(days=started) if started is not None else None,
        created_at=at,
        updated_at=at,
    )


@pytest.mark.django_db
def test_success_counts_only_what_is_decided_and_shows_the_rest(desk: Desk) -> None:
    for status in ("adopted", "trial", "declined", "checking", "withdrawn"):
        _past(desk, dt.date(2026, 6, 1), status)

    figure = metrics._cohort(desk.town.pk, YEAR, dt.date(2026, 11, 22))

    assert (figure.numerator, figure.denominator, figure.value) == (Decimal(2), Decimal(3), Decimal("66.7"))
    assert dict(figure.beside)["継続中"] == "1"


@pytest.mark.django_db
def test_first_reply_in_time_leaves_out_what_still_has_time(desk: Desk) -> None:
    as_of = dt.date(2026, 11, 22)
    early, late = _past(desk, dt.date(2026, 10, 1), "checking"), _past(desk, dt.date(2026, 10, 1), "checking")
    _past(desk, dt.date(2026, 11, 20), "received")
    Proposal.objects.filter(pk=early.pk).update(first_reply_at=early.received_at + dt.timedelta(days=14))
    Proposal.objects.filter(pk=late.pk).update(first_reply_at=late.received_at + dt.timedelta(days=15))

    figure = metrics._first_reply(desk.town.pk, YEAR, as_of)

    assert (figure.numerator, figure.denominator) == (Decimal(1), Decimal(2))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("today", "year", "tight"),
    [
        (dt.date(2026, 6, 1), 2027, False),
        (dt.date(2026, 10, 5), 2027, True),
        (dt.date(2026, 11, 22), 2028, False),
        (dt.date(2027, 2, 1), 2028, False),
    ],
)
def test_which_budget_a_proposal_still_reaches(desk: Desk, today: dt.date, year: int, tight: bool) -> None:
    reach = budget_calendar.reach_of_proposal(desk.town.pk, today)

    assert (reach.year, reach.is_tight) == (FiscalYear(year), tight)
    assert reach.without_budget


@pytest.mark.django_db
def test_a_municipalitys_own_calendar_moves_the_deadline(desk: Desk) -> None:
    BudgetStep.objects.create(
        organization=desk.town, code="request", label="要求", first_month=11, last_month=12, last_day=20
    )

    reach = budget_calendar.reach_of_proposal(desk.town.pk, dt.date(2026, 11, 22))

    assert (reach.year, reach.by) == (FiscalYear(2027), dt.date(2026, 12, 20))


@pytest.mark.django_db
def test_the_usual_calendar_speaks_english_and_is_made_ones_own_in_japanese() -> None:
    with translation.override("en"):
        told, kept = budget_calendar.steps_of(1), budget_calendar.steps_to_edit(1)

    assert all(f"{step.label}{step.source}".isascii() for step in told)
    assert kept == budget_calendar.default_steps()


def test_defaults_of_the_calendar_name_their_source() -> None:
    assert all("(" in step.source for step in budget_calendar.default_steps())


def test_business_days_over_new_year() -> None:
    assert business_days_between(dt.date(2026, 12, 28), dt.date(2027, 1, 5)) == 2
    assert after_business_days(dt.date(2026, 12, 28), 2) == dt.date(2027, 1, 5)


@pytest.mark.django_db
def test_targets_of_the_municipality_set_the_day(desk: Desk) -> None:
    DeskSettings.objects.create(organization=desk.town)
    change_settings(
        organization=desk.town, values={"targets": {"received": 10}}, version=1, actor=desk.planner, at=NOON
    )

    proposal = desk.proposal()

    assert proposal.stage_due_on == after_business_days(dt.date(2026, 11, 22), 10)


@pytest.mark.django_db
def test_what_the_desk_costs(desk: Desk) -> None:
    DeskSettings.objects.create(organization=desk.town, hourly_cost_yen=3_000)
    proposal = desk.at_stage(ProposalStatus.CHECKING)
    services.record_time(proposal_id=proposal.pk, minutes=30, actor=desk.planner, at=NOON)

    cost = selectors.cost(desk.town, NOON - dt.timedelta(days=1))

    assert (cost.tapped, cost.estimated, cost.yen) == (30, 10, 2_000)


@pytest.mark.django_db
def test_cases_go_to_the_successor(desk: Desk) -> None:
    proposal = desk.at_stage(ProposalStatus.CHECKING)
    services.assign(proposal_id=proposal.pk, officer=desk.planner, section=None, actor=desk.planner, at=NOON)
    successor = PersonFactory()
    MembershipFactory(person=successor, organization=desk.town, role="planner")

    hand_over(giver=desk.planner, taker=successor, organization=desk.town, actor=desk.planner, at=NOON)

    assert Proposal.objects.get().officer == successor


SHEET = (
    "受付番号,題名,種類,提案者,状態,受付日,決定日,事業の開始日,理由,担当課,提案の内容\n"
    "2024-0001,空き家の見回り,提案,配達の会社,不採択,令和6年5月10日,R6.7.1,,予算,高齢福祉課,見回ります\n"
    "2024-0002,公園の清掃,,町会,採択,2024/6/1,2024/7/1,2024/9/1,,公園緑地課,清掃します\n"
)


@pytest.mark.django_db
def test_past_proposals_come_in_after_a_preview(client: Client, desk: Desk) -> None:
    client.force_login(desk.planner)

    page = client.post(reverse("desk:import_new"), {"file": SimpleUploadedFile("past.csv", SHEET.encode())})
    assert not Proposal.objects.exists(), "the preview writes nothing"
    client.post(reverse("desk:import_start"))
    job = Job.objects.get()
    importing._carry_out(job, lambda *told: None)  # type: ignore[arg-type]
    again = importing.preview(desk.town, read_table(SHEET.encode()))

    assert page.context["preview"].added == 2
    rows = list(
        Proposal.objects.order_by("number").values_list("number", "status", "section__name", "started_on")
    )
    assert rows == [
        ("2024-0001", "declined", "高齢福祉課", None),
        ("2024-0002", "adopted", "公園緑地課", dt.date(2024, 9, 1)),
    ]
    assert (again.added, again.unchanged) == (0, 2)


@pytest.mark.django_db
def test_a_faulty_sheet_says_row_column_value_and_reason_and_writes_nothing(desk: Desk) -> None:
    sheet = (
        "受付番号,題名,状態,受付日,決定日,担当課\n"
        "1,題名,おわり,令和6年5月10日,,\n"
        "1,,採択,2024/6/1,2024/5/1,ない課\n"
    )

    found = importing.preview(desk.town, read_table(sheet.encode()))

    told = [(fault.row, fault.column) for fault in found.faults]
    assert (2, "状態") in told
    assert (3, "題名") in told
    assert (3, "担当課") in told
    assert (3, "受付番号") in told
    assert (3, "受付日") in told


@pytest.mark.django_db
def test_an_import_is_taken_back_but_for_what_somebody_worked_on(client: Client, desk: Desk) -> None:
    rows = importing.preview(desk.town, read_table(SHEET.encode())).rows
    at = timezone.now()
    importing.import_past(organization=desk.town, rows=rows, actor=desk.planner, at=at)
    Proposal.objects.filter(number="2024-0002").update(updated_at=at + dt.timedelta(hours=1))
    client.force_login(desk.planner)
    assert "取り込みを取り消す" in client.get(reverse("desk:import_new")).content.decode()

    client.post(reverse("desk:import_undo"), {"batch": at.isoformat()})

    kept = Proposal.objects.filter(deleted_at__isnull=True).values_list("number", flat=True)
    assert list(kept) == ["2024-0002"]
    again = importing.preview(desk.town, read_table(SHEET.encode()))
    assert (again.added, again.unchanged) == (1, 1)
    importing.import_past(organization=desk.town, rows=rows, actor=desk.planner, at=timezone.now())
    assert Proposal.objects.filter(deleted_at__isnull=True).count() == 2
