"""What was declined or stopped and why, told to others without names."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.desk.access import STAFF_ROLES, proposal_access
from enishi.desk.decisions.enums import Ending, Reason
from enishi.desk.decisions.models import Learned
from enishi.desk.decisions.names import in_public, partners_in
from enishi.desk.enums import ProposalStatus
from enishi.desk.models import Proposal
from enishi.desk.office.access import runs
from enishi.desk.soundings.leaks import Leak
from enishi.exchange.errors import RefusedError
from enishi.foundation import trail
from enishi.foundation.access import Actor
from enishi.foundation.forms import clean_text
from enishi.foundation.refusals import require_version
from enishi.organizations.models import Organization
from enishi.organizations.visibility import reach_of


@transaction.atomic
def write_learned(*, proposal_id: int, values: Mapping[str, Any], actor: Person, at: dt.datetime) -> Learned:
    """Write down, for others to read, what became of a proposal. Nobody else reads it before it is checked."""
    proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal_id)
    proposal_access.require(actor, "work", proposal)
    if proposal.stage not in {ProposalStatus.DECLINED, ProposalStatus.WITHDRAWN}:
        raise RefusedError(_("見送りか取下げになった提案だけを、学びとして書けます。"))
    learned = Learned.objects.filter(proposal=proposal).first() or Learned(
        proposal=proposal, organization_id=proposal.organization_id, ending=Ending.DECLINED
    )
    require_version(learned, values.get("version"))
    _keep(learned, values, actor, at)
    return learned


@transaction.atomic
def write_stopped(
    *,
    organization: Organization,
    learned_id: int | None,
    values: Mapping[str, Any],
    actor: Person,
    at: dt.datetime,
) -> Learned:
    """Write down what was stopped on the way, without a proposal here behind it."""
    if not reach_of(actor).has_role(organization.pk, *STAFF_ROLES):
        raise PermissionDenied
    learned = (
        Learned.objects.select_for_update().get(pk=learned_id, organization=organization, proposal=None)
        if learned_id
        else Learned(organization=organization)
    )
    if learned_id and not keeps(actor, learned):
        raise PermissionDenied
    require_version(learned, values.get("version"))
    learned.ending = Ending.STOPPED
    _keep(learned, values, actor, at)
    return learned


def _keep(learned: Learned, values: Mapping[str, Any], actor: Person, at: dt.datetime) -> None:
    for name, most in (("title", 120), ("tried", 2_000), ("why", 2_000), ("advice", 2_000)):
        setattr(learned, name, clean_text(values[name], lines=name != "title").strip()[:most])
    learned.reasons = [each for each in values["reasons"] if each in Reason.values]
    learned.version += learned.pk is not None
    learned.written_by, learned.written_at = actor, at
    # Another wording has to be looked at again.
    learned.checked_by, learned.published_at = None, None
    learned.save()
    _record(learned, "write_learned", actor, at)


def found_in(learned: Learned) -> list[Leak]:
    """Names of partners and of the proposer, and confidential wording, that stand in the text."""
    text = "\n".join([learned.title, learned.tried, learned.why, learned.advice])
    found = in_public(learned.proposal, text) if learned.proposal is not None else []
    known = {leak.quote for leak in found}
    return found + [leak for leak in partners_in(text) if leak.quote not in known]


@transaction.atomic
def publish_learned(*, learned_id: int, has_looked: bool, actor: Person, at: dt.datetime) -> Learned:
    """Let everybody read it: after a person looked for names, and with the proposer's consent."""
    learned = Learned.objects.select_for_update().get(pk=learned_id)
    _require(learned, actor)
    if learned.proposal is not None and not learned.proposal.agrees_to_publication:
        raise RefusedError(
            _("提案者が、名前を出さない公表に同意していません。同意を得てから公表してください。")
        )
    found = found_in(learned)
    if any(leak.kind == "name" for leak in found):
        raise RefusedError(
            _("「%(quote)s」という名前が残っています。消してから公表してください。")
            % {"quote": next(leak.quote for leak in found if leak.kind == "name")}
        )
    if not has_looked:
        raise RefusedError(
            _("名前や、だれの提案か分かる言葉がないことを確かめて、「確かめた」に印を付けてください。")
        )
    learned.checked_by, learned.published_at = actor, at
    learned.save(update_fields=["checked_by", "published_at"])
    _record(learned, "publish_learned", actor, at)
    return learned


@transaction.atomic
def take_back_learned(*, learned_id: int, actor: Person, at: dt.datetime) -> Learned:
    learned = Learned.objects.select_for_update().get(pk=learned_id)
    _require(learned, actor)
    learned.published_at = None
    learned.save(update_fields=["published_at"])
    _record(learned, "take_back_learned", actor, at)
    return learned


def keeps(actor: Actor, learned: Learned) -> bool:
    """Whether this person may go on with it: the office, the section of the case, and whoever wrote it."""
    section_id = learned.proposal.section_id if learned.proposal else None
    wrote = learned.written_by_id == actor.pk and reach_of(actor).has_role(
        learned.organization_id, *STAFF_ROLES
    )
    return wrote or runs(actor, learned.organization_id, section_id)


def _require(learned: Learned, actor: Person) -> None:
    if not keeps(actor, learned):
        raise PermissionDenied


def _record(learned: Learned, action: str, actor: Person, at: dt.datetime) -> None:
    trail.record(
        trail.Act(
            actor=actor,
            action=action,
            subject=learned,
            at=at,
            organization_id=learned.organization_id,
        )
    )
