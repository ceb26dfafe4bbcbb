"""Questions to the record."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models

from enishi.audit.models import AuditEvent, ChainHead


def history(subject: models.Model) -> models.QuerySet[AuditEvent]:
    """What happened to one record, latest first."""
    return AuditEvent.objects.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))


@dataclass(frozen=True)
class BrokenLink:
    sequence: int
    reason: str


def broken_links() -> Iterator[BrokenLink]:
    """Every place where the chain does not hold; nothing when it is whole."""
    expected_sequence, expected_hash = 1, "0" * 64
    for event in AuditEvent.objects.order_by("sequence").iterator(chunk_size=2_000):
        if event.sequence != expected_sequence:
            yield BrokenLink(event.sequence, f"通し番号 {expected_sequence} の記録がありません。")
        if event.previous_hash != expected_hash:
            yield BrokenLink(event.sequence, "前の記録とつながっていません。")
        if event.computed_hash() != event.hash:
            yield BrokenLink(event.sequence, "内容が書き換えられています。")
        expected_sequence, expected_hash = event.sequence + 1, event.hash
    head = ChainHead.objects.filter(pk=1).first()
    if head is None and expected_sequence > 1:
        yield BrokenLink(expected_sequence - 1, "最後の記録の控えが失われています。")
    if head is not None and head.sequence != expected_sequence - 1:
        yield BrokenLink(head.sequence, "最後の記録が失われています。")
