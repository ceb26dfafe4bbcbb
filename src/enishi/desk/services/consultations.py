"""庁内照会: several sections asked at once, answered by one click, reminded, escalated, passed on without losing the clock."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.desk.access import consultation_access, proposal_access
from enishi.desk.enums import ConsultationAnswer, ProposalStatus
from enishi.desk.errors import ReasonNeededError, RefusedError
from enishi.desk.models import (
    Consultation,
    DeskSettings,
    Proposal,
    Routing,
    SecretLink,
    StageEntry,
)
from enishi.desk.services import consultation_letters, flow, letters
from enishi.foundation import trail
from enishi.foundation.business_days import after_business_days
from enishi.foundation.forms import clean_text
from enishi.foundation.sentences import gettext as _
from enishi.organizations.models import Section

MOST_AT_ONCE = 20
WEIGHT = {ConsultationAnswer.INTERESTED: 1.0, ConsultationAnswer.CONDITIONAL: 0.7}
"""What an answer teaches about which section such proposals belong to."""


@transaction.atomic
def consult(
    *,
    proposal_id: int,
    sections: Sequence[Section],
    actor: Person,
    at: dt.datetime,
    question: str = "",
    business_days: int | None = None,
) -> list[Consultation]:
    """Ask several sections at the same time; the proposal is in 庁内照会 from now on."""
    proposal = flow.locked(proposal_id)
    proposal_access.require(actor, "consult", proposal)
    chosen = _open_ones(proposal, sections, timezone.localdate(at))
    if proposal.stage == ProposalStatus.RECEIVED:
        # The proposer hears of the second step alone: both are taken in the same minute.
        proposal = flow.move(
            proposal_id=proposal.pk, status=ProposalStatus.CHECKING, actor=actor, at=at, tells=False
        )
    if proposal.stage in {ProposalStatus.CHECKING, ProposalStatus.IN_DIALOGUE}:
        proposal = flow.move(proposal_id=proposal.pk, status=ProposalStatus.CONSULTING, actor=actor, at=at)
    if proposal.stage != ProposalStatus.CONSULTING:
        raise RefusedError(
            _("「%(stage)s」の提案は照会できません。確認か対話の段階で照会してください。")
            % {"stage": proposal.stage.label}
        )
    days = business_days or _usual_days(proposal.organization_id)
    if not 1 <= days <= 60:
        raise RefusedError(_("回答期限は1営業日から60営業日までで選んでください。"))
    due_on = after_business_days(timezone.localdate(at), days)
    return [_ask(proposal, section, question, due_on, actor, at) for section in chosen]


def _open_ones(proposal: Proposal, sections: Sequence[Section], today: dt.date) -> list[Section]:
    """The sections as they are today: an abolished one is followed to its successor; one asked already is left out."""
    if not sections:
        raise RefusedError(_("照会する課を一つ以上選んでください。"))
    asked = set(proposal.consultations.waiting().values_list("section_id", flat=True))
    found: dict[int, Section] = {}
    for section in sections:
        if section.organization_id != proposal.organization_id:
            raise RefusedError(_("照会できるのは、提案を受けた自治体の課だけです。"))
        current = current_section(section, today)
        if current.pk not in asked:
            found[current.pk] = current
    if not found:
        raise RefusedError(_("選ばれた課には、もう照会しています。回答を待つか、別の課を選んでください。"))
    if len(found) > MOST_AT_ONCE:
        raise RefusedError(_("一度に照会できるのは%(most)d課までです。") % {"most": MOST_AT_ONCE})
    return list(found.values())


def current_section(section: Section, today: dt.date) -> Section:
    """The section itself while it is open, else the first open one that took its work over."""
    seen: set[int] = set()
    edge = [section]
    while edge:
        one = edge.pop(0)
        if one.valid_to is None or one.valid_to >= today:
            return one
        seen.add(one.pk)
        edge += [each for each in one.successors.order_by("pk") if each.pk not in seen]
    raise RefusedError(
        _("「%(name)s」は廃止され、引き継ぐ課が登録されていません。別の課を選んでください。")
        % {"name": section.name}
    )


def _usual_days(organization_id: int) -> int:
    chosen = DeskSettings.objects.filter(organization_id=organization_id).first()
    return chosen.consultation_days if chosen else 5


def _ask(
    proposal: Proposal, section: Section, question: str, due_on: dt.date, actor: Person, at: dt.datetime
) -> Consultation:
    consultation = Consultation.objects.create(
        proposal=proposal,
        section=section,
        question=clean_text(question, lines=True)[:2_000],
        asked_by=actor,
        asked_at=at,
        due_on=due_on,
    )
    _begin_stretch(consultation, actor, at)
    _record(consultation, "consult", actor=actor, at=at, note=section.name)
    consultation_letters.tell(consultation, at)
    return consultation


def _begin_stretch(
    consultation: Consultation, actor: Person | None, at: dt.datetime, reason: str = ""
) -> None:
    StageEntry.objects.create(
        proposal=consultation.proposal,
        organization_id=consultation.proposal.organization_id,
        stage=ProposalStatus.CONSULTING,
        section=consultation.section,
        consultation=consultation,
        entered_at=at,
        due_on=consultation.due_on,
        actor=actor,
        reason=reason,
    )


@transaction.atomic
def answer(
    *,
    consultation_id: int,
    verdict: ConsultationAnswer,
    actor: Person,
    at: dt.datetime,
    reason: str = "",
) -> Consultation:
    """Answer for the section, from the page."""
    consultation = _locked(consultation_id)
    consultation_access.require(actor, "answer", consultation)
    return _answer(consultation, verdict, reason, person=actor, by_link=False, at=at)


@transaction.atomic
def answer_by_link(
    *, link_id: int, verdict: ConsultationAnswer, at: dt.datetime, reason: str = ""
) -> Consultation:
    """Answer for the section, from the letter; the caller has proved the secret."""
    link = SecretLink.objects.select_for_update(of=("self",)).select_related("person").get(pk=link_id)
    assert link.consultation_id is not None
    consultation = _answer(
        _locked(link.consultation_id), verdict, reason, person=link.person, by_link=True, at=at
    )
    link.used_at = at
    link.save(update_fields=["used_at"])
    return consultation


def _answer(
    consultation: Consultation,
    verdict: ConsultationAnswer,
    reason: str,
    *,
    person: Person | None,
    by_link: bool,
    at: dt.datetime,
) -> Consultation:
    _refuse_over(consultation)
    reason = clean_text(reason, lines=True).strip()[:2_000]
    verdict = ConsultationAnswer(verdict)
    if verdict != ConsultationAnswer.INTERESTED and not reason:
        raise ReasonNeededError(
            _("「条件付き」「対象外」のときは、条件か理由を書いてください。庁内だけで読みます。")
        )
    consultation.answer, consultation.reason = verdict, reason
    consultation.answered_at, consultation.answered_by = at, person
    consultation.answered_by_link = by_link
    consultation.save()
    _end_stretches(consultation, at)
    if verdict in WEIGHT:
        _learn(consultation.proposal, consultation.section, WEIGHT[verdict], at)
    _record(consultation, "answer_consultation", actor=person, at=at, note=_said(consultation))
    letters.tell_desk(
        consultation.proposal,
        kind="desk_message",
        title=_("照会の回答: %(section)s「%(answer)s」 %(title)s")
        % {
            "section": consultation.section.name,
            "answer": verdict.label,
            "title": consultation.proposal.title,
        },
        at=at,
    )
    return consultation


def _said(consultation: Consultation) -> str:
    return f"{consultation.section.name}: {consultation.get_answer_display()}"


def _learn(proposal: Proposal, section: Section, weight: float, at: dt.datetime) -> None:
    Routing.objects.update_or_create(
        proposal=proposal,
        section=section,
        defaults={"organization_id": proposal.organization_id, "weight": weight, "at": at},
    )


@transaction.atomic
def transfer(
    *, consultation_id: int, section: Section, actor: Person, at: dt.datetime, reason: str
) -> Consultation:
    """Pass a question on to the right section. When it was asked and until when it is due stay as they are."""
    consultation = _locked(consultation_id)
    consultation_access.require(actor, "answer", consultation)
    return _pass_on(consultation, section, reason, person=actor, at=at)


@transaction.atomic
def transfer_by_link(*, link_id: int, section: Section, at: dt.datetime, reason: str) -> Consultation:
    """Pass a question on from the letter; the caller has proved the secret."""
    link = SecretLink.objects.select_for_update(of=("self",)).select_related("person").get(pk=link_id)
    assert link.consultation_id is not None
    consultation = _pass_on(_locked(link.consultation_id), section, reason, person=link.person, at=at)
    SecretLink.objects.filter(pk=link.pk).update(used_at=at)
    return consultation


@transaction.atomic
def follow(*, consultation_id: int, section: Section, at: dt.datetime) -> Consultation:
    """Nobody's act: the question goes where a reorganisation put the work of ``section``."""
    reason = _("課の廃止による引き継ぎ")
    return _pass_on(_locked(consultation_id), section, reason, person=None, at=at)


