"""What the proposer marked as confidential, and who they are: the one door to both. Every reading is on record.

No other module loads ``ConfidentialPart.text``, a confidential file or ``ProposerContact`` to show them. Search, similar
cases, exports, notices and drafting read ``Proposal`` alone, where nothing confidential stands.
"""

import datetime as dt
from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.desk.access import proposal_access
from enishi.desk.enums import Sealed
from enishi.desk.errors import ReasonNeededError, RefusedError
from enishi.desk.models import ConfidentialGrant, ConfidentialPart, Proposal, ProposalFile, ProposerContact
from enishi.foundation import trail
from enishi.foundation.access import Actor
from enishi.foundation.sentences import spoken
from enishi.organizations.models import Section
from enishi.organizations.visibility import reach_of


def may_read(actor: Actor, proposal: Proposal) -> bool:
    """Whether this person may read what is confidential in this proposal.

    The proposer; the desk and the assigned officer; whoever was given it by name or through their section.
    """
    if not actor.is_authenticated or not actor.is_active:
        return False
    if proposal_access.is_proposers(actor, proposal) or proposal_access.is_desk(actor, proposal):
        return True
    return _grants_to(actor).filter(proposal=proposal).exists()


def may_reach(actor: Actor, proposal: Proposal) -> bool:
    """Whether this person may see how to reach the proposer: who made it, and who works on the case."""
    if not actor.is_authenticated or not actor.is_active:
        return False
    return proposal_access.is_proposers(actor, proposal) or proposal_access.allows(actor, "work", proposal)


def _grants_to(actor: Actor) -> models.QuerySet[ConfidentialGrant, ConfidentialGrant]:
    """What was given to this person, or to the section they work in (not to those above it)."""
    mine = Q(person_id=actor.pk) | Q(section_id__in=reach_of(actor).section_ids)
    return ConfidentialGrant.objects.filter(mine, ended_at__isnull=True)


def has_any(proposal: Proposal) -> bool:
    """Whether something is confidential here: everybody inside may know that much."""
    return (
        ConfidentialPart.objects.filter(proposal=proposal).exists()
        or proposal.files.kept().filter(is_confidential=True).exists()
    )


def read_parts(proposal: Proposal, *, actor: Actor, at: dt.datetime) -> list[ConfidentialPart]:
    """The confidential parts, for whoever may read them."""
    _require(may_read(actor, proposal), proposal)
    _note(proposal, Sealed.PART, actor=actor, at=at)
    return list(proposal.confidential_parts.all())


def read_own_parts(proposal: Proposal, *, at: dt.datetime) -> list[ConfidentialPart]:
    """The same for a visitor, whose secret link the caller has proved."""
    if not proposal.is_from_visitor:
        raise PermissionDenied
    _note(proposal, Sealed.PART, actor=None, at=at)
    return list(proposal.confidential_parts.all())


def files_for(actor: Actor, proposal: Proposal) -> list[ProposalFile]:
    """The files this person may know of: the name of a confidential one tells something too."""
    files = proposal.files.kept()
    return list(files if may_read(actor, proposal) else files.filter(is_confidential=False))


def read_file(file: ProposalFile, *, actor: Actor, at: dt.datetime) -> ProposalFile:
    """The file, for whoever may open it."""
    if not proposal_access.allows(actor, "view", file.proposal):
        raise PermissionDenied
    if file.is_confidential:
        _require(may_read(actor, file.proposal), file.proposal)
        _note(file.proposal, Sealed.FILE, actor=actor, at=at)
    return file


def read_own_file(file: ProposalFile, *, at: dt.datetime) -> ProposalFile:
    """The same for a visitor, whose secret link the caller has proved."""
    if not file.proposal.is_from_visitor:
        raise PermissionDenied
    if file.is_confidential:
        _note(file.proposal, Sealed.FILE, actor=None, at=at)
    return file


def read_contact(proposal: Proposal, *, actor: Actor, at: dt.datetime) -> ProposerContact | None:
    """How to reach the proposer."""
    _require(may_reach(actor, proposal), proposal)
    if not proposal_access.is_proposers(actor, proposal):
        _note(proposal, Sealed.CONTACT, actor=actor, at=at)
    return ProposerContact.objects.filter(proposal=proposal).first()


@transaction.atomic
def give(
    *,
    proposal_id: int,
    actor: Person,
    at: dt.datetime,
    reason: str,
    person: Person | None = None,
    section: Section | None = None,
) -> ConfidentialGrant:
    """Let one more person or section read what is confidential; the reason is kept, and the proposer may see it."""
    proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal_id)
    proposal_access.require(actor, "grant", proposal)
    if not reason.strip():
        raise ReasonNeededError
    if (person is None) == (section is None):
        raise RefusedError(_("渡す相手は、人か課のどちらか一方を選んでください。"))
    if section is not None and section.organization_id != proposal.organization_id:
        raise RefusedError(_("渡す課は、提案を受けた自治体の中から選んでください。"))
    grant, _made = ConfidentialGrant.objects.get_or_create(
        proposal=proposal,
        person=person,
        section=section,
        ended_at=None,
        defaults={"reason": reason.strip()[:300], "given_by": actor, "given_at": at},
    )
    _record(proposal, "give_confidential", actor=actor, at=at, note=str(person or section))
    return grant


@transaction.atomic
def take_back(*, grant_id: int, actor: Person, at: dt.datetime) -> None:
    """End what was given. What was read stays on record."""
    grant = (
        ConfidentialGrant.objects.select_for_update(of=("self",)).select_related("proposal").get(pk=grant_id)
    )
    proposal_access.require(actor, "grant", grant.proposal)
    if grant.ended_at is None:
        grant.ended_at = at
        grant.save(update_fields=["ended_at"])
        _record(grant.proposal, "end_confidential", actor=actor, at=at, note=str(grant))


def grants_of(proposal: Proposal) -> Sequence[ConfidentialGrant]:
    rows = proposal.grants.filter(ended_at__isnull=True).select_related("person", "section", "given_by")
    return list(rows.order_by("given_at", "pk"))


def _require(allowed: bool, proposal: Proposal) -> None:
    if not allowed:
        raise PermissionDenied(
            _(
                "非公開の部分を読めるのは、提案した人と%(desk)sの窓口、窓口から渡された人だけです。必要なときは窓口に頼んでください。"
            )
            % {"desk": proposal.organization.name}
        )


def _note(proposal: Proposal, what: Sealed, *, actor: Actor | None, at: dt.datetime) -> None:
    _record(proposal, "read_confidential", actor=actor, at=at, note=spoken(what.label))


def _record(proposal: Proposal, action: str, *, actor: Actor | None, at: dt.datetime, note: str) -> None:
    """Never a word of what was read."""
    trail.record(
        trail.Act(
            actor=actor,
            action=action,
            subject=proposal,
            at=at,
            organization_id=proposal.organization_id,
            note=note,
        )
    )
