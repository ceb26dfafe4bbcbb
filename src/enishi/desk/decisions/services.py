"""First replies, decisions and their publication."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.desk.access import proposal_access
from enishi.desk.decisions.enums import AGAINST, FOR, FirstVerdict, Reason, Verdict
from enishi.desk.decisions.models import Decision, FirstReply, ReplyEscalation
from enishi.desk.decisions.names import in_public
from enishi.desk.enums import OPEN_STATUSES, ProposalStatus
from enishi.desk.models import Proposal
from enishi.desk.services import flow, letters
from enishi.exchange.errors import RefusedError
from enishi.foundation import trail
from enishi.foundation.days import day_in_words
from enishi.foundation.forms import clean_text
from enishi.foundation.sentences import gettext as _
from enishi.foundation.sentences import spoken
from enishi.notifications.services import notify
from enishi.organizations.enums import Role

REPLY_WITHIN = dt.timedelta(days=14)
AT_A_TIME = 200
_STATUS = {
    Verdict.ADOPTED: ProposalStatus.ADOPTED,
    Verdict.TRIAL: ProposalStatus.TRIAL,
    Verdict.DECLINED: ProposalStatus.DECLINED,
}


class AlreadyDecidedError(RefusedError):
    """Somebody else was faster: the sentence says who, when and what."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(
            _(
                "この提案は%(when)sに%(who)sが「%(what)s」と決定しました。変えるときは、提案のページで「確認」に戻してから決定し直してください。"
            )
            % {
                "when": day_in_words(timezone.localdate(decision.decided_at)),
                "who": decision.decided_by.name,
                "what": decision.get_verdict_display(),
            }
        )


class AlreadyRepliedError(RefusedError):
    def __init__(self, reply: FirstReply) -> None:
        super().__init__(
            _(
                "この提案には%(when)sに%(who)sが「%(what)s」と返事をしました。続きは返信か決定で知らせてください。"
            )
            % {
                "when": day_in_words(timezone.localdate(reply.replied_at)),
                "who": reply.replied_by.name,
                "what": reply.get_verdict_display(),
            }
        )


def reasons_for(verdict: str) -> tuple[Reason, ...]:
    """The reasons that go with an answer: those that speak for it, or those against."""
    return FOR if verdict in {FirstVerdict.GO_ON, Verdict.ADOPTED, Verdict.TRIAL} else AGAINST


def reply_due(proposal: Proposal) -> dt.date | None:
    """By when the first reply is promised; nothing for a draft."""
    return timezone.localdate(proposal.received_at + REPLY_WITHIN) if proposal.received_at else None


@transaction.atomic
def reply_first(
    *,
    proposal_id: int,
    verdict: FirstVerdict,
    reasons: Sequence[str],
    sentence: str,
    text: str,
    actor: Person,
    at: dt.datetime,
    version: int | None = None,
) -> FirstReply:
    """Tell the proposer 進む, 保留 or 見送り with reasons: the first word they get, and only once."""
    proposal = flow.locked(proposal_id)
    proposal_access.require(actor, "reply", proposal)
    known = FirstReply.objects.filter(proposal=proposal).select_related("replied_by").first()
    if known is not None:
        raise AlreadyRepliedError(known)
    if not proposal.stage.is_open:
        raise RefusedError(
            _("この提案は「%(now)s」です。最初の返事は、受け付けてから決定までのあいだに行います。")
            % {"now": proposal.get_status_display()}
        )
    reasons, sentence = _checked(verdict, reasons, sentence)
    text = clean_text(text, lines=True).strip()[:8_000]
    if not text:
        raise RefusedError(_("返信の本文が空です。"))
    reply = FirstReply.objects.create(
        proposal=proposal,
        verdict=verdict,
        reasons=reasons,
        sentence=sentence[:500],
        text=text,
        replied_at=at,
        replied_by=actor,
    )
    _go_on_after(proposal, verdict, sentence, actor, at, version)
    Proposal.objects.filter(pk=proposal.pk, first_reply_at__isnull=True).update(first_reply_at=at)
    _record(proposal, "reply_first", actor, at, {}, note=spoken(FirstVerdict(verdict).label))
    letters.tell_proposer(
        proposal,
        title=_("ご提案「%(title)s」へのお返事") % {"title": proposal.title},
        body=text,
        at=at,
    )
    return reply


def _go_on_after(
    proposal: Proposal,
    verdict: FirstVerdict,
    sentence: str,
    actor: Person,
    at: dt.datetime,
    version: int | None,
) -> None:
    """What the answer means for the way of the proposal."""
    if proposal.stage == ProposalStatus.RECEIVED and verdict != FirstVerdict.HOLD:
        flow.move(
            proposal_id=proposal.pk,
            status=ProposalStatus.CHECKING,
            actor=actor,
            at=at,
            version=version,
            tells=False,
        )
    if verdict == FirstVerdict.DECLINE:
        flow.move(
            proposal_id=proposal.pk,
            status=ProposalStatus.DECLINED,
            actor=actor,
            at=at,
            reason=sentence[:500],
            tells=False,
        )