def _pass_on(
    consultation: Consultation, section: Section, reason: str, *, person: Person | None, at: dt.datetime
) -> Consultation:
    _refuse_over(consultation)
    target = _target(consultation, section, timezone.localdate(at))
    reason = clean_text(reason).strip()[:200]
    if not reason:
        raise ReasonNeededError(_("なぜその課かを、ひとこと書いてください。次の課と窓口が読みます。"))
    before = consultation.section
    _end_stretches(consultation, at)
    consultation.section = target
    consultation.save(update_fields=["section"])
    _revoke_links(consultation, at)
    _begin_stretch(consultation, person, at, reason)
    words = {"before": before.name, "after": target.name, "title": consultation.proposal.title}
    note = _("%(before)sから%(after)sへ回しました") % words
    _record(consultation, "transfer_consultation", actor=person, at=at, note=f"{note} {reason}"[:300])
    letters.tell_desk(
        consultation.proposal,
        kind="desk_message",
        title=_("照会が回りました: %(before)sから%(after)sへ %(title)s") % words,
        body=reason,
        at=at,
    )
    consultation_letters.tell(consultation, at)
    return consultation


def _target(consultation: Consultation, section: Section, today: dt.date) -> Section:
    """Where the question goes: the section chosen as it is today."""
    proposal, target = consultation.proposal, current_section(section, today)
    if target.organization_id != proposal.organization_id:
        raise RefusedError(_("回せるのは、同じ自治体の課だけです。"))
    if target.pk == consultation.section_id:
        raise RefusedError(_("いまの課と同じです。回す先の課を選んでください。"))
    if proposal.consultations.waiting().filter(section=target).exclude(pk=consultation.pk).exists():
        raise RefusedError(
            _("「%(name)s」には別に照会しています。そちらの回答を待ってください。") % {"name": target.name}
        )
    return target


