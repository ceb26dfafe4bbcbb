"""An agreement in force: fulfilment, renewal, sleep, change, incidents, disputes."""

import datetime as dt
import hashlib

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from enishi.agreements import calculations, rounds, selectors, services
from enishi.agreements.enums import AsleepReason, ChangeState, DisputeStage, Outcome, VersionState
from enishi.agreements.errors import ReasonNeededError, RefusedError
from enishi.agreements.models import Agreement, Obligation, Reminder, Version
from enishi.agreements.next_steps import next_step
from enishi.exchange.errors import AttachmentRefusedError
from enishi.notifications.models import Notice
from tests.agreements.build import House
from tests.factories import NOON, TODAY

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def _with_obligation(house: House, parties=None, **values):
    agreement = house.draft(parties=parties or house.parties)
    row = {
        "bearer": "星川通信",
        "text": "件数を報告する",
        "due_on": TODAY + 10 * DAY,
        "every_months": 6,
        **values,
    }
    services.save_obligations(
        agreement_id=agreement.pk, rows=[row], version=agreement.version, actor=house.officer, at=NOON
    )
    house.submit(agreement)
    house.approve(agreement)
    services.sign(agreement_id=agreement.pk, signed_on=TODAY, actor=house.officer, at=NOON)
    agreement.refresh_from_db()
    return agreement, Obligation.objects.get(version__agreement=agreement)


def test_the_next_day_moves_on_as_obligations_are_fulfilled():
    house = House()
    agreement, obligation = _with_obligation(house)
    assert agreement.next_due_on == TODAY + 10 * DAY

    services.fulfil(
        agreement_id=agreement.pk,
        key=obligation.key,
        due_on=obligation.due_on,
        outcome=Outcome.DONE,
        done_on=TODAY,
        actor=house.officer,
        at=NOON,
    )

    agreement.refresh_from_db()
    assert agreement.next_due_on == dt.date(2027, 2, 28)


def test_what_was_not_done_needs_a_reason_and_no_day_ahead():
    house = House()
    agreement, obligation = _with_obligation(house)
    common = {
        "agreement_id": agreement.pk,
        "key": obligation.key,
        "due_on": obligation.due_on,
        "actor": house.officer,
        "at": NOON,
    }

    with pytest.raises(ReasonNeededError):
        services.fulfil(**common, outcome=Outcome.NOT_DONE, done_on=TODAY)
    with pytest.raises(RefusedError, match="先の日付"):
        services.fulfil(**common, outcome=Outcome.DONE, done_on=TODAY + DAY)


@pytest.mark.parametrize(
    ("first", "every", "until", "expected"),
    [
        (
            dt.date(2026, 1, 31),
            1,
            dt.date(2026, 4, 30),
            ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"],
        ),
        (dt.date(2024, 2, 29), 12, dt.date(2026, 3, 1), ["2024-02-29", "2025-02-28", "2026-02-28"]),
        (dt.date(2026, 1, 1), None, dt.date(2030, 1, 1), ["2026-01-01"]),
        (None, None, dt.date(2030, 1, 1), []),
    ],
)
def test_days_of_an_obligation(first, every, until, expected):
    days = calculations.due_days(Obligation(due_on=first, every_months=every), until)

    assert [day.isoformat() for day in days] == expected


@pytest.mark.parametrize(("renewal", "expected"), [("none", 2), ("by_notice", 2), ("automatic", 4)])
def test_nothing_repeats_after_the_end_unless_the_agreement_goes_on_by_itself(renewal, expected):
    agreement = Agreement(ends_on=dt.date(2027, 3, 31))
    limit = calculations.repeats_until(agreement, Version(renewal=renewal))
    monthly = Obligation(due_on=dt.date(2027, 2, 10), every_months=1)
    afterwards = Obligation(due_on=dt.date(2027, 5, 30))

    days = list(calculations.due_days(monthly, dt.date(2027, 5, 31), limit))

    assert len(days) == expected
    assert list(calculations.due_days(afterwards, TODAY, limit)) == [dt.date(2027, 5, 30)]


