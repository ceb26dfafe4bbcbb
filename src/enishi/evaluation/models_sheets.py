"""What goes in and out of sheets: filled workbooks that wait for a yes, published sheets, proposals to review."""

from collections.abc import Mapping
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enishi.budgets.models import Programme
from enishi.evaluation.enums import ProposalState, ProposerKind
from enishi.evaluation.models_cycles import EvaluationCycle, Subject
from enishi.foundation import sentences
from enishi.indicators.models import Indicator
from enishi.organizations.models import Organization

PERSON = settings.AUTH_USER_MODEL


class ProgrammeIndicator(models.Model):
    """An indicator by which a programme is judged, in the order of the form. Those of its logic model count as well."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="yardsticks")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="programme_yardsticks")
    order = models.PositiveSmallIntegerField(default=1)

    class Meta:
        verbose_name = _("事務事業の指標")
        verbose_name_plural = _("事務事業の指標")
        ordering = ["programme_id", "order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "indicator"], name="evaluation_yardstick_once")
        ]

    def __str__(self) -> str:
        return str(self.indicator)


class SheetUpload(models.Model):
    """A filled-in workbook that waits for somebody to say yes: what it would change, or why it cannot."""

    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="uploads")
    person = models.ForeignKey(PERSON, on_delete=models.CASCADE, related_name="+")
    filename = models.CharField(max_length=150)
    sha256 = models.CharField(max_length=64)
    sheet_version = models.PositiveIntegerField()
    """What the file was compared with: as long as the sheet is still this one, the differences shown are those written."""
    written_version = models.PositiveIntegerField(null=True)
    """What the file was written out from."""
    changes = models.JSONField(default=list)
    faults = models.JSONField(default=list)
    unchanged = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="evaluation_upload_with_faults_is_never_applied",
                condition=Q(applied_at__isnull=True) | Q(faults=[]),
            )
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def was_overtaken(self) -> bool:
        """Somebody wrote on the sheet while the file was being filled."""
        return self.written_version is not None and self.written_version != self.sheet_version


class PublishedSheet(models.Model):
    """A sheet as residents read it: frozen, so that what was published can be shown again."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="published")
    content = models.JSONField()
    said = models.JSONField(default=dict)
    """The same form in the other languages of the site, by language. The hash is that of ``content``."""
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("公表した評価シート")
        verbose_name_plural = _("公表した評価シート")
        constraints = [
            models.UniqueConstraint(
                fields=["subject"],
                condition=Q(withdrawn_at__isnull=True),
                name="evaluation_published_one_stands",
            ),
            models.CheckConstraint(
                name="evaluation_withdrawal_says_why",
                condition=Q(withdrawn_at__isnull=True) | ~Q(withdrawn_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.subject)

    def get_absolute_url(self) -> str:
        return reverse("evaluation:result_detail", args=[self.subject_id])

    @property
    def read_content(self) -> Mapping[str, Any]:
        """The form in the language of the reader, as far as it was kept in it."""
        return sentences.made_for_reader(self.said, self.content)


class ReviewProposalQuerySet(models.QuerySet["ReviewProposal"]):
    def counted_in(self, cycle: EvaluationCycle) -> Self:
        """What this review has to look at: what waits, what was promised to be taken up, what it took up itself."""
        waiting = Q(state=ProposalState.RECEIVED) | Q(state=ProposalState.TAKEN_UP, cycle__isnull=True)
        return self.filter(waiting | Q(cycle=cycle), organization_id=cycle.organization_id)


class ReviewProposal(models.Model):
    """Somebody says: look at this programme. Anyone signed in may, residents too."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    programme = models.ForeignKey(
        Programme, verbose_name=_("事務事業"), on_delete=models.PROTECT, related_name="review_proposals"
    )
    proposer = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("立場"), max_length=10, choices=ProposerKind.choices)
    reason = models.TextField(_("見直してほしいところと理由"), max_length=1_000)
    received_at = models.DateTimeField(_("受け付けた日時"))
    state = models.CharField(
        _("状態"), max_length=10, choices=ProposalState.choices, default=ProposalState.RECEIVED
    )
    cycle = models.ForeignKey(
        EvaluationCycle, on_delete=models.PROTECT, null=True, blank=True, related_name="proposals"
    )
    answer = models.TextField(_("返事"), max_length=1_000, blank=True)
    answered_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = ReviewProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("見直しの提案")
        verbose_name_plural = _("見直しの提案")
        constraints = [
            models.CheckConstraint(
                name="review_proposal_declined_with_an_answer",
                condition=~Q(state=ProposalState.DECLINED) | ~Q(answer=""),
            )
        ]
        indexes = [
            models.Index(fields=["organization", "-received_at", "-id"], name="review_proposal_recent"),
            models.Index(fields=["programme", "state"], name="review_proposal_of_programme"),
        ]

    def __str__(self) -> str:
        return str(self.programme)

    def get_absolute_url(self) -> str:
        return reverse("evaluation:proposal_detail", args=[self.pk])
