"""People who ask to be let in, and the answers to them."""

import datetime as dt
from dataclasses import asdict
from typing import TypeVar

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.foundation.access import Access
from enishi.organizations.access import join_request_access, registration_access
from enishi.organizations.enums import RequestStatus, Role
from enishi.organizations.errors import DuplicateOrganizationError, NotWaitingError, RefusedError
from enishi.organizations.models import JoinRequest, Membership, Organization, Registration
from enishi.organizations.selectors import like_named
from enishi.organizations.services.memberships import check_place
from enishi.organizations.services.organizations import PartnerValues, check_number, made_partner
from enishi.organizations.signals import answered, asked_to_join
from enishi.organizations.visibility import forget_reach

MOST_WAITING = 5
"""Applications of one person that may wait at a time: more is not in earnest."""

DecidedT = TypeVar("DecidedT", Registration, JoinRequest)


@transaction.atomic
def ask_registration(*, values: PartnerValues, message: str, actor: Person, at: dt.datetime) -> Registration:
    """Ask that a partner be registered; the administrators of its town are told.

    Raises ``RefusedError`` for a wrong 法人番号, ``DuplicateOrganizationError`` for one that is registered.
    """
    registration_access.require(actor, "create")
    check_number(values.corporate_number)
    if values.corporate_number and like_named(values.name, values.corporate_number)[:1]:
        same = Organization.objects.filter(corporate_number=values.corporate_number).first()
        if same is not None:
            raise DuplicateOrganizationError(
                _(
                    "この法人番号は「%(name)s」として登録されています。団体のページから参加を申し込んでください。"
                )
                % {"name": same.name}
            )
    if Registration.objects.filter(applicant=actor, status=RequestStatus.WAITING).count() >= MOST_WAITING:
        raise RefusedError(_("確認待ちの申込が多すぎます。返事を待つか、取り下げてください。"))
    registration = Registration.objects.create(
        **asdict(values), message=message, applicant=actor, asked_at=at
    )
    trail.record(trail.Act(actor, "ask_registration", registration, at, organization_id=values.seat_id))
    transaction.on_commit(
        lambda: asked_to_join.send_robust(Registration, kind="registration", pk=registration.pk)
    )
    return registration


@transaction.atomic
def accept_registration(
    *, registration_id: int, actor: Person, at: dt.datetime, although_alike: bool = False
) -> Organization:
    """Register the partner and make the applicant its administrator."""
    registration = _waiting(Registration, registration_id, registration_access, actor)
    values = PartnerValues(
        **{name: getattr(registration, name) for name in PartnerValues.__dataclass_fields__}
    )
    organization = made_partner(values=values, actor=actor, at=at, although_alike=although_alike)
    _let_in(registration.applicant, organization, Role.PARTNER_ADMINISTRATOR, actor, at)
    registration.organization = organization
    _answer(registration, RequestStatus.ACCEPTED, "", actor, at, organization_id=registration.seat_id)
    return organization


@transaction.atomic
def decline_registration(
    *, registration_id: int, reason: str, actor: Person, at: dt.datetime
) -> Registration:
    """Say no, with the reason the applicant will read."""
    registration = _waiting(Registration, registration_id, registration_access, actor)
    _answer(registration, RequestStatus.DECLINED, reason, actor, at, organization_id=registration.seat_id)
    return registration


@transaction.atomic
def ask_to_join(*, organization_id: int, message: str, actor: Person, at: dt.datetime) -> JoinRequest:
    """Ask the administrators of an organisation for a place."""
    join_request_access.require(actor, "create")
    organization = Organization.objects.active().select_for_update().get(pk=organization_id)
    today = timezone.localdate(at)
    places = Membership.objects.current(today).filter(person=actor, organization=organization)
    if places.exclude(role=Role.RESIDENT).exists():
        raise RefusedError(_("もうこの団体に所属しています。"))
    waiting = JoinRequest.objects.filter(person=actor, status=RequestStatus.WAITING)
    if waiting.filter(organization=organization).exists():
        raise RefusedError(_("もう申し込んでいます。団体の管理者の返事をお待ちください。"))
    if waiting.count() >= MOST_WAITING:
        raise RefusedError(_("確認待ちの申込が多すぎます。返事を待つか、取り下げてください。"))
    request = JoinRequest.objects.create(
        person=actor, organization=organization, message=message, asked_at=at
    )
    trail.record(trail.Act(actor, "ask_to_join", request, at, organization_id=organization.pk))
    transaction.on_commit(lambda: asked_to_join.send_robust(JoinRequest, kind="join_request", pk=request.pk))
    return request


