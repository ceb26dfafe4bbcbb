"""Reviews: what is judged by which weights, by whom, with which ties to the proposers."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.desk.review.enums import ReviewStatus, TieRule
from enishi.organizations.models import Organization, Section


class Review(models.Model):
    """The judging of a call's proposals, or of one free proposal."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="reviews")
    section = models.ForeignKey(
        Section, verbose_name=_("担当課"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    call = models.OneToOneField(
        "desk.Call", on_delete=models.PROTECT, null=True, blank=True, related_name="review"
    )
    title = models.CharField(_("題名"), max_length=150)
    status = models.CharField(
        _("状態"), max_length=10, choices=ReviewStatus.choices, default=ReviewStatus.PREPARING
    )
    most_points = models.PositiveSmallIntegerField(_("満点(一つの観点)"), default=5)
    floor_percent = models.PositiveSmallIntegerField(_("最低基準(満点に対する%)"), default=60)
    tie_rule = models.CharField(
        _("同点のときの決め方"), max_length=20, choices=TieRule.choices, default=TieRule.FIRST_CRITERION
    )
    scoring_due_on = models.DateField(_("採点の締切"), null=True, blank=True)
    conclusion = models.TextField(_("審査のまとめ"), max_length=4_000, blank=True)
    opened_at = models.DateTimeField(_("採点を始めた日時"), null=True, blank=True)
    discussed_at = models.DateTimeField(_("協議を始めた日時"), null=True, blank=True)
    opened_early_because = models.CharField(_("全員がそろう前に開いた理由"), max_length=300, blank=True)
    closed_at = models.DateTimeField(_("終えた日時"), null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("作成日時"))
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    class Meta:
        verbose_name = _("審査")
        verbose_name_plural = _("審査")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["organization", "-created_at", "-id"], name="review_of_desk")]
        constraints = [
            models.CheckConstraint(
                name="review_points_in_range",
                condition=Q(most_points__gte=1) & Q(most_points__lte=100) & Q(floor_percent__lte=100),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("desk:review_detail", args=[self.pk])


class ReviewCriterion(models.Model):
    """A criterion as it stood when scoring began: a later change of the call does not move it."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="criteria")
    name = models.CharField(_("観点"), max_length=60)
    description = models.CharField(_("何を見るか"), max_length=300, blank=True)
    weight = models.PositiveSmallIntegerField(_("重み"))
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["review", "name"], name="review_criterion_named_once"),
            models.CheckConstraint(
                name="review_criterion_weight_in_range", condition=Q(weight__gte=1) & Q(weight__lte=100)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ReviewEntry(models.Model):
    """One proposal under review."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="entries")
    proposal = models.ForeignKey("desk.Proposal", on_delete=models.PROTECT, related_name="review_entries")
    withdrawn_at = models.DateTimeField(_("取下げの日時"), null=True, blank=True)
    chair_order = models.PositiveSmallIntegerField(_("同点のなかでの順"), null=True, blank=True)
    chair_reason = models.CharField(_("順を決めた理由"), max_length=500, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["review", "proposal"], name="review_entry_once"),
            models.CheckConstraint(
                name="review_entry_order_has_a_reason",
                condition=Q(chair_order__isnull=True) | ~Q(chair_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.proposal)


class ReviewerQuerySet(models.QuerySet["Reviewer"]):
    def undeclared(self) -> Self:
        """Whose word on their ties is still awaited, before they read anything."""
        open_now = self.exclude(review__status=ReviewStatus.CLOSED)
        return open_now.filter(declared_at__isnull=True, excluded_because="")


class Reviewer(models.Model):
    """Somebody who scores, from inside or outside."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="reviewers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviewing")
    affiliation = models.CharField(_("所属・肩書"), max_length=150, blank=True)
    is_chair = models.BooleanField(_("委員長"), default=False)
    is_external = models.BooleanField(_("外部の委員"), default=False)
    declared_at = models.DateTimeField(_("利害関係を申告した日時"), null=True, blank=True)
    excluded_because = models.CharField(_("外れた理由"), max_length=300, blank=True)
    submitted_at = models.DateTimeField(_("採点を出した日時"), null=True, blank=True)

    objects = ReviewerQuerySet.as_manager()

    class Meta:
        ordering = ["-is_chair", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["review", "person"], name="reviewer_once"),
            models.UniqueConstraint(
                fields=["review"], condition=Q(is_chair=True), name="review_has_one_chair"
            ),
            models.CheckConstraint(
                name="reviewer_scores_after_declaring",
                condition=Q(submitted_at__isnull=True)
                | (Q(declared_at__isnull=False) & Q(declared_at__lte=F("submitted_at"))),
            ),
        ]

    def __str__(self) -> str:
        return str(self.person)

    @property
    def is_excluded(self) -> bool:
        return bool(self.excluded_because)


class InvitedReviewer(models.Model):
    """A seat kept for somebody who has no account yet: they take it by accepting the invitation of the mail."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="invited")
    invitation = models.ForeignKey("organizations.Invitation", on_delete=models.CASCADE, related_name="+")
    affiliation = models.CharField(_("所属・肩書"), max_length=150, blank=True)
    is_chair = models.BooleanField(_("委員長"), default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["review", "invitation"], name="invited_reviewer_once")]

    def __str__(self) -> str:
        return self.invitation.email


class Declaration(models.Model):
    """What one reviewer says of the ties to one proposer. No interests: none."""

    reviewer = models.ForeignKey(Reviewer, on_delete=models.CASCADE, related_name="declarations")
    entry = models.ForeignKey(ReviewEntry, on_delete=models.CASCADE, related_name="declarations")
    interests = models.JSONField(_("利害関係"), default=list, blank=True)
    details = models.CharField(_("内容"), max_length=500, blank=True)
    declared_at = models.DateTimeField(_("申告した日時"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reviewer", "entry"], name="declaration_once")]


class Score(models.Model):
    """One reviewer's points for one proposal under one criterion."""

    reviewer = models.ForeignKey(Reviewer, on_delete=models.PROTECT, related_name="scores")
    entry = models.ForeignKey(ReviewEntry, on_delete=models.PROTECT, related_name="scores")
    criterion = models.ForeignKey(ReviewCriterion, on_delete=models.PROTECT, related_name="scores")
    points = models.PositiveSmallIntegerField(_("点"))
    comment = models.CharField(_("理由"), max_length=500, blank=True)
    scored_at = models.DateTimeField(_("採点した日時"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reviewer", "entry", "criterion"], name="score_once")]


class ScoreRevision(models.Model):
    """A score that was changed after the discussion, with the reason."""

    score = models.ForeignKey(Score, on_delete=models.CASCADE, related_name="revisions")
    before = models.PositiveSmallIntegerField(_("前の点"))
    after = models.PositiveSmallIntegerField(_("後の点"))
    reason = models.CharField(_("変えた理由"), max_length=500)
    revised_at = models.DateTimeField(_("変えた日時"))

    class Meta:
        ordering = ["revised_at", "pk"]
