"""Wording to begin a reply from: the municipality's templates and its own past replies in like cases. Nothing is invented."""

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.desk.access import proposal_access
from enishi.desk.enums import Speaker
from enishi.desk.models import Message, Proposal, ReplyTemplate
from enishi.language.tokens import content_words

LOOKED_AT = 200
SHOWN = 3


@dataclass(frozen=True)
class Offer:
    """A text to begin from, where it is from, and why it is offered."""

    key: str
    title: str
    text: str
    why: str


def offers(proposal: Proposal, actor: Person) -> list[Offer]:
    """Templates for this stage first, then replies that were written in like cases."""
    return [*_templates(proposal), *_past_replies(proposal, actor)]


def chosen(proposal: Proposal, key: str, actor: Person) -> str:
    return next((offer.text for offer in offers(proposal, actor) if offer.key == key), "") if key else ""


def _templates(proposal: Proposal) -> list[Offer]:
    rows = ReplyTemplate.objects.filter(
        organization_id=proposal.organization_id, is_active=True, stage__in=["", proposal.status]
    )
    return [Offer(f"t{row.pk}", row.title, _filled(row.body, proposal), _("ひな形")) for row in rows[:10]]


def _filled(body: str, proposal: Proposal) -> str:
    """{題名} {受付番号} {提案者} {自治体} are put in; anything else stays as it is written."""
    for name, value in {
        "題名": proposal.title,
        "受付番号": proposal.number,
        "提案者": proposal.proposer_name,
        "自治体": proposal.organization.name,
    }.items():
        body = body.replace("{" + name + "}", value)
    return body


def _past_replies(proposal: Proposal, actor: Person) -> list[Offer]:
    """Replies of this desk in cases the reader may see, nearest in words."""
    asked = Counter(content_words(f"{proposal.title}\n{proposal.summary}"[:3_000]))
    cases = proposal_access.visible(actor).filter(organization_id=proposal.organization_id)
    rows = (
        Message.objects.filter(side=Speaker.DESK, proposal__in=cases)
        .exclude(proposal=proposal)
        .select_related("proposal")
        .order_by("-written_at", "-pk")[:LOOKED_AT]
    )
    scored = []
    for row in rows:
        words = set(content_words(f"{row.proposal.title}\n{row.body}"[:2_000]))
        shared = [word for word in asked if word in words]
        if len(shared) >= 2:
            scored.append((len(shared) / (1 + len(words)) ** 0.5, row, shared))
    scored.sort(key=lambda one: (-one[0], -one[1].pk))
    return [
        Offer(
            f"m{row.pk}",
            _("「%(title)s」への返信") % {"title": row.proposal.title},
            row.body,
            _("同じ言葉: %(words)s") % {"words": _("・").join(shared[:4])},
        )
        for _score, row, shared in scored[:SHOWN]
    ]
