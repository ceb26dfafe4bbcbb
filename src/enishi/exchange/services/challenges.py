"""A challenge from the first sentence to its end."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.exchange.access import challenge_access
from enishi.exchange.enums import ChallengeStatus
from enishi.exchange.errors import IllegalStatusError, ReasonNeededError, RefusedError
from enishi.exchange.models import Challenge
from enishi.exchange.services import records
from enishi.exchange.values import ChallengeValues
from enishi.foundation import trail
from enishi.foundation.forms import clean_text
from enishi.organizations.models import Organization

NEXT: dict[ChallengeStatus, tuple[ChallengeStatus, ...]] = {
    ChallengeStatus.DRAFT: (ChallengeStatus.OPEN,),
    ChallengeStatus.OPEN: (
        ChallengeStatus.IN_DIALOGUE,
        ChallengeStatus.IN_PARTNERSHIP,
        ChallengeStatus.SOLVED,
        ChallengeStatus.CLOSED,
        ChallengeStatus.DRAFT,
    ),
    ChallengeStatus.IN_DIALOGUE: (
        ChallengeStatus.IN_PARTNERSHIP,
        ChallengeStatus.OPEN,
        ChallengeStatus.SOLVED,
        ChallengeStatus.CLOSED,
    ),
    ChallengeStatus.IN_PARTNERSHIP: (
        ChallengeStatus.SOLVED,
        ChallengeStatus.CLOSED,
        ChallengeStatus.IN_DIALOGUE,
    ),
    ChallengeStatus.SOLVED: (ChallengeStatus.OPEN,),
    ChallengeStatus.CLOSED: (ChallengeStatus.OPEN,),
}
"""From each status the ones that may follow."""

_ENDS = {ChallengeStatus.SOLVED, ChallengeStatus.CLOSED, ChallengeStatus.DRAFT}


def needs_reason(before: ChallengeStatus, after: ChallengeStatus) -> bool:
    """Endings, withdrawals and new beginnings are explained to those who come later."""
    return after in _ENDS or before in {ChallengeStatus.SOLVED, ChallengeStatus.CLOSED}


def create_challenge(
    *, organization: Organization, values: ChallengeValues, actor: Person, at: dt.datetime
) -> Challenge:
    """Start a draft in the organisation's name."""
    return records.create(Challenge, organization=organization, values=values, actor=actor, at=at)


def edit_challenge(
    *, challenge_id: int, values: ChallengeValues, version: int, actor: Person, at: dt.datetime
) -> Challenge:
    """Write the given values, unless somebody else saved since ``version`` was read."""
    return records.edit(Challenge, pk=challenge_id, values=values, version=version, actor=actor, at=at)


def publish_challenge(*, challenge_id: int, actor: Person, at: dt.datetime) -> Challenge:
    """Open a draft to answers, once nothing is missing."""
    return records.publish(Challenge, pk=challenge_id, actor=actor, at=at)


def delete_challenge(*, challenge_id: int, actor: Person, at: dt.datetime) -> Challenge:
    return records.delete(Challenge, pk=challenge_id, actor=actor, at=at)


def restore_challenge(*, challenge_id: int, actor: Person, at: dt.datetime) -> Challenge:
    return records.restore(Challenge, pk=challenge_id, actor=actor, at=at)


@transaction.atomic
def change_status(
    *, challenge_id: int, status: ChallengeStatus, reason: str = "", actor: Person, at: dt.datetime
) -> Challenge:
    """Move the challenge on. A draft becomes open only by ``publish_challenge``."""
    challenge = records.locked(Challenge, challenge_id)
    challenge_access.require(actor, "change_status", challenge)
    records.require_kept(challenge)
    now = ChallengeStatus(challenge.status)
    if status not in NEXT[now]:
        raise IllegalStatusError(now, status, NEXT[now])
    if now == ChallengeStatus.DRAFT:
        return publish_challenge(challenge_id=challenge_id, actor=actor, at=at)
    reason = clean_text(reason).strip()[:500]
    if needs_reason(now, status) and not reason:
        raise ReasonNeededError
    before = trail.values(challenge)
    challenge.status, challenge.status_reason = status, reason
    records.finish(challenge, "change_status", before=before, actor=actor, at=at, note=reason)
    return challenge


@transaction.atomic
def move_to_means(
    *, challenge_id: int, name: str, sentence: str, actor: Person, at: dt.datetime
) -> Challenge:
    """Take a sentence that names a solution out of the trouble and keep it as a means considered."""
    challenge = records.locked(Challenge, challenge_id)
    challenge_access.require(actor, "edit", challenge)
    if (
        name not in {"present_state", "desired_state"}
        or not sentence
        or sentence not in getattr(challenge, name)
    ):
        raise RefusedError(_("その文は見つかりません。ほかの人が書き直したかもしれません。"))
    text = getattr(challenge, name).replace(sentence, "", 1).strip()
    means = f"{challenge.means_considered}\n{sentence}".strip()
    values: ChallengeValues = {"means_considered": means}
    values[name] = text  # type: ignore[literal-required]
    return edit_challenge(
        challenge_id=challenge_id, values=values, version=challenge.version, actor=actor, at=at
    )
