"""Writing the record."""

from collections.abc import Iterable

from django.db import transaction

from enishi.accounts.models import Person
from enishi.audit.models import AuditEvent, ChainHead
from enishi.foundation import sentences
from enishi.foundation.trail import Act, plain


@transaction.atomic
def append(acts: Iterable[Act]) -> list[AuditEvent]:
    """Add the acts to the chain, in order, in the caller's transaction."""
    head, _created = ChainHead.objects.select_for_update().get_or_create(pk=1)
    events = []
    for act in acts:
        event = _event(act, sequence=head.sequence + 1, previous_hash=head.hash)
        head.sequence, head.hash = event.sequence, event.hash
        events.append(event)
    AuditEvent.objects.bulk_create(events, batch_size=500)
    head.save()
    return events


def _event(act: Act, *, sequence: int, previous_hash: str) -> AuditEvent:
    person = act.actor if isinstance(act.actor, Person) else None
    event = AuditEvent(
        sequence=sequence,
        at=act.at,
        actor=person,
        actor_name=str(person) if person else "",
        organization_id=act.organization_id,
        action=act.action,
        subject_type=act.subject._meta.label_lower,
        subject_id=str(act.subject.pk),
        subject_label=str(act.subject)[:200],
        changes={name: [plain(before), plain(after)] for name, (before, after) in act.changes.items()},
        note=sentences.in_source(act.note),
        said=sentences.in_other_languages(note=act.note) or None,
        previous_hash=previous_hash,
    )
    event.hash = event.computed_hash()
    return event
