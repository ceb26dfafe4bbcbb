"""Inviting somebody by mail into one place."""

import datetime as dt
import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person, digest_of, new_secret
from enishi.foundation import trail
from enishi.organizations.access import organization_access
from enishi.organizations.enums import Role
from enishi.organizations.errors import InvitationRefusedError
from enishi.organizations.models import Invitation, Membership, Organization, Section
from enishi.organizations.services.memberships import check_place
from enishi.organizations.signals import invitation_accepted
from enishi.organizations.visibility import forget_reach

logger = logging.getLogger(__name__)
OPEN_FOR = dt.timedelta(days=14)


@transaction.atomic
def invite(
    *,
    organization_id: int,
    email: str,
    role: Role,
    section: Section | None,
    actor: Person,
    at: dt.datetime,
) -> Invitation:
    """Send a link that lets one address into one place, for two weeks.

    Raises ``InvitationRefusedError`` when the address has a place or an open invitation already.
    """
    organization = Organization.objects.select_for_update().get(pk=organization_id)
    organization_access.require(actor, "invite", organization)
    check_place(organization, role, section)
    address = email.strip().lower()
    _refuse_doubles(organization, address, at)
    return _invited(organization, address, role, section, actor, at)


@transaction.atomic
def invite_outsider(*, organization_id: int, email: str, actor: Person, at: dt.datetime) -> Invitation:
    """Let one address in with a place that reads nothing others may not: what it may do, the asking room decides.

    The asking room has made sure that ``actor`` may ask for this person.
    """
    organization = Organization.objects.select_for_update().get(pk=organization_id)
    address = email.strip().lower()
    known = Invitation.objects.open(at).filter(organization=organization, email=address).first()
    return known or _invited(organization, address, Role.RESIDENT, None, actor, at)


def _invited(
    organization: Organization,
    address: str,
    role: Role,
    section: Section | None,
    actor: Person,
    at: dt.datetime,
) -> Invitation:
    secret = new_secret()
    invitation = Invitation.objects.create(
        email=address,
        organization=organization,
        section=section,
        role=role,
        digest=digest_of(secret),
        invited_by=actor,
        created_at=at,
        expires_at=at + OPEN_FOR,
    )
    trail.record(trail.Act(actor, "invite", invitation, at, organization_id=organization.pk))
    transaction.on_commit(lambda: _send(invitation, secret))
    return invitation


def _refuse_doubles(organization: Organization, address: str, at: dt.datetime) -> None:
    today = timezone.localdate(at)
    staff = Membership.objects.current(today).exclude(role=Role.RESIDENT)
    if staff.filter(organization=organization, person__email=address).exists():
        raise InvitationRefusedError(
            _("%(email)s の人はもう所属しています。役割は「人」のページで変えられます。") % {"email": address}
        )
    if Invitation.objects.open(at).filter(organization=organization, email=address).exists():
        raise InvitationRefusedError(
            _("%(email)s にはもう招待を送っています。届いていないときは「送り直す」を押してください。")
            % {"email": address}
        )


@transaction.atomic
def resend_invitation(*, invitation_id: int, actor: Person, at: dt.datetime) -> Invitation:
    """Send a new link; the one before stops working."""
    invitation = _waiting(invitation_id)
    organization_access.require(actor, "invite", invitation.organization)
    secret = new_secret()
    invitation.digest, invitation.expires_at, invitation.sent_at = digest_of(secret), at + OPEN_FOR, None
    invitation.save(update_fields=["digest", "expires_at", "sent_at"])
    trail.record(
        trail.Act(actor, "resend_invitation", invitation, at, organization_id=invitation.organization_id)
    )
    transaction.on_commit(lambda: _send(invitation, secret))
    return invitation


@transaction.atomic
def withdraw_invitation(*, invitation_id: int, actor: Person, at: dt.datetime) -> Invitation:
    """Close the door again."""
    invitation = _waiting(invitation_id)
    organization_access.require(actor, "invite", invitation.organization)
    invitation.withdrawn_at = at
    invitation.save(update_fields=["withdrawn_at"])
    trail.record(
        trail.Act(actor, "withdraw_invitation", invitation, at, organization_id=invitation.organization_id)
    )
    return invitation


@transaction.atomic
def accept_invitation(*, secret: str, actor: Person, at: dt.datetime) -> Membership:
    """Give the person who holds the link, and its address, the place.

    Raises ``InvitationRefusedError`` when the link is used up, too old, or meant for another address.
    """
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("organization", "section")
        .filter(digest=digest_of(secret))
        .first()
    )
    _refuse_unusable(invitation, at)
    assert invitation is not None
    if invitation.email != actor.email:
        raise InvitationRefusedError(
            _("この招待は %(email)s あてです。そのメールアドレスでサインインし直してください。")
            % {"email": invitation.email}
        )
    invitation.accepted_at, invitation.accepted_by = at, actor
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    membership = Membership.objects.create(
        person=actor,
        organization=invitation.organization,
        section=invitation.section,
        role=invitation.role,
        valid_from=timezone.localdate(at),
    )
    forget_reach(actor)
    trail.record(trail.Act(actor, "join", membership, at, organization_id=membership.organization_id))
    invitation_accepted.send(Invitation, invitation_id=invitation.pk, person_id=actor.pk)
    return membership


def usable_invitation(secret: str, at: dt.datetime) -> Invitation:
    """The invitation this link opens. Raises ``InvitationRefusedError`` when it opens nothing."""
    rows = Invitation.objects.select_related("organization", "section", "invited_by")
    invitation = rows.filter(digest=digest_of(secret)).first()
    _refuse_unusable(invitation, at)
    assert invitation is not None
    return invitation


def _refuse_unusable(invitation: Invitation | None, at: dt.datetime) -> None:
    if invitation is None or invitation.withdrawn_at:
        raise InvitationRefusedError(
            _(
                "この招待は使えません。取り消されたか、新しい招待が送られています。招いた人に確かめてください。"
            )
        )
    if invitation.accepted_at:
        raise InvitationRefusedError(_("この招待はもう使われています。サインインしてお使いください。"))
    if invitation.expires_at <= at:
        raise InvitationRefusedError(_("この招待は期限が切れました。招いた人に送り直してもらってください。"))


def _waiting(invitation_id: int) -> Invitation:
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("organization", "section")
    invitation = rows.get(pk=invitation_id)
    if invitation.accepted_at or invitation.withdrawn_at:
        raise InvitationRefusedError(_("この招待はもう使われたか、取り消されています。"))
    return invitation


def _send(invitation: Invitation, secret: str) -> None:
    address = settings.SITE_ADDRESS + reverse("organizations:invitation", args=[secret])
    words = {
        "name": invitation.invited_by.name,
        "organization": invitation.organization.name,
        "role": invitation.get_role_display(),
        "url": address,
    }
    subject = _("「%(organization)s」に招かれています") % words
    body = _(
        "%(name)sさんが、あなたを「%(organization)s」(%(role)s)に招いています。\n\n"
        "14日以内に次のアドレスを開いてください。\n%(url)s\n\n"
        "心当たりがないときは、このメールを捨ててください。何も起こりません。"
    )
    # A line break in a name would begin a header of its own.
    message = EmailMessage(" ".join(subject.split()), body % words, to=[invitation.email])
    try:
        message.send()
    except (OSError, SMTPException) as error:
        # The page shows that it did not go out, and offers to send it again.
        logger.warning("invitation not sent: %s", error)
        return
    Invitation.objects.filter(pk=invitation.pk).update(sent_at=timezone.now())
