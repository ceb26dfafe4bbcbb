"""Calls, soundings and proposals for tests: the smallest that are true, made through the services."""

import datetime as dt
from typing import Any

from enishi.accounts.models import Person
from enishi.desk.calls import services as calls
from enishi.desk.calls.models import Call
from enishi.desk.enums import ProposalStatus
from enishi.desk.models import Proposal
from enishi.desk.soundings import services as soundings
from enishi.desk.soundings.models import Sounding
from enishi.organizations.enums import OrganizationKind, Role, Visibility
from enishi.organizations.models import Organization
from tests.factories import (
    NOON,
    ChallengeFactory,
    MembershipFactory,
    OrganizationFactory,
    PersonFactory,
)

DAY = dt.timedelta(days=1)


def planner_of(organization: Organization, role: Role = Role.PLANNER, **also: Any) -> Person:
    person: Person = PersonFactory()
    MembershipFactory(person=person, organization=organization, role=role, **also)
    return person


def company_person(name: str = "青葉建設株式会社") -> tuple[Person, Organization]:
    company = OrganizationFactory(kind=OrganizationKind.COMPANY, name=name)
    person = PersonFactory()
    MembershipFactory(person=person, organization=company, role=Role.PARTNER_MEMBER)
    return person, company


def call_values(organization: Organization, **also: Any) -> dict[str, Any]:
    return {
        "title": "空き家の見回りを続けられる形にする",
        "purpose": "見回りの担い手を増やす。",
        "asks": "月二回の見回りを続ける仕組み。",
        "conditions": "",
        "flow": "",
        "challenges": [ChallengeFactory(organization=organization)],
        "budget_yen": 3_000_000,
        "deadline": NOON + 20 * DAY,
        "questions_until": (NOON + 10 * DAY).date(),
        "answers_by": (NOON + 14 * DAY).date(),
        "result_by": (NOON + 40 * DAY).date(),
        "contact_name": "企画課",
        "section": None,
        "visibility": Visibility.PUBLIC,
        **also,
    }


def open_call(organization: Organization, actor: Person, **also: Any) -> Call:
    call = calls.create_call(
        organization=organization, values=call_values(organization, **also), actor=actor, at=NOON
    )
    rows = [("効果", "暮らしがどう変わるか", 50), ("実現性", "体制と実績", 30), ("費用", "負担の大きさ", 20)]
    calls.set_criteria(call_id=call.pk, rows=rows, actor=actor, at=NOON)
    return calls.open_call(call_id=call.pk, actor=actor, at=NOON)


def open_sounding(organization: Organization, actor: Person, **also: Any) -> Sounding:
    values = {
        "title": "旧第二小学校の使い方について",
        "purpose": "閉校した校舎の使い方をうかがう。",
        "topics": "使い道、期間、費用の考え方。",
        "eligibility": "",
        "place": "市役所3階",
        "contact_name": "財産活用課",
        "challenges": [],
        "apply_until": NOON + 14 * DAY,
        "section": None,
        "visibility": Visibility.PUBLIC,
        **also,
    }
    sounding = soundings.create_sounding(organization=organization, values=values, actor=actor, at=NOON)
    return soundings.change_status(sounding_id=sounding.pk, status="open", actor=actor, at=NOON)


def received(organization: Organization, **also: Any) -> Proposal:
    """A proposal that came in at noon, in 確認 unless another status is given."""
    values = {
        "kind": "proposal",
        "title": "夜間の見守りを地域の店と続ける",
        "summary": "店の明かりを見守りに使う。",
        "proposer_name": "青葉建設株式会社",
        "status": ProposalStatus.CHECKING,
        "received_at": NOON,
        "created_at": NOON,
        "updated_at": NOON,
        "visibility": Visibility.INTERNAL,
        **also,
    }
    if values["status"] in {"adopted", "trial", "declined"}:
        values.setdefault("decided_at", NOON)
    return Proposal.objects.create(organization=organization, **values)