def test_automatic_renewal_goes_on_by_its_clause_and_is_no_activity():
    house = House()
    agreement = house.signed()
    after = timezone.make_aware(dt.datetime(2027, 4, 1, 0, 30))

    assert services.come_to_ends(after) == 1
    assert services.come_to_ends(after) == 0

    agreement.refresh_from_db()
    assert agreement.ends_on == dt.date(2028, 3, 31)
    assert agreement.notice_on == dt.date(2028, 2, 29)
    assert agreement.last_activity_on == TODAY
    assert agreement.prolongations.get().is_automatic


def test_one_that_was_declined_ends_on_its_day():
    house = House()
    agreement = house.signed()
    services.prolong(
        agreement_id=agreement.pk, new_end=None, note="目的を果たした", actor=house.officer, at=NOON
    )
    with pytest.raises(RefusedError, match="もう決まっています"):
        services.prolong(
            agreement_id=agreement.pk, new_end=dt.date(2029, 3, 31), actor=house.officer, at=NOON
        )

    services.come_to_ends(timezone.make_aware(dt.datetime(2027, 4, 1, 0, 30)))

    agreement.refresh_from_db()
    assert (agreement.status, agreement.ended_on) == ("ended", dt.date(2027, 3, 31))


def test_asleep_after_a_year_and_awake_again():
    house = House()
    agreement = house.signed(signed_on=TODAY - 366 * DAY)
    with pytest.raises(RefusedError):
        services.explain_sleep(
            agreement_id=house.signed().pk, reason=AsleepReason.MOVED, actor=house.officer, at=NOON
        )
    assert [row.pk for row in selectors.asleep(Agreement.objects.all(), TODAY)] == [agreement.pk]

    services.explain_sleep(
        agreement_id=agreement.pk, reason=AsleepReason.MOVED, note="前任の異動", actor=house.officer, at=NOON
    )
    services.record_activity(
        agreement_id=agreement.pk, on=TODAY, text="連絡会議をひらいた", actor=house.officer, at=NOON
    )

    agreement.refresh_from_db()
    assert (agreement.last_activity_on, agreement.asleep_reason) == (TODAY, "")


def test_exactly_a_year_is_not_yet_asleep():
    house = House()
    agreement = house.signed(signed_on=TODAY - 365 * DAY)

    assert not calculations.is_asleep(agreement, TODAY)
    assert calculations.is_asleep(agreement, TODAY + DAY)


def test_each_reminder_goes_out_once_to_whoever_looks_after_it():
    house = House()
    agreement, _obligation = _with_obligation(house)

    assert rounds.remind(NOON) == 1
    assert rounds.remind(NOON) == 0
    assert rounds.remind(NOON + 7 * DAY) == 1

    told = Notice.objects.filter(kind="agreement_due")
    assert {notice.person for notice in told} == {house.officer}
    assert Reminder.objects.filter(agreement=agreement).count() == 2


def _agreed_change(house: House, agreement: Agreement):
    change = services.request_change(
        agreement_id=agreement.pk, title="区域を広げる", reason="希望が多い", actor=house.partner, at=NOON
    )
    with pytest.raises(RefusedError, match="影響"):
        services.ask_consent(change_id=change.pk, actor=house.officer, at=NOON)
    services.assess(
        change_id=change.pk, values={"on_terms": "第2条", "on_cost_yen": 0}, actor=house.officer, at=NOON
    )
    services.ask_consent(change_id=change.pk, actor=house.officer, at=NOON)
    return change


