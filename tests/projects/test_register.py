"""A measure that is one of the municipality's indicators: said once in the register, seen in the project."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from enishi.indicators import services as register
from enishi.indicators.models import Indicator, Measurement
from enishi.indicators.periods import fiscal
from enishi.notifications.models import Notice
from enishi.projects import selectors, services
from enishi.projects.enums import MeasureKind, MeasureTier, ProjectStatus
from enishi.projects.errors import RefusedError
from enishi.projects.models import Trial
from tests.factories import NOON, TODAY
from tests.projects.making import DAY, cast, draft, join, move, outcome, start, trial_values

pytestmark = pytest.mark.django_db


def in_register(who, **values):
    given = {"name": "異変に気づくまでの日数", "unit": "日", "direction": "DOWN", "section": who.section}
    indicator = register.create_indicator(
        organization=who.town,
        values={**given, "aggregation": "last", "decimals": 1, **values},
        definition="通報までの日数の平均",
        actor=who.officer,
        at=NOON,
    )
    common = {"indicator_id": indicator.pk, "actor": who.officer, "at": NOON}
    register.set_baseline(fiscal_year=2024, value=Decimal("6.5"), **common)
    register.set_target(fiscal_year=2027, value=Decimal(2), **common)
    return indicator


def approved(who, indicator, year, value, **more):
    span = fiscal(year)
    rows = register.record_values(
        owner=indicator,
        entries=[register.Entry(span.start, span.end, Decimal(value), **more)],
        source="対応記録",
        submit=True,
        actor=who.officer,
        at=NOON,
    )
    register.approve_values(measurement_ids=[row.pk for row in rows], actor=who.manager, at=NOON)


def take_up(who, project, indicator, **values):
    given = {"kind": MeasureKind.OUTCOME, "tier": MeasureTier.EVENT, "may_be_shown": True}
    return services.take_up_indicator(
        project_id=project.pk, indicator_id=indicator.pk, actor=who.officer, at=NOON, **given | values
    )


def said(measure):
    return [(row.on.year, row.value) for row in measure.values.current().order_by("on")]


def test_an_indicator_brings_its_words_goal_and_values_and_keeps_them_in_step(
    django_capture_on_commit_callbacks,
):
    who = cast()
    project, indicator = draft(who), in_register(who)
    approved(who, indicator, 2024, "6.5")

    measure = take_up(who, project, indicator)

    assert (measure.title, measure.unit, measure.direction) == (indicator.name, "日", "DOWN")
    assert (measure.baseline_value, measure.target_value) == (Decimal("6.5"), Decimal(2))
    assert measure.is_complete
    assert said(measure) == [(2025, Decimal("6.5"))]
    with django_capture_on_commit_callbacks(execute=True):
        approved(who, indicator, 2025, "4")
    assert said(measure) == [(2025, Decimal("6.5")), (2026, Decimal(4))]
    with django_capture_on_commit_callbacks(execute=True):
        approved(who, indicator, 2025, "3.5", change_reason="写し間違い")
    assert said(measure) == [(2025, Decimal("6.5")), (2026, Decimal("3.5"))]
    assert measure.values.count() == 3
    assert selectors.standings(project)[0].latest.value == Decimal("3.5")


def test_what_is_kept_is_japanese_in_whatever_language_it_was_chosen():
    who = cast()
    indicator = in_register(who, unit="")

    with override("en"):
        measure = take_up(who, draft(who), indicator)

    assert (measure.unit, measure.source) == ("(単位なし)", f"指標の台帳({indicator.code})")


def test_what_the_register_says_is_not_typed_twice(client):
    who = cast()
    project = draft(who)
    measure = take_up(who, project, in_register(who))

    with pytest.raises(RefusedError, match="台帳"):
        services.record_value(
            measure_id=measure.pk, values={"on": TODAY, "value": Decimal(3)}, actor=who.officer, at=NOON
        )
    edited = services.edit_measure(
        measure_id=measure.pk,
        values={"title": "別の名前", "target_value": Decimal(3)},
        version=measure.version,
        actor=who.officer,
        at=NOON,
    )
    assert (edited.title, edited.target_value) == (measure.title, Decimal(3))
    client.force_login(who.officer)
    page = client.get(f"/projects/measures/{measure.pk}/").content.decode()
    assert "指標の台帳の指標です" in page
    assert f"/projects/measures/{measure.pk}/values/new/" not in page
    assert client.get(f"/projects/{project.pk}/measures/indicators/?q=異変").status_code == 200
    chosen = client.get(f"/projects/{project.pk}/measures/indicators/{measure.indicator_id}/")
    assert "基準値 6.5日(令和6年度)、目標 2日(令和9年度)" in chosen.content.decode()


def test_a_value_from_the_register_that_hits_a_stop_criterion_is_told_once(
    django_capture_on_commit_callbacks,
):
    who = cast()
    begin = TODAY - 300 * DAY
    project, indicator = draft(who, is_trial=True, starts_on=begin), in_register(who)
    watched = take_up(who, project, indicator)
    values = trial_values(outcome(who, project), stop_measure=watched, starts_on=begin)
    services.plan_trial(project_id=project.pk, values=values, actor=who.officer, at=NOON - 97 * DAY)
    move(who.manager, project, ProjectStatus.APPROVED, at=NOON - 94 * DAY)
    start(who, project)

    with django_capture_on_commit_callbacks(execute=True):
        approved(who, indicator, 2025, "11")
    with django_capture_on_commit_callbacks(execute=True):
        services.keep_in_step([indicator.pk], at=NOON)

    told = Notice.objects.filter(kind="project_stop")
    assert sorted(notice.person_id for notice in told) == sorted([who.officer.pk, who.manager.pk])


def test_numbers_of_the_house_are_shown_wider_only_when_somebody_says_so():
    who = cast()
    indicator = in_register(who, visibility="internal")
    project = draft(who, visibility="public")

    with pytest.raises(ValidationError, match="見せてよい"):
        take_up(who, project, indicator, may_be_shown=False)

    assert take_up(who, project, indicator).indicator == indicator


def test_what_a_trial_is_judged_by_or_a_partner_writes_stays_in_the_project():
    who = cast()
    project = draft(who)
    measure, theirs = outcome(who, project), outcome(who, project, title="機器の記録")
    theirs.participant = join(who, project)
    theirs.save()
    Trial.objects.create(project=project, round=1, hypothesis="早く気づく", measure=measure)

    for row, words in ((measure, "実証の判断"), (theirs, "値を入れる団体")):
        with pytest.raises(RefusedError, match=words):
            services.enter_into_register(measure_id=row.pk, actor=who.officer, at=NOON)

    assert not Indicator.objects.exists()


def test_a_measure_of_a_project_enters_the_register_with_all_it_has(django_capture_on_commit_callbacks):
    who = cast()
    project = draft(who)
    measure = outcome(who, project, frequency="yearly")
    for back, value in ((300, "5.25"), (1, "4")):
        services.record_value(
            measure_id=measure.pk,
            values={"on": TODAY - back * DAY, "value": Decimal(value)},
            actor=who.officer,
            at=NOON,
        )

    indicator = services.enter_into_register(measure_id=measure.pk, actor=who.officer, at=NOON)

    waiting = list(Measurement.objects.filter(indicator=indicator).order_by("fiscal_year"))
    assert [(row.value, row.state) for row in waiting] == [
        (Decimal("5.25"), "submitted"),
        (Decimal(4), "submitted"),
    ]
    assert Indicator.objects.get(pk=indicator.pk).decimals == 2
    with django_capture_on_commit_callbacks(execute=True):
        register.approve_values(measurement_ids=[row.pk for row in waiting], actor=who.manager, at=NOON)
    assert [value for _year, value in said(measure)] == [Decimal("5.25"), Decimal(4)]
