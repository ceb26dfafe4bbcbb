"""What nobody could answer, put together by meaning, for the sections to write."""

import datetime as dt

import numpy as np
from django.db import transaction
from django.db.models import Count, Max, Min, QuerySet

from enishi.engines.answers import clusters, least_nearness
from enishi.knowledge.answers import machines
from enishi.knowledge.answers.enums import Helpful, Outcome
from enishi.knowledge.answers.meaning import Vectors
from enishi.knowledge.models import AskedQuestion, QuestionCluster
from enishi.language.ports import FloatArray
from enishi.organizations.models import Organization

LOOKED_BACK = dt.timedelta(days=90)
KEPT = dt.timedelta(days=400)
_AT_ONCE = 600
_NOTHING_TO_WRITE = ("model", "danger")


def cluster_questions(at: dt.datetime) -> int:
    """Put every unanswered question that has no group yet into one. Returns how many questions found a place."""
    opened = machines.vectors()
    if opened is None:
        return 0
    houses = _waiting(at).order_by("organization_id").values_list("organization_id", flat=True).distinct()
    organizations = Organization.objects.filter(pk__in=list(houses))
    return sum(_cluster_of(organization, opened, at) for organization in organizations)


def forget_old_questions(at: dt.datetime) -> int:
    """Even masked questions are not kept for ever."""
    gone, _each = AskedQuestion.objects.filter(at__lt=at - KEPT).delete()
    return gone


def _waiting(at: dt.datetime) -> QuerySet[AskedQuestion]:
    rows = AskedQuestion.objects.filter(
        outcome=Outcome.REFUSED, cluster__isnull=True, at__gte=at - LOOKED_BACK
    )
    # One of the near questions shown was the one: its asker has been answered.
    return rows.exclude(text="").exclude(reason__in=_NOTHING_TO_WRITE).exclude(helpful=Helpful.YES)


@transaction.atomic
def _cluster_of(organization: Organization, opened: Vectors, at: dt.datetime) -> int:
    questions = list(_waiting(at).filter(organization=organization).order_by("at", "pk")[:_AT_ONCE])
    if not questions:
        return 0
    vectors = opened.embedder.embed([question.text for question in questions], side="query")
    kept = list(
        QuestionCluster.objects.select_for_update()
        .filter(organization=organization, embedder=opened.embedder.name, vector__isnull=False)
        .order_by("pk")
    )
    places = _joined(vectors, kept)
    for question, place in zip(questions, places, strict=True):
        question.cluster = kept[place] if place >= 0 else None
    new = [row for row, place in enumerate(places) if place < 0]
    for cluster in clusters(vectors[new]) if new else []:
        members = [new[member] for member in cluster.members]
        made = _make(organization, questions[new[cluster.centre]], vectors[new[cluster.centre]], opened)
        for member in members:
            questions[member].cluster = made
    AskedQuestion.objects.bulk_update(questions, ["cluster"])
    _count({question.cluster_id for question in questions if question.cluster_id})
    return len(questions)


def _joined(vectors: FloatArray, kept: list[QuestionCluster]) -> list[int]:
    """For each question the group it belongs to, or -1."""
    if not kept:
        return [-1] * len(vectors)
    centres = np.stack([np.frombuffer(bytes(cluster.vector or b""), np.float32) for cluster in kept])
    together = np.concatenate([vectors, centres])
    least = least_nearness(together @ together.T)
    near = vectors @ centres.T
    best = near.argmax(axis=1)
    return [int(place) if near[row, place] >= least else -1 for row, place in enumerate(best)]


def _make(
    organization: Organization, question: AskedQuestion, vector: FloatArray, opened: Vectors
) -> QuestionCluster:
    return QuestionCluster.objects.create(
        organization=organization,
        section_id=question.section_id,
        title=question.text[:500],
        first_at=question.at,
        last_at=question.at,
        vector=np.asarray(vector, np.float32).tobytes(),
        embedder=opened.embedder.name,
    )


def _count(keys: set[int]) -> None:
    counted = (
        AskedQuestion.objects.filter(cluster_id__in=keys)
        .values("cluster_id")
        .annotate(n=Count("pk"), first=Min("at"), last=Max("at"))
    )
    for row in counted:
        QuestionCluster.objects.filter(pk=row["cluster_id"]).update(
            count=row["n"], first_at=row["first"], last_at=row["last"]
        )