@transaction.atomic
def accept_join_request(*, request_id: int, role: Role, actor: Person, at: dt.datetime) -> Membership:
    """Give the person a place."""
    request = _waiting(JoinRequest, request_id, join_request_access, actor)
    check_place(request.organization, role, None)
    membership = _let_in(request.person, request.organization, role, actor, at)
    request.role = role
    _answer(request, RequestStatus.ACCEPTED, "", actor, at, organization_id=request.organization_id)
    return membership


@transaction.atomic
def decline_join_request(*, request_id: int, reason: str, actor: Person, at: dt.datetime) -> JoinRequest:
    request = _waiting(JoinRequest, request_id, join_request_access, actor)
    _answer(request, RequestStatus.DECLINED, reason, actor, at, organization_id=request.organization_id)
    return request


@transaction.atomic
def withdraw_join_request(*, request_id: int, actor: Person, at: dt.datetime) -> JoinRequest:
    request = _waiting(JoinRequest, request_id, join_request_access, actor, action="withdraw")
    _answer(request, RequestStatus.WITHDRAWN, "", actor, at, organization_id=request.organization_id)
    return request


@transaction.atomic
def withdraw_registration(*, registration_id: int, actor: Person, at: dt.datetime) -> Registration:
    registration = _waiting(Registration, registration_id, registration_access, actor, action="withdraw")
    _answer(registration, RequestStatus.WITHDRAWN, "", actor, at, organization_id=registration.seat_id)
    return registration


@transaction.atomic
def live_in(*, organization_id: int, actor: Person, at: dt.datetime) -> Membership:
    """Say that one lives in a town. A resident reads what is public; nothing inside opens by it."""
    organization = Organization.objects.select_for_update().get(pk=organization_id)
    if not organization.is_public_body:
        raise RefusedError(_("住んでいるまち(市区町村)を選んでください。"))
    today = timezone.localdate(at)
    places = Membership.objects.current(today).filter(person=actor, role=Role.RESIDENT)
    same = places.filter(organization=organization).first()
    if same is not None:
        return same
    # One lives in one place: saying so anew is moving house.
    places.update(valid_to=today)
    return _let_in(actor, organization, Role.RESIDENT, actor, at)


def _let_in(
    person: Person, organization: Organization, role: Role, actor: Person, at: dt.datetime
) -> Membership:
    membership = Membership.objects.create(
        person=person, organization=organization, role=role, valid_from=timezone.localdate(at)
    )
    forget_reach(person)
    forget_reach(actor)
    trail.record(trail.Act(actor, "join", membership, at, organization_id=organization.pk))
    return membership


def _waiting(
    model: type[DecidedT], pk: int, access: Access[DecidedT], actor: Person, action: str = "answer"
) -> DecidedT:
    row = model._default_manager.select_for_update(of=("self",)).get(pk=pk)
    access.require(actor, action, row)
    if row.status != RequestStatus.WAITING:
        raise NotWaitingError(_("この申込には、もう返事がされています。"))
    return row


def _answer(
    row: Registration | JoinRequest,
    status: RequestStatus,
    reason: str,
    actor: Person,
    at: dt.datetime,
    *,
    organization_id: int | None,
) -> None:
    row.status, row.reason, row.decided_by, row.decided_at = status, reason, actor, at
    row.save()
    trail.record(
        trail.Act(actor, f"answer_{status.value}", row, at, organization_id=organization_id, note=reason)
    )
    kind = "registration" if isinstance(row, Registration) else "join_request"
    transaction.on_commit(lambda: answered.send_robust(type(row), kind=kind, pk=row.pk))
