"""What search keeps. The words themselves live in a table of each database's own kind (see ``adapters``)."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enishi.foundation.access import Actor
from enishi.knowledge import registry
from enishi.organizations.enums import Visibility
from enishi.organizations.models import Organization, Section
from enishi.organizations.visibility import reach_of, visible_to


class SearchDocumentQuerySet(models.QuerySet["SearchDocument"]):
    def visible_to(self, person: Actor) -> Self:
        """The documents of records this person may read: decided where it is for the records, by columns of the same names."""
        reach = reach_of(person)
        own = Q(organization_id__in=reach.organization_ids)
        rows = self.filter(visible_to(person, self.model), Q(is_not_yet_shared=False) | own)
        barred = registry.barred_from(person) if reach.is_member else {}
        for kind, keys in barred.items():
            rows = rows.exclude(kind=kind, object_id__in=keys)
        return rows


class SearchDocument(models.Model):
    """A record as it can be found.

    The key is also the place in time: a record that changes gets a new, higher one, so that walking down the keys is
    walking from the newest to the oldest, in every database and every index.
    """

    kind = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+", db_index=False)
    section = models.ForeignKey(
        Section, on_delete=models.CASCADE, related_name="+", null=True, db_index=False
    )
    visibility = models.CharField(max_length=10, choices=Visibility.choices)
    parties = models.ManyToManyField(Organization, related_name="+")
    is_not_yet_shared = models.BooleanField(default=False)
    deleted_at = models.DateTimeField(null=True)
    is_sunk = models.BooleanField(default=False)
    updated_at = models.DateTimeField()
    title = models.CharField(max_length=200)
    excerpt = models.TextField(blank=True)
    tags = models.TextField(blank=True)

    objects = SearchDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("検索の索引")
        verbose_name_plural = _("検索の索引")
        constraints = [
            models.UniqueConstraint(fields=["kind", "object_id"], name="search_document_once_per_record")
        ]
        indexes = [models.Index(fields=["kind", "is_sunk", "-id"], name="search_document_recent")]

    def __str__(self) -> str:
        return self.title

    @property
    def tag_list(self) -> list[str]:
        return self.tags.split()


class SearchTerm(models.Model):
    """A word of the index and in how many documents it stands (about: counted from time to time)."""

    word = models.CharField(max_length=64, primary_key=True)
    documents = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("検索の語彙")
        verbose_name_plural = _("検索の語彙")

    def __str__(self) -> str:
        return self.word


class SearchRebuild(models.Model):
    """How far a rebuild has come; the row of a kind that is done says so."""

    kind = models.CharField(max_length=20, primary_key=True)
    after_updated_at = models.DateTimeField(null=True)
    after_id = models.BigIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    is_done = models.BooleanField(default=False)
    told_at = models.DateTimeField(auto_now=True)


class FacetCount(models.Model):
    """How many public records of a kind bear a tag, counted from time to time for the lists that nothing narrows."""

    kind = models.CharField(max_length=20)
    tag = models.CharField(max_length=80)
    documents = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "tag"], name="facet_count_once")]


# Further models of the room, by subject.
from enishi.knowledge.answers.models import (  # noqa: E402
    AnswerImport,
    AnswerTranslation,
    AnswerVector,
    ApprovedAnswer,
    AskedQuestion,
    ModelLimit,
    ModelUse,
    QuestionCluster,
)
from enishi.knowledge.cases.models import (  # noqa: E402
    Case,
    CaseFile,
    CaseImport,
    CaseReading,
    CaseSource,
    CaseStep,
    LearningItem,
    LearningPath,
    ReadMark,
)
from enishi.knowledge.checks.models import CheckBatch, Checklist, ChecklistVersion, CheckRun  # noqa: E402
from enishi.knowledge.concierge.models import Concierge, HandOver  # noqa: E402
from enishi.knowledge.documents.models import (  # noqa: E402
    Collection,
    Document,
    DocumentCounter,
    Passage,
    SynonymGroup,
)
from enishi.knowledge.drafting.models import Draft, DraftSentence, DraftTemplate, MinutesItem  # noqa: E402
from enishi.knowledge.sparring.models import SparringSession, SparringTurn  # noqa: E402
from enishi.knowledge.trust.models import QuestionSet, TestQuestion, TestResult, TestRun  # noqa: E402

__all__ = [
    "AnswerImport",
    "AnswerTranslation",
    "AnswerVector",
    "ApprovedAnswer",
    "AskedQuestion",
    "Case",
    "CaseFile",
    "CaseImport",
    "CaseReading",
    "CaseSource",
    "CaseStep",
    "CheckBatch",
    "CheckRun",
    "Checklist",
    "ChecklistVersion",
    "Collection",
    "Concierge",
    "Document",
    "DocumentCounter",
    "Draft",
    "DraftSentence",
    "DraftTemplate",
    "FacetCount",
    "HandOver",
    "LearningItem",
    "LearningPath",
    "MinutesItem",
    "ModelLimit",
    "ModelUse",
    "Passage",
    "QuestionCluster",
    "QuestionSet",
    "ReadMark",
    "SearchDocument",
    "SearchDocumentQuerySet",
    "SearchRebuild",
    "SearchTerm",
    "SparringSession",
    "SparringTurn",
    "SynonymGroup",
    "TestQuestion",
    "TestResult",
    "TestRun",
]
