"""Contacts that came to an end, handed to the case library: what was sought, with whom, what came of it, why not."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.exchange.matches.access import contact_access
from enishi.exchange.matches.enums import ContactState, Outcome
from enishi.exchange.models import Contact
from enishi.foundation.access import Actor
from enishi.knowledge.cases import registry
from enishi.knowledge.cases.enums import CaseOutcome
from enishi.knowledge.cases.registry import Contribution, Contributor

KIND = "exchange.contact"
_ENDED = Q(state=ContactState.DECLINED) | (Q(state=ContactState.ADOPTED) & ~Q(outcome=""))
_OUTCOMES = {
    Outcome.IMPLEMENTED.value: CaseOutcome.WORKED,
    Outcome.TRIAL.value: CaseOutcome.PARTLY,
    Outcome.NONE.value: CaseOutcome.FAILED,
}


def register() -> None:
    """Called once, in ``apps.ready``."""
    registry.register(Contributor(KIND, gettext_lazy("終わった対話"), ended, one))


def ended(actor: Actor, organization_ids: frozenset[int], limit: int) -> Sequence[Contribution]:
    """The latest contacts that came to an end, for the side that sought."""
    rows = contact_access.visible(actor).filter(_ENDED, wanting_id__in=organization_ids)
    return [_told(contact) for contact in _with_sides(rows.order_by("-moved_at", "-pk")[:limit])]


def one(actor: Actor, key: int) -> Contribution | None:
    row = _with_sides(contact_access.visible(actor).filter(_ENDED, pk=key)).first()
    return _told(row) if row is not None else None


def _with_sides(rows: QuerySet[Contact, Contact]) -> QuerySet[Contact, Contact]:
    return rows.select_related("challenge", "resource", "wanting", "offering").prefetch_related(
        "challenge__fields__parent"
    )


def _told(contact: Contact) -> Contribution:
    fields = [field.parent.name if field.parent else field.name for field in contact.challenge.fields.all()]
    return Contribution(
        kind=KIND,
        key=contact.pk,
        organization_id=contact.wanting_id,
        section_id=contact.challenge.section_id,
        title=contact.challenge.title[:120],
        url=contact.get_absolute_url(),
        outcome=_outcome(contact),
        situation=contact.challenge.present_state,
        action=_("%(partner)sの「%(resource)s」と対話しました。")
        % {"partner": contact.offering.name, "resource": contact.resource.title},
        result=_result(contact),
        cause=_cause(contact),
        place=contact.wanting.name,
        prefecture_code=contact.wanting.prefecture_code,
        partner=contact.offering.name,
        fields=tuple(dict.fromkeys(name[:30] for name in fields)),
        started_on=timezone.localdate(contact.opened_at),
        ended_on=timezone.localdate(contact.moved_at),
    )


def _outcome(contact: Contact) -> str:
    if contact.state == ContactState.DECLINED:
        return CaseOutcome.STOPPED.value
    return _OUTCOMES[contact.outcome].value


def _result(contact: Contact) -> str:
    if contact.state == ContactState.DECLINED:
        return _("見送りになりました。")
    return str(contact.get_outcome_display())


def _cause(contact: Contact) -> str:
    if contact.state != ContactState.DECLINED:
        return ""
    return "\n".join(
        part for part in (str(contact.get_decline_reason_display()), contact.decline_note) if part
    )
