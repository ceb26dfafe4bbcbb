"""What a text for everybody may not say about one proposal: who made it, and what they marked as theirs.

Loaded only to be compared, never to be shown: what is quoted stands in the text that somebody is about to publish.
"""

import re
from collections.abc import Sequence

from enishi.desk.models import ConfidentialPart, Proposal, ProposerContact
from enishi.desk.soundings.leaks import Leak, Private, leaks, plain
from enishi.organizations.enums import OrganizationKind
from enishi.organizations.models import Organization
from enishi.organizations.selectors import name_core

_EVERYDAY = re.compile(r"[ぁ-ん]{1,4}|.{1,2}")
"""Names so short, or of a few hiragana only, are words of every day too."""
_PUBLIC = [kind for kind in OrganizationKind if kind.is_public_body]


def in_public(proposal: Proposal, text: str, *, may_name: bool = False) -> list[Leak]:
    """Names of the proposer (unless they may be named) and wording of confidential parts that stand in the text."""
    people = ProposerContact.objects.filter(proposal=proposal).values_list("name", flat=True)
    names: Sequence[str] = [
        proposal.proposer_name,
        proposal.proposer.name if proposal.proposer else "",
        *people,
        proposal.submitted_by.name if proposal.submitted_by else "",
    ]
    parts = [f"{part.heading}\n{part.text}" for part in ConfidentialPart.objects.filter(proposal=proposal)]
    found = leaks(
        text, [Private(proposal.pk, [name for name in names if name], parts)], known=_open(proposal)
    )
    return [leak for leak in found if not (may_name and leak.kind == "name")]


def partners_in(text: str) -> list[Leak]:
    """Registered partners whose name stands in the text; the towns themselves may be named."""
    said = plain(text)
    rows = Organization.objects.exclude(kind__in=_PUBLIC).values_list("pk", "name")
    found = []
    for pk, name in rows.iterator(chunk_size=5_000):
        core = plain(name_core(name))
        if not _EVERYDAY.fullmatch(core) and core in said:
            found.append(Leak("name", core, pk))
    return found


def _open(proposal: Proposal) -> str:
    """What the proposer wrote in the open part is not a secret of theirs."""
    return "\n".join(
        [proposal.title, proposal.summary, proposal.effects, proposal.requests, proposal.schedule]
    )
