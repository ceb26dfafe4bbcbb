"""The number by which every process sees, with one small query, that documents changed."""

import secrets

from django.db import transaction
from django.db.models import F

from enishi.knowledge.documents.models import DocumentCounter

DOCUMENTS, EPOCH = "documents", "documents-epoch"


def read_counters() -> tuple[int, int]:
    """The database's own number (drawn once, and again when everything is to be built anew) and the last change."""
    found = dict(DocumentCounter.objects.values_list("name", "value"))
    return found.get(EPOCH, 0), found.get(DOCUMENTS, 0)


@transaction.atomic
def draw() -> int:
    """The next number; others wait for theirs until this transaction ends, so numbers become visible in order."""
    DocumentCounter.objects.get_or_create(name=EPOCH, defaults={"value": secrets.randbits(52)})
    DocumentCounter.objects.get_or_create(name=DOCUMENTS)
    DocumentCounter.objects.filter(name=DOCUMENTS).update(value=F("value") + 1)
    return DocumentCounter.objects.get(name=DOCUMENTS).value


def new_epoch() -> None:
    """Have every process forget what it holds."""
    DocumentCounter.objects.update_or_create(name=EPOCH, defaults={"value": secrets.randbits(52)})
