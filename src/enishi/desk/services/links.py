"""Secret addresses. The secret is made anew from the link's nonce and the installation's key; only its digest is stored."""

import base64
import datetime as dt
import secrets

from django.utils.crypto import salted_hmac

from enishi.accounts.models import Person, digest_of
from enishi.desk.enums import LinkPurpose
from enishi.desk.errors import LinkRefusedError
from enishi.desk.models import Consultation, Proposal, SecretLink

DRAFT_KEPT = dt.timedelta(days=30)
ANSWER_OPEN = dt.timedelta(days=60)


def make(
    purpose: LinkPurpose,
    proposal: Proposal,
    *,
    at: dt.datetime,
    open_for: dt.timedelta | None = None,
    consultation: Consultation | None = None,
    person: Person | None = None,
) -> SecretLink:
    nonce = secrets.token_hex(16)
    return SecretLink.objects.create(
        purpose=purpose,
        proposal=proposal,
        consultation=consultation,
        person=person,
        nonce=nonce,
        digest=digest_of(_secret(purpose, nonce)),
        made_at=at,
        expires_at=at + open_for if open_for else None,
    )


def secret_of(link: SecretLink) -> str:
    """The secret to put into a mail. After the installation's key changed the link gets a new one."""
    secret = _secret(link.purpose, link.nonce)
    if digest_of(secret) != link.digest:
        link.digest = digest_of(secret)
        link.save(update_fields=["digest"])
    return secret


def opened(secret: str, purpose: LinkPurpose, *, at: dt.datetime) -> SecretLink:
    """The link this secret opens. Raises ``LinkRefusedError`` when it opens nothing."""
    rows = SecretLink.objects.select_related("proposal__organization", "consultation__section", "person")
    link = rows.filter(digest=digest_of(secret), purpose=purpose, revoked_at__isnull=True).first()
    if link is None or (link.expires_at is not None and link.expires_at <= at):
        raise LinkRefusedError
    if link.proposal.deleted_at is not None:
        raise LinkRefusedError
    return link


def question_over(secret: str) -> Consultation | None:
    """What became of the question of a link that was closed because it was passed on or taken back."""
    rows = SecretLink.objects.select_related("proposal__organization", "consultation__section")
    link = rows.filter(digest=digest_of(secret), purpose=LinkPurpose.ANSWER, revoked_at__isnull=False).first()
    return None if link is None or link.proposal.deleted_at is not None else link.consultation


def status_link(proposal: Proposal, *, at: dt.datetime) -> SecretLink:
    """The proposal's own status link, made at the first need."""
    usable = SecretLink.objects.filter(
        proposal=proposal, purpose=LinkPurpose.STATUS, revoked_at__isnull=True, expires_at__isnull=True
    )
    return usable.order_by("-pk").first() or make(LinkPurpose.STATUS, proposal, at=at)


def renew_status_link(proposal: Proposal, *, at: dt.datetime) -> SecretLink:
    """A new status link; those before stop working."""
    mine = SecretLink.objects.filter(proposal=proposal, purpose=LinkPurpose.STATUS, revoked_at__isnull=True)
    mine.update(revoked_at=at)
    return make(LinkPurpose.STATUS, proposal, at=at)


def _secret(purpose: str, nonce: str) -> str:
    raw = salted_hmac("enishi.desk.links", f"{purpose}:{nonce}", algorithm="sha256").digest()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
