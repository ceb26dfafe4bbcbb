"""庁内照会: several sections asked at once, answered by one click, reminded, escalated, passed on without losing the clock."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from enishi.accounts.models import Person
from enishi.desk.access import consultation_access, proposal_access
from enishi.desk.enums import ConsultationAnswer, LinkPurpose, ProposalStatus
from enishi.desk.errors import ReasonNeededError, RefusedError
from enishi.desk.essence import essence
from enishi.desk.models import (
    Consultation,
    ConsultationQuerySet,
    DeskSettings,
    Proposal,
    Routing,
    SecretLink,
    SectionMailbox,
    StageEntry,
)
from enishi.desk.services import flow, letters, links
from enishi.foundation import trail
from enishi.foundation.business_days import after_business_days, business_days_between
from enishi.foundation.days import day_in_words
from enishi.foundation.forms import clean_text
from enishi.notifications.services import notify
from enishi.organizations.enums import Role
from enishi.organizations.models import Membership, Section

MOST_AT_ONCE = 20
EXTRACT = 300
WEIGHT = {ConsultationAnswer.INTERESTED: 1.0, ConsultationAnswer.CONDITIONAL: 0.7}
"""What an answer teaches about which section such proposals belong to."""
ANSWERING = (Role.MANAGER, Role.OFFICER, Role.PLANNER, Role.ADMINISTRATOR)
HOW_TO_REACH = _lazy(
    "電話などで伝え、回答は提案のページから代わりに入れてください。課のメールアドレスは「窓口の設定」で決められます。"
)


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
        proposal = flow.move(proposal_id=proposal.pk, status=ProposalStatus.CHECKING, actor=actor, at=at)
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
    _tell(consultation, at)
    return consultation


def _begin_stretch(consultation: Consultation, actor: Person | None, at: dt.datetime) -> None:
    StageEntry.objects.create(
        proposal=consultation.proposal,
        organization_id=consultation.proposal.organization_id,
        stage=ProposalStatus.CONSULTING,
        section=consultation.section,
        consultation=consultation,
        entered_at=at,
        due_on=consultation.due_on,
        actor=actor,
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
    *, consultation_id: int, section: Section, actor: Person | None, at: dt.datetime, reason: str = ""
) -> Consultation:
    """Pass a question on to the right section. When it was asked and until when it is due stay as they are."""
    consultation = _locked(consultation_id)
    if actor is not None:
        consultation_access.require(actor, "answer", consultation)
    _refuse_over(consultation)
    proposal = consultation.proposal
    target = current_section(section, timezone.localdate(at))
    if target.organization_id != proposal.organization_id:
        raise RefusedError(_("回せるのは、同じ自治体の課だけです。"))
    if target.pk == consultation.section_id:
        raise RefusedError(_("いまの課と同じです。回す先の課を選んでください。"))
    if proposal.consultations.waiting().filter(section=target).exclude(pk=consultation.pk).exists():
        raise RefusedError(
            _("「%(name)s」には別に照会しています。そちらの回答を待ってください。") % {"name": target.name}
        )
    before = consultation.section
    _end_stretches(consultation, at)
    consultation.section = target
    consultation.save(update_fields=["section"])
    _revoke_links(consultation, at)
    _begin_stretch(consultation, actor, at)
    note = _("%(before)sから%(after)sへ回しました") % {"before": before.name, "after": target.name}
    _record(consultation, "transfer_consultation", actor=actor, at=at, note=f"{note} {reason}".strip()[:300])
    _tell(consultation, at)
    return consultation


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
    _remind(consultation, at)
    return consultation


def make_round(at: dt.datetime) -> int:
    """Once a day: remind the day before and once it is late; tell the manager when it stays late; follow closed sections."""
    today = timezone.localdate(at)
    tomorrow = after_business_days(today, 1)
    acted = 0
    for consultation in list(_waiting().filter(due_on__lte=tomorrow).order_by("due_on", "pk")[:2_000]):
        acted += _follow_up(consultation, today, at)
    closed = _waiting().filter(section__valid_to__lt=today)
    for consultation in list(closed[:500]):
        try:
            transfer(
                consultation_id=consultation.pk,
                section=current_section(consultation.section, today),
                actor=None,
                at=at,
                reason=_("課の廃止による引き継ぎ"),
            )
        except RefusedError as refused:
            letters.tell_desk(consultation.proposal, kind="desk_overdue", title=refused.sentence[:200], at=at)
        acted += 1
    return acted


def _waiting() -> ConsultationQuerySet:
    return Consultation.objects.waiting().select_related(
        "proposal__organization", "proposal__officer", "section"
    )


def _follow_up(consultation: Consultation, today: dt.date, at: dt.datetime) -> int:
    late = business_days_between(consultation.due_on, today)
    if late >= 2 and consultation.escalated_at is None:
        _escalate(consultation, late, at)
        return 1
    if consultation.reminded_on is None or (late >= 1 and consultation.reminded_on <= consultation.due_on):
        _remind(consultation, at)
        return 1
    return 0


def _remind(consultation: Consultation, at: dt.datetime) -> None:
    consultation.reminded_on = timezone.localdate(at)
    consultation.save(update_fields=["reminded_on"])
    _tell(consultation, at, again=True)


def _escalate(consultation: Consultation, late: int, at: dt.datetime) -> None:
    """The manager of the section, and of the sections above it, learn that an answer is missing; so does the desk."""
    consultation.escalated_at = at
    consultation.save(update_fields=["escalated_at"])
    words = {
        "section": consultation.section.name,
        "title": consultation.proposal.title,
        "late": late,
    }
    title = _("照会の回答が%(late)d営業日遅れています: %(section)s「%(title)s」") % words
    managers = _people(_with_parents(consultation.section), (Role.MANAGER,), timezone.localdate(at))
    notify(
        kind="desk_overdue",
        persons=managers,
        title=title,
        url=reverse("desk:consultation", args=[consultation.pk]),
        at=at,
    )
    letters.tell_desk(consultation.proposal, kind="desk_overdue", title=title, at=at)


def _with_parents(section: Section) -> list[Section]:
    found: list[Section] = []
    one: Section | None = section
    while one is not None and one not in found:
        found.append(one)
        one = one.parent
    return found


def _people(sections: Sequence[Section], roles: Sequence[Role], today: dt.date) -> list[Person]:
    places = Membership.objects.current(today).filter(
        section__in=sections, role__in=list(roles), person__is_active=True
    )
    return list(Person.objects.filter(pk__in=places.values("person_id")).order_by("pk"))


def _tell(consultation: Consultation, at: dt.datetime, *, again: bool = False) -> None:
    """A notice on the page and a letter with the link to answer: to the section's people and to its mailbox."""
    proposal, today = consultation.proposal, timezone.localdate(at)
    people = _people([consultation.section], ANSWERING, today)
    words = {"title": proposal.title, "due": day_in_words(consultation.due_on)}
    title = (
        _("回答をお待ちしています(%(due)sまで): 「%(title)s」")
        if again
        else _("庁内照会: 「%(title)s」(%(due)sまで)")
    ) % words
    notify(
        kind="desk_consultation",
        persons=people,
        title=title,
        url=reverse("desk:consultation", args=[consultation.pk]),
        at=at,
    )
    receivers = _receivers(consultation.section, people)
    if not receivers:
        letters.tell_desk(
            proposal,
            kind="desk_overdue",
            title=_("照会が届く人のいない課: %(section)s「%(title)s」")
            % {"section": consultation.section.name, "title": proposal.title},
            body=str(HOW_TO_REACH),
            at=at,
        )
    body = _letter(consultation)
    for address, person in receivers.items():
        link = links.make(
            LinkPurpose.ANSWER,
            proposal,
            at=at,
            open_for=links.ANSWER_OPEN,
            consultation=consultation,
            person=person,
        )
        letters.write(proposal, to=address, subject=title, body=body, link=link, at=at)


