"""The job that reads a document: its text, then what stands in it. Nothing is written into the plan here."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from enishi.engines import policydoc
from enishi.foundation.jobs import JobRefusedError, Progress, work
from enishi.foundation.models import Job
from enishi.foundation.sentences import of_language_error
from enishi.language.extracting import CannotReadFileError, extract
from enishi.plans.models import Reading, ReadingItem
from enishi.plans.reading.enums import ReadingState
from enishi.plans.reading.items import items_of

READING = "plans-reading"


@work(READING)
def read_document(job: Job, progress: Progress) -> Mapping[str, Any]:
    reading = Reading.objects.get(pk=job.arguments["reading"])
    progress(0, 3, _("文字を取り出しています"))
    try:
        with reading.file.open("rb") as source:
            extracted = extract(source.read(), name=reading.file_name)
        found = policydoc.as_plain(policydoc.read(extracted.text))
    except (CannotReadFileError, policydoc.InvalidInputError, OSError) as error:
        sentence = _("ファイルを読めませんでした。")
        if isinstance(error, CannotReadFileError):
            sentence = of_language_error(error)
        Reading.objects.filter(pk=reading.pk, state=ReadingState.WAITING).update(
            state=ReadingState.FAILED, failure=sentence
        )
        raise JobRefusedError(sentence) from error
    progress(1, 3, _("支援策・課題・指標・根拠を探しています"))
    count = _keep(reading.pk, extracted.text, extracted.form, found)
    return {"items": count}


@transaction.atomic
def _keep(reading_id: int, text: str, form: str, found: Mapping[str, Any]) -> int:
    """Begun again after a dead worker, it keeps the items once."""
    reading = Reading.objects.select_for_update(of=("self",)).get(pk=reading_id)
    if reading.state != ReadingState.WAITING:
        return reading.items.count()
    rows = items_of(found)
    reading.items.all().delete()
    ReadingItem.objects.bulk_create(
        (ReadingItem(reading=reading, order=order, **row) for order, row in enumerate(rows, start=1)),
        batch_size=500,
    )
    reading.text, reading.form, reading.state = text, form, ReadingState.READ
    reading.not_found = list(found["not_found"])
    reading.save(update_fields=["text", "form", "state", "not_found"])
    return len(rows)
