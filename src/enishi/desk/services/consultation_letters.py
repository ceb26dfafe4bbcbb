"""What a section is told about a question: a notice on the page, and a letter with the link to answer."""

import datetime as dt
from collections.abc import Sequence

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _lazy

from enishi.accounts.models import Person
from enishi.desk.access import STAFF_ROLES
from enishi.desk.enums import LinkPurpose
from enishi.desk.essence import essence
from enishi.desk.models import Consultation, SectionMailbox
from enishi.desk.services import letters, links
from enishi.foundation.days import day_in_words
from enishi.foundation.sentences import gettext as _
from enishi.foundation.sentences import spoken
from enishi.notifications.services import notify
from enishi.organizations.enums import Role
from enishi.organizations.models import Membership, Section

EXTRACT = 300
HOW_TO_REACH = _lazy(
    "電話などで伝え、回答は提案のページから代わりに入れてください。課のメールアドレスは「窓口の設定」で決められます。"
)


def tell(consultation: Consultation, at: dt.datetime, *, again: bool = False) -> None:
    """A notice on the page and a letter with the link to answer: to the section's people and to its mailbox."""
    proposal, today = consultation.proposal, timezone.localdate(at)
    people = people_of([consultation.section], STAFF_ROLES, today)
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
            body=spoken(HOW_TO_REACH),
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
    """The section's people, and the address the desk wrote down; without one the address the section itself gives."""
    mailbox = SectionMailbox.objects.filter(section=section).first()
    receivers: dict[str, Person | None] = {person.email: person for person in people}
    address = mailbox.email if mailbox is not None else section.email
    if address:
        receivers.setdefault(address, None)
    return receivers


def unheard(asked: Sequence[Consultation], today: dt.date) -> list[str]:
    """The sections where nobody has an account and no mailbox is written down: the question reached nobody."""
    return [
        one.section.name
        for one in asked
        if not _receivers(one.section, people_of([one.section], STAFF_ROLES, today))
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
        _passed_on(consultation),
        _("聞きたいこと: %(question)s") % {"question": consultation.question}
        if consultation.question
        else "",
        _("提案: %(title)s") % {"title": proposal.title},
        _("提案者: %(name)s") % {"name": proposal.proposer_name or _("未記入")},
        summary,
        _(
            "次のアドレスを開くと、サインインしなくても答えられます。担当の課が違うときは、同じページから正しい課に回せます。"
        ),
    ]
    return "\n\n".join(part for part in parts if part)


def people_of(sections: Sequence[Section], roles: Sequence[Role], today: dt.date) -> list[Person]:
    places = Membership.objects.current(today).filter(
        section__in=sections, role__in=list(roles), person__is_active=True
    )
    return list(Person.objects.filter(pk__in=places.values("person_id")).order_by("pk"))


def _passed_on(consultation: Consultation) -> str:
    """Where it came from and why, for a section it was passed on to."""
    stretches = list(consultation.stretches.select_related("section").order_by("pk"))
    if len(stretches) < 2:
        return ""
    words = {"section": stretches[-2].section, "reason": stretches[-1].reason}
    return _("%(section)sから回ってきました。%(reason)s") % words