def _receivers(section: Section, people: Sequence[Person]) -> dict[str, Person | None]:
    mailbox = SectionMailbox.objects.filter(section=section).first()
    receivers: dict[str, Person | None] = {person.email: person for person in people}
    if mailbox is not None:
        receivers.setdefault(mailbox.email, None)
    return receivers


def unheard(asked: Sequence[Consultation], today: dt.date) -> list[str]:
    """The sections where nobody has an account and no mailbox is written down: the question reached nobody."""
    return [
        one.section.name
        for one in asked
        if not _receivers(one.section, _people([one.section], ANSWERING, today))
    ]


def _letter(consultation: Consultation) -> str:
    proposal = consultation.proposal
    asked = _(
        "窓口に届いた提案について、%(due)sまでに、関心あり・条件付き・対象外のどれかをお答えください。"
    ) % {"due": day_in_words(consultation.due_on)}
    summary = proposal.summary
    if len(summary) > EXTRACT:
        summary = _("%(text)s\n(抜き書きです。全文は下のアドレスで読めます)") % {
            "text": essence(summary, most=EXTRACT)
        }
    parts = [
        _("%(section)s あて") % {"section": consultation.section.name},
        asked,
        _("聞きたいこと: %(question)s") % {"question": consultation.question}
        if consultation.question
        else "",
        _("提案: %(title)s") % {"title": proposal.title},
        _("提案者: %(name)s") % {"name": proposal.proposer_name or _("未記入")},
        summary,
        _("次のアドレスを開くと、サインインしなくても答えられます。"),
    ]
    return "\n\n".join(part for part in parts if part)


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