@transaction.atomic
def decide(
    *,
    proposal_id: int,
    verdict: Verdict,
    reasons: Sequence[str],
    sentence: str,
    actor: Person,
    at: dt.datetime,
    conditions: str = "",
    letter_number: str = "",
    signatory: str = "",
    version: int | None = None,
) -> Decision:
    """Decide on a proposal, with reasons. Of two officers the second is told what the first decided.

    A proposal that was taken up again after its decision, and a trial that ends, are decided anew; the record of acts keeps both.
    """
    proposal = flow.locked(proposal_id)
    proposal_access.require(actor, "decide", proposal)
    known = Decision.objects.select_for_update(of=("self",)).filter(proposal=proposal).first()
    after = _STATUS[Verdict(verdict)]
    is_anew = proposal.stage.is_open or (proposal.stage == ProposalStatus.TRIAL and after != proposal.stage)
    if known is not None and not is_anew:
        raise AlreadyDecidedError(known)
    reasons, sentence = _checked(verdict, reasons, sentence)
    if proposal.stage != after:
        flow.move(
            proposal_id=proposal.pk,
            status=after,
            actor=actor,
            at=at,
            reason=sentence[:500],
            version=version,
            tells=False,
        )
    before = trail.values(known, _KEPT) if known else {}
    decision = known or Decision(proposal=proposal)
    decision.verdict, decision.reasons, decision.sentence = verdict, reasons, sentence
    decision.conditions = clean_text(conditions, lines=True).strip()[:2_000]
    decision.letter_number = clean_text(letter_number).strip()[:60]
    decision.signatory = clean_text(signatory).strip()[:100]
    decision.decided_at, decision.decided_by = at, actor
    decision.published_at, decision.public_text = None, ""
    decision.save()
    _record(proposal, "decide", actor, at, trail.differences(before, trail.values(decision, _KEPT)))
    letters.tell_proposer(
        proposal,
        title=_("ご提案「%(title)s」の結果") % {"title": proposal.title},
        body=_("結果: %(verdict)s\n\n%(sentence)s\n\n通知の文書は、提案のページから受け取れます。")
        % {"verdict": Verdict(verdict).label, "sentence": sentence},
        at=at,
    )
    return decision


_KEPT = ("verdict", "reasons", "sentence", "conditions")


def _checked(verdict: str, reasons: Sequence[str], sentence: str) -> tuple[list[str], str]:
    allowed = {str(reason) for reason in reasons_for(verdict)}
    chosen = [str(reason) for reason in reasons if str(reason) in allowed]
    if not chosen:
        raise RefusedError(_("理由を一覧から一つ以上選んでください。"))
    sentence = clean_text(sentence, lines=True).strip()[:2_000]
    if not sentence:
        raise RefusedError(
            _("理由をひとこと書いてください。何が違えば進んだかが分かると、提案者が次に生かせます。")
        )
    return chosen, sentence


@transaction.atomic
def publish_result(
    *,
    decision_id: int,
    public_text: str,
    names_proposer: bool,
    actor: Person,
    at: dt.datetime,
) -> Decision:
    """Show the result to everybody, as far as the proposer agreed, and without what they marked as theirs."""
    decision = Decision.objects.select_for_update().get(pk=decision_id)
    proposal = Proposal.objects.select_related("organization").get(pk=decision.proposal_id)
    proposal_access.require(actor, "decide", proposal)
    if not proposal.agrees_to_publication:
        raise RefusedError(_("提案者が公表に同意していません。同意を得てから公表してください。"))
    public_text = clean_text(public_text, lines=True).strip()[:2_000]
    if not public_text:
        raise RefusedError(_("公表する文を書いてください。"))
    for leak in in_public(proposal, public_text, may_name=names_proposer):
        raise RefusedError(
            _("公表する文に「%(quote)s」が入っています。名前や、提案者が非公開とした内容は載せられません。")
            % {"quote": leak.quote}
        )
    decision.public_text, decision.names_proposer, decision.published_at = public_text, names_proposer, at
    decision.save()
    _record(proposal, "publish_result", actor, at, {})
    return decision


@transaction.atomic
def take_back_result(*, decision_id: int, actor: Person, at: dt.datetime) -> Decision:
    """Show the result to nobody any more; the text stays for whoever publishes it again."""
    decision = Decision.objects.select_for_update(of=("self",)).select_related("proposal").get(pk=decision_id)
    proposal_access.require(actor, "decide", decision.proposal)
    decision.published_at = None
    decision.save(update_fields=["published_at"])
    _record(decision.proposal, "take_back_result", actor, at, {})
    return decision


def overdue(at: dt.datetime) -> Any:
    """Proposals whose first reply is owed for more than fourteen days."""
    return Proposal.objects.filter(
        status__in=OPEN_STATUSES,
        first_reply_at__isnull=True,
        first_reply__isnull=True,
        received_at__lt=at - REPLY_WITHIN,
        deleted_at__isnull=True,
    )


def escalate_overdue(at: dt.datetime) -> int:
    """A round: tell the managers once of each first reply that is owed too long."""
    rows = overdue(at).filter(reply_escalation__isnull=True).select_related("officer").order_by("received_at")
    told = 0
    for proposal in rows[:AT_A_TIME]:
        with transaction.atomic():
            _made, is_new = ReplyEscalation.objects.get_or_create(proposal=proposal, defaults={"told_at": at})
            if is_new:
                _tell_managers(proposal, at)
                told += 1
    return told


def _tell_managers(proposal: Proposal, at: dt.datetime) -> None:
    people = letters.people_with_roles(
        proposal.organization_id, (Role.MANAGER, Role.PLANNER), timezone.localdate(at)
    )
    notify(
        kind="desk_overdue",
        persons=[*people, *([proposal.officer] if proposal.officer else [])],
        title=_("最初の返事が14日を過ぎています: %(number)s %(title)s")
        % {"number": proposal.number, "title": proposal.title},
        url=proposal.get_absolute_url(),
        at=at,
    )


def _record(
    proposal: Proposal,
    action: str,
    actor: Person,
    at: dt.datetime,
    changes: Mapping[str, tuple[Any, Any]],
    note: str = "",
) -> None:
    trail.record(
        trail.Act(
            actor=actor,
            action=action,
            subject=proposal,
            at=at,
            organization_id=proposal.organization_id,
            changes=changes,
            note=note,
        )
    )
