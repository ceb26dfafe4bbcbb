"""Words to begin the first reply from: the desk's templates and messages, and its own first replies in like cases."""

from collections import Counter

from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.desk import drafting
from enishi.desk.access import proposal_access
from enishi.desk.decisions.models import FirstReply
from enishi.desk.drafting import Offer
from enishi.desk.models import Proposal
from enishi.language.tokens import content_words

LOOKED_AT = 200
SHOWN = 3


def offers(proposal: Proposal, actor: Person) -> list[Offer]:
    """Texts to begin from, each with where it is from. Nothing is invented."""
    return [*drafting.offers(proposal, actor), *_first_replies(proposal, actor)]


def chosen(proposal: Proposal, key: str, actor: Person) -> str:
    return next((offer.text for offer in offers(proposal, actor) if offer.key == key), "") if key else ""


def _first_replies(proposal: Proposal, actor: Person) -> list[Offer]:
    asked = Counter(content_words(f"{proposal.title}\n{proposal.summary}"[:3_000]))
    cases = proposal_access.visible(actor).filter(organization_id=proposal.organization_id)
    rows = (
        FirstReply.objects.filter(proposal__in=cases)
        .exclude(proposal=proposal)
        .select_related("proposal")
        .order_by("-replied_at", "-pk")[:LOOKED_AT]
    )
    scored = []
    for row in rows:
        words = set(content_words(f"{row.proposal.title}\n{row.text}"[:2_000]))
        shared = [word for word in asked if word in words]
        if len(shared) >= 2:
            scored.append((len(shared) / (1 + len(words)) ** 0.5, row, shared))
    scored.sort(key=lambda one: (-one[0], -one[1].pk))
    return [
        Offer(
            f"f{row.pk}",
            _("「%(title)s」への最初の返事(%(verdict)s)")
            % {"title": row.proposal.title, "verdict": row.get_verdict_display()},
            row.text,
            _("同じ言葉: %(words)s") % {"words": _("・").join(shared[:4])},
        )
        for _score, row, shared in scored[:SHOWN]
    ]
