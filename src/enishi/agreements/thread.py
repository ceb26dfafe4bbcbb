"""What the agreements tell of a case: who promised what, from when until when."""

from collections.abc import Iterable, Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.agreements.enums import NOT_YET_SHARED, AgreementStatus
from enishi.agreements.models import Agreement
from enishi.agreements.scheme_words import told_knowledge
from enishi.audit.steps import steps_of
from enishi.foundation.access import Actor
from enishi.foundation.days import day_in_words
from enishi.foundation.thread import CaseRecord, CaseSource, Key, Stage, register_source

OVER = frozenset({"ended", "abandoned"})


def register() -> None:
    """Called once, in ``apps.ready``."""
    register_source(
        CaseSource(
            "agreement", Stage.AGREEMENT, read_agreements, causes_of_agreements, agreements_that_came_of
        )
    )


def read_agreements(actor: Actor, ids: Sequence[int]) -> list[CaseRecord]:
    rows = list(
        Agreement.objects.visible_to(actor)
        .filter(pk__in=ids)
        .select_related("organization")
        .prefetch_related("parties")
    )
    steps = steps_of(
        rows,
        "status",
        dict(AgreementStatus.choices),
        actor=actor,
        today=timezone.localdate(),
        over=OVER,
        private=frozenset(state.value for state in NOT_YET_SHARED),
    )
    return [
        CaseRecord(
            key=("agreement", row.pk),
            stage=Stage.AGREEMENT,
            label=_("協定"),
            title=row.title,
            url=row.get_absolute_url(),
            on=row.signed_on or timezone.localdate(row.created_at),
            until=row.ends_on if row.status in OVER else None,
            state=row.get_status_display(),
            parties=[row.organization.name, *(party.name for party in row.parties.all())],
            steps=steps.get(row.pk, []),
            facts=_facts(row),
        )
        for row in rows
    ]


def _facts(agreement: Agreement) -> list[tuple[str, str]]:
    scheme = told_knowledge().schemes.get(agreement.scheme)
    facts = [(str(_("制度")), scheme.name)] if scheme else []
    if agreement.starts_on:
        ends = day_in_words(agreement.ends_on) if agreement.ends_on else str(_("定めなし"))
        facts.append(
            (
                str(_("期間")),
                _("%(first)sから%(last)s") % {"first": day_in_words(agreement.starts_on), "last": ends},
            )
        )
    return facts


def causes_of_agreements(ids: Sequence[int]) -> Iterable[tuple[int, Key]]:
    rows = Agreement.objects.filter(pk__in=ids, proposal__isnull=False).order_by()
    return [(pk, ("proposal", cause)) for pk, cause in rows.values_list("pk", "proposal_id") if cause]


def agreements_that_came_of(kind: str, ids: Sequence[int]) -> Iterable[int]:
    if kind != "proposal":
        return []
    return Agreement.objects.filter(proposal_id__in=ids).values_list("pk", flat=True)
