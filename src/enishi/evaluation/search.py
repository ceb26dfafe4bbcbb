"""How sheets are found: those handed in inside the house, published results by everybody."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.evaluation.models import ImprovementDecision, PublishedDataSet, PublishedSheet, Subject
from enishi.evaluation.published import selectors as published
from enishi.evaluation.published.answers import shown
from enishi.evaluation.signals import data_set_changed, decision_made, subject_changed
from enishi.knowledge import services as knowledge
from enishi.knowledge.registry import SearchSource, SearchText, register
from enishi.organizations.enums import Visibility

SHEET, RESULT, DATA = "evaluation_sheet", "evaluation_result", "evaluation_data"


def register_sources() -> None:
    """Called once, in ``apps.ready``."""
    register(
        SearchSource(
            kind=SHEET,
            model=Subject,
            document=sheet_text,
            label=_("評価シート"),
            rows=lambda: Subject.objects.select_related(
                "cycle", "programme", "node__version__plan"
            ).prefetch_related("evaluations", "decisions"),
            url=lambda pk: reverse("evaluation:sheet_detail", args=[pk]),
            list_url=lambda: reverse("evaluation:cycle_list"),
            order=72,
        )
    )
    register(
        SearchSource(
            kind=RESULT,
            model=PublishedSheet,
            document=result_text,
            label=_("評価の結果"),
            rows=lambda: PublishedSheet.objects.select_related("subject__cycle"),
            url=lambda pk: reverse("evaluation:result_detail", args=[_subject_of(pk)]),
            list_url=lambda: reverse("evaluation:result_list"),
            order=73,
        )
    )
    register(
        SearchSource(
            kind=DATA,
            model=PublishedDataSet,
            document=data_text,
            label=_("評価と予算のデータ"),
            list_url=lambda: reverse("evaluation:data_set_list"),
            order=74,
        )
    )
    data_set_changed.connect(_data, dispatch_uid="search-evaluation-data")
    subject_changed.connect(_one, dispatch_uid="search-evaluation-sheet")
    decision_made.connect(_decided, dispatch_uid="search-evaluation-decision")


def _subject_of(pk: int) -> int:
    return PublishedSheet.objects.values_list("subject_id", flat=True).get(pk=pk)


def sheet_text(subject: Any) -> SearchText | None:
    """What was handed in; a sheet in work is not found by its words."""
    if not subject.included or not subject.was_submitted or subject.cycle.deleted_at is not None:
        return None
    about = subject.programme if subject.programme is not None else subject.node.version.plan
    kept = about.visibility == Visibility.SECTION
    handed_in = [each for each in subject.evaluations.all() if each.is_handed_in]
    parts = [(subject.cycle.title, 0.5), (subject.code, 2.0)]
    for each in handed_in:
        parts += [(each.comment, 1.0), (each.improvement, 1.0)]
    parts += [(each.content, 1.0) for each in subject.decisions.all()]
    return SearchText(
        title=subject.title,
        body_parts=[(text, weight) for text, weight in parts if text],
        tags=[f"status:{subject.place}"],
        updated_at=subject.updated_at,
        organization_id=subject.organization_id,
        section_id=about.section_id if kept else subject.section_id,
        visibility=Visibility.SECTION if kept else Visibility.INTERNAL,
    )


def result_text(published: Any) -> SearchText | None:
    """The published words, and nothing else."""
    if published.withdrawn_at is not None or published.subject.cycle.deleted_at is not None:
        return None
    content = published.content
    words = [text for part in content["parts"] for _label, text in part["texts"]]
    words += [value for part in content["parts"] for _label, value in part["grid"]]
    return SearchText(
        title=content["name"],
        body_parts=[(" ".join(words), 1.0), (content["subtitle"], 0.5)],
        tags=[],
        updated_at=published.updated_at,
        organization_id=published.subject.organization_id,
        section_id=published.subject.section_id,
        visibility=Visibility.PUBLIC,
    )


def data_text(row: Any) -> SearchText | None:
    """A set in force, with the names and the answers of its numbers."""
    if not row.is_public:
        return None
    told = published.told(row)
    numbers = " ".join(
        f"{answer.figure.name} {shown(answer.figure)}" for answer in (told.headline, *told.others)
    )
    return SearchText(
        title=row.title,
        body_parts=[(row.note, 1.0), (numbers, 1.0), ("オープンデータ 行政評価 予算", 0.5)],
        tags=[],
        updated_at=row.updated_at,
        organization_id=row.organization_id,
        visibility=Visibility.PUBLIC,
    )


def _data(data_set_id: int, **_named: Any) -> None:
    knowledge.index(DATA, [data_set_id])


def _one(subject_id: int, **_named: Any) -> None:
    knowledge.index(SHEET, [subject_id])
    results = PublishedSheet.objects.filter(subject_id=subject_id).values_list("pk", flat=True)
    knowledge.index(RESULT, list(results))


def _decided(decision_id: int, **_named: Any) -> None:
    knowledge.index(
        SHEET, [ImprovementDecision.objects.values_list("subject_id", flat=True).get(pk=decision_id)]
    )