def test_a_change_needs_both_sides_and_becomes_a_version_beside_the_old_one():
    house = House()
    agreement = house.signed()
    change = _agreed_change(house, agreement)
    town, company = change.consents.order_by("pk")

    services.consent(consent_id=town.pk, agree=True, actor=house.officer, at=NOON)
    with pytest.raises(RefusedError, match="代わりに書くことはできません"):
        services.consent(consent_id=company.pk, agree=True, comment="電話で", actor=house.officer, at=NOON)
    with pytest.raises(RefusedError):
        services.make_version(change_id=change.pk, actor=house.officer, at=NOON)
    services.consent(consent_id=company.pk, agree=True, actor=house.partner, at=NOON)
    draft = services.make_version(change_id=change.pk, actor=house.officer, at=NOON)
    agreement.refresh_from_db()
    services.edit_terms(
        agreement_id=agreement.pk,
        values={"title": "見守りに関する協定(広域)"},
        version=agreement.version,
        actor=house.officer,
        at=NOON,
    )

    agreement.refresh_from_db()
    assert agreement.title == "見守りに関する協定"
    house.submit(agreement)
    house.approve(agreement)
    services.sign(agreement_id=agreement.pk, signed_on=TODAY, actor=house.officer, at=NOON)
    agreement.refresh_from_db()
    change.refresh_from_db()
    assert agreement.title == "見守りに関する協定(広域)"
    assert change.state == ChangeState.MADE
    assert list(agreement.versions.values_list("number", "state")) == [(1, "superseded"), (2, "in_force")]
    one, two = agreement.versions.order_by("number")
    differing = [name for name, old, new in selectors.changes_between(one, two) if old != new]
    assert differing == ["title"]
    assert draft.pk == two.pk


def test_each_reader_is_led_to_what_waits_for_them():
    house = House()
    agreement, obligation = _with_obligation(house)

    def pressed(person, today=TODAY):
        works = person == house.officer
        facts = {"allows": {"edit": works, "work": works, "sign": works}, "changes": agreement.changes.all()}
        facts["dues"] = [(calculations.Due(obligation, obligation.due_on), True)]
        step = next_step(person, agreement, facts, today)
        return step.words if step else None

    assert [pressed(each) for each in (house.officer, house.partner)] == ["活動を記録する", None]
    assert pressed(house.partner, TODAY + 11 * DAY) == "結果を記録する"
    change = _agreed_change(house, agreement)
    assert [pressed(each) for each in (house.officer, house.partner)] == ["変更に返事をする"] * 2
    for row in change.consents.all():
        who = house.officer if row.organization == house.town else house.partner
        services.consent(consent_id=row.pk, agree=True, actor=who, at=NOON)
    assert pressed(house.officer) == "新しい版の案を作る"


def test_one_refusal_closes_the_change():
    house = House()
    change = _agreed_change(house, house.signed())
    company = change.consents.get(name="星川通信")

    with pytest.raises(RefusedError, match="理由"):
        services.consent(consent_id=company.pk, agree=False, actor=house.partner, at=NOON)
    services.consent(
        consent_id=company.pk, agree=False, comment="人手が足りない", actor=house.partner, at=NOON
    )

    change.refresh_from_db()
    assert change.state == ChangeState.REFUSED


def test_all_who_promised_something_are_asked_and_outsiders_recorded_with_how_it_was_confirmed():
    house = House()
    outsiders = [
        house.parties[0],
        {"side": "partner", "name": "未登録の商店", "role": "場所を貸す。"},
        {"side": "other", "name": "信用金庫", "role": "資金を貸す。"},
        {"side": "other", "name": "立会人"},
        {"side": "other", "name": "青年会"},
    ]
    agreement, _shared = _with_obligation(house, outsiders, bearer="信用金庫と青年会")
    change = services.request_change(
        agreement_id=agreement.pk, title="日を変える", reason="祭り", actor=house.officer, at=NOON
    )
    services.assess(change_id=change.pk, values={"on_schedule": "一週間"}, actor=house.officer, at=NOON)
    services.ask_consent(change_id=change.pk, actor=house.officer, at=NOON)
    shop = change.consents.get(name="未登録の商店")
    assert [row.name for row in change.consents.order_by("pk")] == [
        "試験甲市",
        "未登録の商店",
        "信用金庫",
        "青年会",
    ]

    with pytest.raises(RefusedError, match="どう確かめたか"):
        services.consent(consent_id=shop.pk, agree=True, actor=house.officer, at=NOON)
    services.consent(
        consent_id=shop.pk, agree=True, comment="11月20日付けの承諾書", actor=house.officer, at=NOON
    )

    shop.refresh_from_db()
    assert (shop.state, shop.by) == ("agreed", house.officer)