@transaction.atomic
def cancel(*, consultation_id: int, actor: Person, at: dt.datetime) -> Consultation:
    """Take a question back."""
    consultation = _locked(consultation_id)
    consultation_access.require(actor, "cancel", consultation)
    _refuse_over(consultation)
    consultation.cancelled_at = at
    consultation.save(update_fields=["cancelled_at"])
    _end_stretches(consultation, at)
    _revoke_links(consultation, at)
    _record(consultation, "cancel_consultation", actor=actor, at=at, note=consultation.section.name)
    return consultation


@transaction.atomic
def remind(*, consultation_id: int, actor: Person, at: dt.datetime) -> Consultation:
    """Send the question once more, with the same day."""
    consultation = _locked(consultation_id)
    consultation_access.require(actor, "cancel", consultation)
    _refuse_over(consultation)
    remind_again(consultation, at)
    return consultation


def remind_again(consultation: Consultation, at: dt.datetime) -> None:
    consultation.reminded_on = timezone.localdate(at)
    consultation.save(update_fields=["reminded_on"])
    consultation_letters.tell(consultation, at, again=True)


def _revoke_links(consultation: Consultation, at: dt.datetime) -> None:
    consultation.links.filter(revoked_at__isnull=True).update(revoked_at=at)


def _end_stretches(consultation: Consultation, at: dt.datetime) -> None:
    for stretch in consultation.stretches.filter(left_at__isnull=True):
        flow.leave(stretch, at)


def _locked(consultation_id: int) -> Consultation:
    rows = Consultation.objects.select_for_update(of=("self",)).select_related(
        "proposal__organization", "proposal__officer", "section"
    )
    return rows.get(pk=consultation_id)


def _refuse_over(consultation: Consultation) -> None:
    if consultation.cancelled_at is not None:
        raise RefusedError(_("この照会は取りやめになりました。お答えいただく必要はありません。"))
    if consultation.answered_at is not None:
        raise RefusedError(
            _("この照会にはもう「%(answer)s」と答えてあります。変えるときは窓口に連絡してください。")
            % {"answer": consultation.get_answer_display()}
        )


def _record(
    consultation: Consultation, action: str, *, actor: Person | None, at: dt.datetime, note: str
) -> None:
    trail.record(
        trail.Act(
            actor=actor,
            action=action,
            subject=consultation.proposal,
            at=at,
            organization_id=consultation.proposal.organization_id,
            note=note,
        )
    )
