"""Telling the proposer, the desk and the sections: notices to people with an account, letters to everybody else.

A letter is a row first: when the mail server is down it waits, is tried again, and the case's page shows it.
"""

import datetime as dt
from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.desk import post, wording
from enishi.desk.access import DESK_ROLES
from enishi.desk.enums import LinkPurpose, MailState, Origin, ProposalStatus
from enishi.desk.models import Letter, Proposal, ProposerContact, SecretLink
from enishi.desk.services import links
from enishi.foundation.forms import clean_text
from enishi.foundation.sentences import gettext as _
from enishi.foundation.sentences import in_source, joined
from enishi.notifications.services import notify
from enishi.organizations.enums import PARTNER_ROLES, Role
from enishi.organizations.models import Membership, Section

_ADDRESS = {
    LinkPurpose.STATUS.value: "desk:status",
    LinkPurpose.ANSWER.value: "desk:answer_by_link",
    LinkPurpose.DRAFT.value: "desk:draft_by_link",
}


def desk_people(organization_id: int, on: dt.date) -> list[Person]:
    """Whoever stands behind the window of this municipality today."""
    return people_with_roles(organization_id, DESK_ROLES, on)


def people_with_roles(
    organization_id: int, roles: Iterable[Role], on: dt.date, *, section: Section | None = None
) -> list[Person]:
    """The active people with one of these roles; with a section, those of that section where it has any."""
    places = Membership.objects.current(on).filter(
        organization_id=organization_id, role__in=list(roles), person__is_active=True
    )
    if section is not None and places.filter(section=section).exists():
        places = places.filter(section=section)
    return list(Person.objects.filter(pk__in=places.values("person_id")).order_by("pk"))


def tell_desk(proposal: Proposal, *, kind: str, title: str, at: dt.datetime, body: str = "") -> None:
    """Tell the officer of the case, or the whole desk while it has none."""
    officer = proposal.officer
    persons = (
        [officer]
        if officer is not None and officer.is_active
        else desk_people(proposal.organization_id, timezone.localdate(at))
    )
    notify(kind=kind, persons=persons, title=title, body=body, url=proposal.get_absolute_url(), at=at)


def proposers(proposal: Proposal, on: dt.date) -> list[Person]:
    """The people with an account who made the proposal."""
    if proposal.origin == Origin.ON_BEHALF:
        return []
    found = {}
    if proposal.submitted_by is not None:
        found[proposal.submitted_by.pk] = proposal.submitted_by
    if proposal.proposer_id is not None and not found:
        roles = (*PARTNER_ROLES, Role.PLANNER, Role.ADMINISTRATOR)
        found = {one.pk: one for one in people_with_roles(proposal.proposer_id, roles, on)}
    return list(found.values())


def tell_proposer(
    proposal: Proposal, *, title: str, body: str, at: dt.datetime, kind: str = "desk_status"
) -> None:
    """Tell whoever made the proposal, by the way they have."""
    persons = proposers(proposal, timezone.localdate(at))
    if persons:
        notify(kind=kind, persons=persons, title=title, body=body, url=proposal.get_absolute_url(), at=at)
        return
    contact = ProposerContact.objects.filter(proposal=proposal).exclude(email="").first()
    if contact is None or (contact.verified_at is None and proposal.origin != Origin.ON_BEHALF):
        return
    write(
        proposal, to=contact.email, subject=title, body=body, link=links.status_link(proposal, at=at), at=at
    )


def tell_moved(proposal: Proposal, before: ProposalStatus, at: dt.datetime) -> None:
    """What happened, what comes next and by when."""
    title = _("ご提案「%(title)s」は「%(stage)s」になりました") % {
        "title": proposal.title,
        "stage": proposal.stage.label,
    }
    parts = [wording.stage_in_words(proposal.stage), wording.next_in_words(proposal)]
    if proposal.status_reason and wording.tells_reason(before, proposal.stage):
        parts.append(_("理由: %(reason)s") % {"reason": proposal.status_reason})
    tell_proposer(proposal, title=title, body=joined("\n", filter(None, parts)), at=at)


def write(
    proposal: Proposal, *, to: str, subject: str, body: str, at: dt.datetime, link: SecretLink | None = None
) -> Letter:
    """Put a letter into the box; the round that follows sends it."""
    return Letter.objects.create(
        proposal=proposal,
        to=to,
        subject=" ".join(clean_text(in_source(subject)).split())[:200],
        body=clean_text(in_source(body), lines=True),
        link=link,
        written_at=at,
    )


def unsent(proposal: Proposal, at: dt.datetime) -> list[Letter]:
    """What did not go out: refused, or waiting for the server. What the next round will take is nothing to worry about."""
    fresh = Q(state=MailState.WAITING, error="", written_at__gt=at - post.LATE)
    return list(proposal.letters.exclude(state=MailState.SENT).exclude(fresh)[:5])


def send_letters(at: dt.datetime) -> int:
    """Send what waits."""
    waiting = Letter.objects.filter(post.due(at)).select_related("link", "proposal__organization")
    return post.deliver(waiting.order_by("written_at", "pk")[: post.AT_A_TIME], _text, at)


def _text(letter: Letter) -> str:
    parts = [letter.body]
    if letter.link is not None:
        path = reverse(_ADDRESS[letter.link.purpose], args=[links.secret_of(letter.link)])
        parts.append(f"{settings.SITE_ADDRESS}{path}")
        parts.append(_("このアドレスを知っている人はだれでも開けます。ほかの人に渡さないでください。"))
    parts.append(f"{letter.proposal.organization.name} / {_('縁 Enishi')}")
    return "\n\n".join(parts)
