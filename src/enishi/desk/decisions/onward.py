"""A declined proposal may fit elsewhere: candidates found by meaning, sent on only when the proposer says so."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.desk.access import proposal_access
from enishi.desk.answering import NEAR, nearness_to_public
from enishi.desk.decisions.enums import OfferState
from enishi.desk.decisions.models import OnwardOffer
from enishi.desk.enums import Origin, ProposalKind, ProposalStatus
from enishi.desk.models import Proposal, ProposalFile, ProposerContact
from enishi.desk.models_intake import ProposalFileQuerySet
from enishi.desk.services import files, flow, intake, letters
from enishi.exchange.errors import RefusedError
from enishi.exchange.models import Challenge
from enishi.foundation import trail
from enishi.foundation.forms import clean_text
from enishi.language.tokens import content_words
from enishi.organizations.enums import Visibility

SHOWN = 8
COMPARED = 200
WORDS_FROM = 60
_CARRIED = (
    "title", "summary", "effects", "requests", "schedule", "track_record", "cost_yen", "cost_note",
    "proposer_name", "agrees_to_onward", "agrees_to_publication",
)  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """A challenge the proposal may fit, with the words both use."""

    challenge: Challenge
    shared: tuple[str, ...]
    nearness: float

    @property
    def why(self) -> str:
        words = _("・").join(self.shared[:5])
        return _("同じ言葉: %(words)s") % {"words": words} if words else _("内容が近い")


def candidates(proposal: Proposal, *, limit: int = SHOWN) -> list[Candidate]:
    """Public challenges that still seek partners, nearest to the open text of the proposal first.

    Only what everybody may read is offered: the proposer must be able to see what they say yes to. Confidential parts are
    not part of the comparison.
    """
    text = f"{proposal.title}\n{proposal.summary}\n{proposal.effects}"
    near = _near(text)
    asked = set(OnwardOffer.objects.filter(proposal=proposal).values_list("challenge_id", flat=True))
    rows = (
        Challenge.objects.seeking_partners()
        .filter(pk__in=list(near), visibility=Visibility.PUBLIC, deleted_at__isnull=True)
        .exclude(pk__in=asked | {proposal.challenge_id or 0})
        .select_related("organization")
    )
    own = set(content_words(text))
    found = [
        Candidate(
            row, tuple(_shared(own, f"{row.title}\n{row.present_state}\n{row.desired_state}")), near[row.pk]
        )
        for row in rows
    ]
    return sorted(found, key=lambda each: (-each.nearness, -len(each.shared), each.challenge.pk))[:limit]


def _near(text: str) -> dict[int, float]:
    """The nearest worth a look. Without a model all that is public is alike, and the shared words decide."""
    near = nearness_to_public(text)
    if near is None:
        public = Challenge.objects.seeking_partners().filter(visibility=Visibility.PUBLIC)
        return dict.fromkeys(public.order_by("-pk").values_list("pk", flat=True)[:COMPARED], 0.0)
    best = sorted(near.items(), key=lambda one: -one[1])[:WORDS_FROM]
    return {key: value for key, value in best if value >= NEAR}


def _shared(own: set[str], text: str) -> list[str]:
    return [word for word in dict.fromkeys(content_words(text)) if word in own and len(word) > 1]


@transaction.atomic
def offer(*, proposal_id: int, challenge_id: int, why: str, actor: Person, at: dt.datetime) -> OnwardOffer:
    """Ask the proposer whether the proposal may go to another challenge. Nobody else hears of it."""
    proposal = flow.locked(proposal_id)
    proposal_access.require(actor, "work", proposal)
    if proposal.stage != ProposalStatus.DECLINED:
        raise RefusedError(_("不採択になった提案だけを、ほかに紹介できます。"))
    if not proposal.agrees_to_onward:
        raise RefusedError(_("提案者が、ほかの課題や自治体への紹介に同意していません。"))
    if not challenge_id:
        raise RefusedError(_("紹介する課題を一つ選んでください。"))
    challenge = (
        Challenge.objects.seeking_partners()
        .filter(pk=challenge_id, visibility=Visibility.PUBLIC, deleted_at__isnull=True)
        .first()
    )
    if challenge is None:
        raise RefusedError(_("その課題は、いま相手を募っていないか、公開されていません。"))
    try:
        with transaction.atomic():
            made = OnwardOffer.objects.create(
                proposal=proposal,
                challenge=challenge,
                why=clean_text(why).strip()[:500] or _("内容が近い"),
                asked_by=actor,
                asked_at=at,
            )
    except IntegrityError as error:
        raise RefusedError(_("この課題への紹介は、もう提案者にたずねています。")) from error
    _record(proposal, "offer_onward", actor, at, note=challenge.title)
    letters.tell_proposer(
        proposal,
        title=_("ご提案「%(title)s」をほかの課題に紹介してもよいですか") % {"title": proposal.title},
        body=_(
            "%(town)sの課題「%(challenge)s」に合いそうです(%(why)s)。提案のページでお返事ください。同意がなければ、何も送りません。"
        )
        % {"town": challenge.organization.name, "challenge": challenge.title, "why": made.why},
        at=at,
    )
    return made


@transaction.atomic
def answer(
    *,
    offer_id: int,
    agrees: bool,
    at: dt.datetime,
    actor: Person | None,
    file_ids: Iterable[int] = (),
    by_link_of: Proposal | None = None,
) -> OnwardOffer:
    """The proposer's word. With a yes the other desk gets the open part as a new proposal in 受付, and the files chosen.

    Confidential parts and files never go along.

    ``by_link_of`` is the proposal whose secret link the caller has proved, for a visitor.
    """
    made = (
        OnwardOffer.objects.select_for_update(of=("self",))
        .select_related("challenge__organization")
        .get(pk=offer_id)
    )
    proposal = flow.locked(made.proposal_id)
    by_link = by_link_of is not None and by_link_of.pk == proposal.pk
    if not by_link and (actor is None or not proposal_access.is_proposers(actor, proposal)):
        raise PermissionDenied
    if made.state != OfferState.ASKED:
        raise RefusedError(_("この紹介には、もうお返事をいただいています。"))
    made.answered_at = at
    made.answered_by_name = (actor.name if actor else proposal.proposer_name)[:150]
    made.state = OfferState.AGREED if agrees else OfferState.REFUSED
    if agrees:
        if (
            not Challenge.objects.seeking_partners()
            .filter(pk=made.challenge_id, deleted_at__isnull=True)
            .exists()
        ):
            raise RefusedError(_("その課題の募集は終わりました。紹介は行われません。"))
        made.consent_text = _(
            "提案の公開できる部分と連絡先、紹介した窓口の名前と理由を、%(town)sの課題「%(challenge)s」の担当に渡すことに同意しました。"
        ) % {"town": made.challenge.organization.name, "challenge": made.challenge.title}
        chosen = list(open_files(proposal).filter(pk__in=file_ids))
        if chosen:
            made.consent_text += _("添えるファイル: %(names)s") % {
                "names": _("、").join(file.name for file in chosen)
            }
        made.sent_as = _send(proposal, made.challenge, chosen, actor, at)
    made.save()
    _record(proposal, "answer_onward", actor, at, note=str(made.state))
    return made


def open_files(proposal: Proposal) -> ProposalFileQuerySet:
    """What the proposer may let go along: never what is marked as confidential."""
    return proposal.files.kept().filter(is_confidential=False)


def _send(
    proposal: Proposal,
    challenge: Challenge,
    chosen: Iterable[ProposalFile],
    actor: Person | None,
    at: dt.datetime,
) -> Proposal:
    copy = intake.start_draft(
        organization=challenge.organization,
        kind=ProposalKind(proposal.kind),
        actor=actor,
        proposer=proposal.proposer,
        challenge=challenge,
        origin=Origin.CALL,
        at=at,
    )
    for name in _CARRIED:
        setattr(copy, name, getattr(proposal, name))
    copy.save()
    copy.fields.set(proposal.fields.all())
    known = ProposerContact.objects.filter(proposal=proposal).first()
    if known is not None:
        ProposerContact.objects.filter(proposal=copy).update(
            name=known.name, email=known.email, phone=known.phone, verified_at=known.verified_at
        )
    files.carry(chosen, to=copy, at=at)
    return intake.receive(flow.locked(copy.pk), actor=actor, at=at)


def _record(proposal: Proposal, action: str, actor: Person | None, at: dt.datetime, note: str = "") -> None:
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