def _with_risks(house: House):
    agreement = house.draft()
    services.start_risk_table(
        agreement_id=agreement.pk, phases=["共通"], version=agreement.version, actor=house.officer, at=NOON
    )
    house.submit(agreement)
    house.approve(agreement)
    services.sign(agreement_id=agreement.pk, signed_on=TODAY, actor=house.officer, at=NOON)
    return agreement


def test_risk_occurrence_counts_each_listed_risk_once():
    house = House()
    agreement = _with_risks(house)
    for key in ("C20", "C20", "C16", ""):
        services.report_incident(
            agreement_id=agreement.pk,
            values={"title": "起きた", "happened_on": TODAY, "risk_key": key},
            actor=house.partner,
            at=NOON,
        )

    found = selectors.risk_occurrence([agreement.pk])

    assert (found.happened, found.listed) == (2, 27)
    with pytest.raises(RefusedError, match="リスク分担表に"):
        services.report_incident(
            agreement_id=agreement.pk,
            values={"title": "起きた", "happened_on": TODAY, "risk_key": "Z99"},
            actor=house.officer,
            at=NOON,
        )


def test_the_ladder_has_no_jumps_and_no_way_back_in_time():
    house = House()
    agreement = house.signed()
    dispute = services.open_dispute(
        agreement_id=agreement.pk,
        title="費用",
        opened_on=TODAY - 5 * DAY,
        text="協議を申し入れ",
        actor=house.partner,
        at=NOON,
    )
    move = {"dispute_id": dispute.pk, "text": "記録", "actor": house.officer, "at": NOON}

    with pytest.raises(RefusedError, match="へは進めません"):
        services.move_dispute(**move, stage=DisputeStage.TERMINATION, on=TODAY)
    services.move_dispute(**move, stage=DisputeStage.MEDIATION, on=TODAY - 2 * DAY)
    with pytest.raises(RefusedError, match="前の段階より前"):
        services.move_dispute(**move, stage=DisputeStage.SETTLED, on=TODAY - 4 * DAY)
    services.move_dispute(**move, stage=DisputeStage.SETTLED, on=TODAY)

    dispute.refresh_from_db()
    assert (dispute.stage, dispute.closed_on) == (DisputeStage.SETTLED, TODAY)
    assert dispute.steps.count() == 3


def test_signed_copies_keep_their_fingerprint(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    house = House()
    agreement = house.signed()
    content = b"%PDF-1.7 signed"

    copy = services.attach_copy(
        agreement_id=agreement.pk, name="協定書.pdf", content=content, actor=house.officer, at=NOON
    )

    assert copy.sha256 == hashlib.sha256(content).hexdigest()
    assert services.verify_copy(copy_id=copy.pk, actor=house.partner, at=NOON).is_intact is True
    copy.file.storage.delete(copy.file.name)
    copy.file.storage.save(copy.file.name, ContentFile(b"%PDF-1.7 forged"))
    assert services.verify_copy(copy_id=copy.pk, actor=house.officer, at=NOON).is_intact is False
    copy.file.storage.delete(copy.file.name)
    assert services.verify_copy(copy_id=copy.pk, actor=house.officer, at=NOON).is_intact is False
    with pytest.raises(AttachmentRefusedError):
        services.attach_copy(
            agreement_id=agreement.pk, name="協定書.pdf", content=b"MZ\x00exe", actor=house.officer, at=NOON
        )


def test_a_draft_thrown_away_comes_back_and_a_signed_one_is_not_thrown_away():
    house = House()
    agreement = house.draft()
    services.delete(agreement_id=agreement.pk, actor=house.officer, at=NOON)
    assert not Agreement.objects.visible_to(house.officer).exists()

    services.restore(agreement_id=agreement.pk, actor=house.officer, at=NOON + 29 * DAY)

    assert Agreement.objects.visible_to(house.officer).exists()
    with pytest.raises(RefusedError):
        services.delete(agreement_id=house.signed().pk, actor=house.officer, at=NOON)
    assert agreement.versions.get().state == VersionState.DRAFT
