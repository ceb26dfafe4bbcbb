"""Facts as pages show them, and the copy that is frozen when a sheet is handed in."""

import datetime as dt
from collections.abc import Sequence

from django.utils import timezone

from enishi.accounts.models import Person
from enishi.evaluation.facts.building import build
from enishi.evaluation.facts.gathering import gather
from enishi.evaluation.facts.shapes import Facts, digest
from enishi.evaluation.models import EvaluationCycle, FactSheet, Subject
from enishi.foundation import sentences


def living_facts(cycle: EvaluationCycle, subjects: Sequence[Subject], *, on: dt.date) -> dict[int, Facts]:
    """What the records say now, by subject. Give subjects with ``programme__section``, ``node``, ``section`` selected."""
    records = gather(cycle, subjects, day=on)
    return {subject.pk: build(cycle, subject, records, on=on) for subject in subjects}


def freeze(subject: Subject, *, actor: Person, at: dt.datetime) -> FactSheet:
    """Write down what the records say now. In Japanese whoever hands in: the official form is in Japanese.

    Beside it in the other languages, for pages: a sheet must stay readable to whoever chose one of them.
    """
    day = timezone.localdate(at)
    records = gather(subject.cycle, [subject], day=day)
    facts, said = sentences.in_every_language(lambda: build(subject.cycle, subject, records, on=day))
    last = subject.fact_sheets.order_by("-no").first()
    return FactSheet.objects.create(
        subject=subject,
        no=last.no + 1 if last else 1,
        facts=facts,
        said=said,
        sha256=digest(facts),
        frozen_at=at,
        frozen_by=actor,
    )


def is_whole(sheet: FactSheet) -> bool:
    """Whether the frozen facts are still those whose hash was written down."""
    return digest(sheet.facts) == sheet.sha256
