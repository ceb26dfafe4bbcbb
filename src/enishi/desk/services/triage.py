"""Suggestions stored, and what people did with them."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.desk import cases, triage
from enishi.desk.access import proposal_access
from enishi.desk.enums import SuggestionAnswer, SuggestionKind
from enishi.desk.models import Proposal, Suggestion
from enishi.desk.services import flow
from enishi.organizations.models import Section


def suggest(*, proposal_id: int, actor: Person, at: dt.datetime) -> list[Suggestion]:
    """Look anew. What was answered already stays answered and is not offered twice."""
    proposal = Proposal.objects.select_related("organization").get(pk=proposal_id)
    proposal_access.require(actor, "triage", proposal)
    cases.refresh([proposal], at=at)
    today = timezone.localdate(at)
    sections = list(Section.objects.open_on(today).filter(organization_id=proposal.organization_id))
    found = triage.look(proposal, actor, sections)
    return _store(proposal, found, at)


@transaction.atomic
def _store(proposal: Proposal, found: list[triage.Found], at: dt.datetime) -> list[Suggestion]:
    flow.locked(proposal.pk)
    proposal.suggestions.filter(answer=SuggestionAnswer.WAITING).delete()
    answered = {_key(one) for one in proposal.suggestions.all()}
    Suggestion.objects.bulk_create(
        Suggestion(
            proposal=proposal,
            kind=one.kind,
            section=one.section,
            challenge=one.challenge,
            similar=one.similar,
            code=one.code,
            score=one.score,
            reasons=one.reasons,
            made_at=at,
        )
        for one in found
        if one.key not in answered
    )
    return list(proposal.suggestions.select_related("section", "challenge", "similar"))


def _key(one: Suggestion) -> tuple[str, int, str]:
    return one.kind, one.section_id or one.challenge_id or one.similar_id or 0, one.code


@transaction.atomic
def answer_suggestion(*, suggestion_id: int, accepts: bool, actor: Person, at: dt.datetime) -> Suggestion:
    """The officer's word on one suggestion. Accepting a challenge ties the proposal to it; all else is the officer's to do."""
    row = Suggestion.objects.select_for_update(of=("self",)).select_related("proposal").get(pk=suggestion_id)
    proposal = flow.locked(row.proposal_id)
    proposal_access.require(actor, "triage", proposal)
    row.answer = SuggestionAnswer.ACCEPTED if accepts else SuggestionAnswer.REJECTED
    row.answered_by, row.answered_at = actor, at
    row.save(update_fields=["answer", "answered_by", "answered_at"])
    if accepts and row.kind == SuggestionKind.CHALLENGE:
        proposal.challenge_id = row.challenge_id
        flow.save(proposal, actor=actor, at=at)
    flow.record(
        proposal,
        "answer_suggestion",
        actor=actor,
        at=at,
        note=f"{row.get_kind_display()}: {row.get_answer_display()}",
    )
    return row
