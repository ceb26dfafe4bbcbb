"""What the exchange tells of a case: the challenge it began with, and the match that brought two sides together."""

from collections.abc import Iterable, Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from enishi.audit.steps import steps_of
from enishi.exchange.access import challenge_access
from enishi.exchange.enums import ChallengeStatus
from enishi.exchange.matches.access import contact_access
from enishi.exchange.matches.enums import ContactState
from enishi.exchange.models import Challenge, Contact
from enishi.foundation.access import Actor
from enishi.foundation.thread import CaseRecord, CaseSource, Key, Stage, register_source

OVER = frozenset({ChallengeStatus.SOLVED.value, ChallengeStatus.CLOSED.value})
MOST_REASONS = 3


def register() -> None:
    """Called once, in ``apps.ready``."""
    register_source(
        CaseSource(
            "challenge", Stage.CHALLENGE, read_challenges, causes_of_challenges, challenges_that_came_of
        )
    )
    register_source(
        CaseSource("contact", Stage.MATCH, read_contacts, causes_of_contacts, contacts_that_came_of)
    )


def causes_of_challenges(ids: Sequence[int]) -> Iterable[tuple[int, Key]]:
    """Nothing comes before a challenge."""
    return ()


def challenges_that_came_of(kind: str, ids: Sequence[int]) -> Iterable[int]:
    return ()


def read_challenges(actor: Actor, ids: Sequence[int]) -> list[CaseRecord]:
    rows = list(challenge_access.visible(actor).filter(pk__in=ids).select_related("organization", "section"))
    steps = steps_of(
        rows,
        "status",
        dict(ChallengeStatus.choices),
        actor=actor,
        today=timezone.localdate(),
        over=OVER,
        private=frozenset({"draft"}),
    )
    return [
        CaseRecord(
            key=("challenge", row.pk),
            stage=Stage.CHALLENGE,
            label=_("課題"),
            title=row.title,
            url=row.get_absolute_url(),
            on=timezone.localdate(row.published_at or row.created_at),
            state=row.get_status_display(),
            parties=[_house(row)],
            steps=steps.get(row.pk, []),
        )
        for row in rows
    ]


def _house(challenge: Challenge) -> str:
    section = challenge.section.name if challenge.section else ""
    return f"{challenge.organization.name} {section}".strip()


def read_contacts(actor: Actor, ids: Sequence[int]) -> list[CaseRecord]:
    rows = list(
        contact_access.visible(actor)
        .filter(pk__in=ids)
        .select_related("challenge", "resource", "wanting", "offering")
    )
    states = dict(ContactState.choices)
    today = timezone.localdate()
    over = frozenset({ContactState.ADOPTED.value, ContactState.DECLINED.value})
    steps = steps_of(
        rows, "state", states, actor=actor, today=today, over=over, private=frozenset({"suggested"})
    )
    return [
        CaseRecord(
            key=("contact", row.pk),
            stage=Stage.MATCH,
            label=_("縁"),
            title=_("%(wanting)s と %(offering)s の対話")
            % {"wanting": row.wanting.name, "offering": row.offering.name},
            url=row.get_absolute_url(),
            on=timezone.localdate(row.opened_at),
            until=timezone.localdate(row.moved_at) if ContactState(row.state).is_over else None,
            state=row.get_state_display(),
            parties=[row.wanting.name, row.offering.name],
            steps=steps.get(row.pk, []),
            facts=[(_("合うと考えた理由"), pgettext("並べる", "、").join(row.told_reasons[:MOST_REASONS]))]
            if row.reasons
            else [],
        )
        for row in rows
    ]


def causes_of_contacts(ids: Sequence[int]) -> Iterable[tuple[int, Key]]:
    rows = Contact.objects.filter(pk__in=ids).order_by().values_list("pk", "challenge_id")
    return [(pk, ("challenge", cause)) for pk, cause in rows]


def contacts_that_came_of(kind: str, ids: Sequence[int]) -> Iterable[int]:
    if kind != "challenge":
        return []
    return Contact.objects.filter(challenge_id__in=ids).values_list("pk", flat=True)
