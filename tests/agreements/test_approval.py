"""起案 → 合議 → 決裁 → 締結, and everything that must not happen on the way."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied

from enishi.agreements import services
from enishi.agreements.calculations import seal
from enishi.agreements.enums import AgreementStatus, ApprovalKind, VersionState
from enishi.agreements.errors import (
    IncompleteError,
    NothingToWriteError,
    ReasonNeededError,
    RefusedError,
    StaleVersionError,
)
from enishi.agreements.models import Agreement, FrozenVersionError, Version
from enishi.audit.models import AuditEvent
from enishi.notifications.models import Notice
from enishi.organizations.enums import Role
from tests.agreements.build import TERMS, House
from tests.factories import NOON, TODAY, MembershipFactory

pytestmark = pytest.mark.django_db
LATER = NOON + dt.timedelta(hours=1)


def test_the_way_from_draft_to_signed():
    house = House()

    agreement = house.signed()

    version = agreement.versions.get()
    assert (agreement.status, version.state) == (AgreementStatus.ACTIVE, VersionState.IN_FORCE)
    assert agreement.counterparts == "星川通信"
    assert list(agreement.parties.all()) == [house.company]
    assert agreement.notice_on == dt.date(2027, 2, 28)
    assert agreement.next_due_on == dt.date(2027, 2, 28)
    assert version.sha256 == seal(version)
    acts = AuditEvent.objects.filter(subject_type="agreements.agreement").order_by("sequence")
    assert [act.action for act in acts] == ["create", "submit", "approve", "decide", "sign"]


def test_each_is_asked_in_turn():
    house = House()
    agreement = house.submitted()
    first, last = agreement.versions.get().approvals.all()

    with pytest.raises(RefusedError, match="まだ順番ではありません"):
        services.answer(approval_id=last.pk, approve=True, actor=house.manager, at=NOON)

    assert [notice.person for notice in Notice.objects.filter(kind="agreement_approval")] == [house.colleague]
    services.answer(approval_id=first.pk, approve=True, actor=house.colleague, at=NOON)
    assert Notice.objects.filter(kind="agreement_approval").latest("pk").person == house.manager


def test_a_return_goes_back_to_the_drafter_with_its_comment_and_round_two_begins_anew():
    house = House()
    agreement = house.submitted()
    first = agreement.versions.get().approvals.first()

    with pytest.raises(RefusedError, match="直してほしいこと"):
        services.answer(approval_id=first.pk, approve=False, actor=house.colleague, at=NOON)
    services.answer(
        approval_id=first.pk, approve=False, comment="予告の期間を3か月に", actor=house.colleague, at=NOON
    )

    agreement.refresh_from_db()
    assert agreement.status == AgreementStatus.DRAFT
    assert Notice.objects.latest("pk").body == "予告の期間を3か月に"
    house.submit(agreement)
    assert list(agreement.versions.get().approvals.values_list("round", "state")) == [
        (1, "returned"),
        (1, "cancelled"),
        (2, "waiting"),
        (2, "waiting"),
    ]


def test_nobody_decides_on_their_own_draft():
    house = House()
    boss = MembershipFactory(organization=house.town, role=Role.MANAGER).person
    agreement = services.create(
        organization=house.town, values=TERMS, parties=house.parties, actor=boss, at=NOON
    )

    with pytest.raises(RefusedError, match="自分で起案したもの"):
        services.submit(
            agreement_id=agreement.pk, turns=[services.Turn(ApprovalKind.DECIDE, boss)], actor=boss, at=NOON
        )


def test_the_drafter_cannot_decide_in_somebodys_place_either():
    house = House()
    boss = MembershipFactory(organization=house.town, role=Role.MANAGER).person
    agreement = services.create(
        organization=house.town, values=TERMS, parties=house.parties, actor=boss, at=NOON
    )
    services.submit(
        agreement_id=agreement.pk,
        turns=[services.Turn(ApprovalKind.DECIDE, house.manager)],
        actor=boss,
        at=NOON,
    )
    approval = agreement.versions.get().approvals.get()

    with pytest.raises(RefusedError, match="起案した人は代決できません"):
        services.answer(
            approval_id=approval.pk, approve=True, actor=boss, at=NOON, comment="出張のため", in_place=True
        )


def test_a_deputy_decides_in_place_with_a_reason_and_the_absent_one_looks_afterwards():
    house = House()
    agreement = house.submitted()
    first, last = agreement.versions.get().approvals.all()
    services.answer(approval_id=first.pk, approve=True, actor=house.colleague, at=NOON)

    with pytest.raises(RefusedError, match="代決できます"):
        services.answer(approval_id=last.pk, approve=True, actor=house.deputy, at=NOON)
    with pytest.raises(ReasonNeededError):
        services.answer(approval_id=last.pk, approve=True, actor=house.deputy, at=NOON, in_place=True)
    with pytest.raises(RefusedError, match="代決できます"):
        services.answer(
            approval_id=last.pk, approve=True, actor=house.officer, at=NOON, in_place=True, comment="急ぎ"
        )
    services.answer(
        approval_id=last.pk,
        approve=True,
        actor=house.deputy,
        at=NOON,
        in_place=True,
        comment="部長出張のため",
    )

    last.refresh_from_db()
    assert (last.person, last.by, last.is_in_place) == (house.manager, house.deputy, True)
    with pytest.raises(RefusedError):
        services.look_afterwards(approval_id=last.pk, actor=house.deputy, at=LATER)
    assert services.look_afterwards(approval_id=last.pk, actor=house.manager, at=LATER).seen_at == LATER


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ([], "最後の一人を"),
        (["consult"], "最後の一人を"),
        (["decide", "decide"], "最後の一人だけです"),
    ],
)
def test_an_order_that_decides_nothing_is_refused(kinds, expected):
    house = House()
    agreement = house.draft()
    people = [house.colleague, house.manager]

    with pytest.raises(RefusedError, match=expected):
        services.submit(
            agreement_id=agreement.pk,
            turns=[services.Turn(ApprovalKind(kind), people[n]) for n, kind in enumerate(kinds)],
            actor=house.officer,
            at=NOON,
        )


def test_only_people_with_a_place_in_the_house_may_be_named():
    house = House()
    agreement = house.draft()

    for outsider in (house.stranger, house.partner, house.officer):
        with pytest.raises(RefusedError):
            services.submit(
                agreement_id=agreement.pk,
                turns=[services.Turn(ApprovalKind.DECIDE, outsider)],
                actor=house.officer,
                at=NOON,
            )


def test_an_incomplete_draft_says_what_it_needs():
    house = House()
    agreement = house.draft(purpose="", starts_on=None, parties=[])

    with pytest.raises(IncompleteError) as refused:
        house.submit(agreement)

    assert [missing.name for missing in refused.value.missing] == [
        "purpose",
        "starts_on",
        "parties",
        "parties",
    ]


def test_what_was_approved_cannot_be_written_by_any_way():
    house = House()
    agreement = house.approved()
    version = agreement.versions.get()

    with pytest.raises(NothingToWriteError):
        services.edit_terms(
            agreement_id=agreement.pk,
            values={"purpose": "別の目的"},
            version=agreement.version,
            actor=house.officer,
            at=NOON,
        )
    version.purpose = "別の目的"
    with pytest.raises(FrozenVersionError):
        version.save()
    with pytest.raises(FrozenVersionError):
        version.signers.first().delete()
    Version.objects.filter(pk=version.pk).update(purpose="こっそり")
    version.refresh_from_db()
    assert seal(version) != version.sha256


def test_approved_but_not_signed_may_begin_again_as_a_new_version():
    house = House()
    agreement = house.approved()

    draft = services.reopen(
        agreement_id=agreement.pk, reason="相手から文言の申し出", actor=house.officer, at=LATER
    )

    assert list(agreement.versions.values_list("number", "state")) == [(1, "dropped"), (2, "draft")]
    assert [party.name for party in draft.signers.all()] == ["試験甲市", "星川通信"]


def test_signing_needs_an_approved_version_and_no_day_ahead():
    house = House()
    agreement = house.draft()

    with pytest.raises(RefusedError, match="決裁を経た版だけ"):
        services.sign(agreement_id=agreement.pk, signed_on=TODAY, actor=house.officer, at=NOON)
    other = house.approved()
    with pytest.raises(RefusedError, match="先の日付"):
        services.sign(
            agreement_id=other.pk, signed_on=TODAY + dt.timedelta(days=1), actor=house.officer, at=NOON
        )


def test_two_who_write_at_the_same_time_are_told():
    house = House()
    agreement = house.draft()
    opened = agreement.version
    services.edit_terms(
        agreement_id=agreement.pk, values={"costs": "各自"}, version=opened, actor=house.officer, at=NOON
    )

    with pytest.raises(StaleVersionError):
        services.edit_terms(
            agreement_id=agreement.pk, values={"costs": "甲"}, version=opened, actor=house.colleague, at=NOON
        )


def test_strangers_partners_and_officers_of_other_sections_do_not_write():
    house = House()
    agreement = house.draft()
    other_section = MembershipFactory(organization=house.town, role=Role.OFFICER).person

    for person in (house.stranger, house.partner, other_section):
        with pytest.raises(PermissionDenied):
            services.edit_terms(
                agreement_id=agreement.pk, values={}, version=agreement.version, actor=person, at=NOON
            )
    with pytest.raises(PermissionDenied):
        services.create(organization=house.company, values=TERMS, actor=house.partner, at=NOON)


def test_partner_sees_it_once_decided_and_a_stranger_never():
    house = House()
    agreement = house.submitted()

    assert not Agreement.objects.visible_to(house.partner).exists()
    house.approve(agreement)
    assert list(Agreement.objects.visible_to(house.partner)) == [agreement]
    assert not Agreement.objects.visible_to(house.stranger).exists()


def test_taking_back_cancels_the_turns():
    house = House()
    agreement = house.submitted()

    services.take_back(agreement_id=agreement.pk, actor=house.officer, at=NOON, reason="金額の誤り")

    agreement.refresh_from_db()
    assert agreement.status == AgreementStatus.DRAFT
    assert set(agreement.versions.get().approvals.values_list("state", flat=True)) == {"cancelled"}
    with pytest.raises(RefusedError):
        services.answer(
            approval_id=agreement.versions.get().approvals.first().pk,
            approve=True,
            actor=house.colleague,
            at=NOON,
        )


def test_abandoned_before_signing_keeps_its_reason_and_ended_after():
    house = House()
    agreement = house.approved()

    with pytest.raises(ReasonNeededError):
        services.abandon(agreement_id=agreement.pk, reason=" ", actor=house.officer, at=NOON)
    services.abandon(agreement_id=agreement.pk, reason="相手の事業撤退", actor=house.officer, at=NOON)

    agreement.refresh_from_db()
    assert (agreement.status, agreement.end_reason) == (AgreementStatus.ABANDONED, "相手の事業撤退")
    signed = house.signed()
    with pytest.raises(RefusedError, match="締結の前だけ"):
        services.abandon(agreement_id=signed.pk, reason="x", actor=house.officer, at=NOON)
