"""Money spent: claims with their receipts, and the settlement (精算) that closes them. Whole yen."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enishi.projects.enums import ExpenseCategory, ExpenseState
from enishi.projects.models_projects import Participant, Project

PERSON = settings.AUTH_USER_MODEL


def receipt_path(receipt: "Receipt", filename: str) -> str:
    """A name of our own: what somebody typed never becomes a path."""
    return f"receipts/{uuid.uuid4().hex}"


class Settlement(models.Model):
    """Approved expenses of one participant, added up and closed together."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="settlements")
    participant = models.ForeignKey(
        Participant, verbose_name=_("団体"), on_delete=models.PROTECT, related_name="settlements"
    )
    number = models.PositiveIntegerField(_("回"))
    note = models.CharField(_("補足"), max_length=300, blank=True)
    total_yen = models.PositiveBigIntegerField(_("合計(円)"))
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("精算日時"))

    class Meta:
        verbose_name = _("精算")
        verbose_name_plural = _("精算")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="settlement_number_once_per_project")
        ]

    def __str__(self) -> str:
        return str(_("第%(number)d回 %(name)s") % {"number": self.number, "name": self.participant})


class Expense(models.Model):
    """One payment somebody claims. Whoever claims it does not approve it."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="expenses")
    participant = models.ForeignKey(
        Participant, verbose_name=_("支払った団体"), on_delete=models.PROTECT, related_name="expenses"
    )
    category = models.CharField(_("費目"), max_length=15, choices=ExpenseCategory.choices)
    what = models.CharField(_("内容"), max_length=200)
    payee = models.CharField(_("支払先"), max_length=150, blank=True)
    spent_on = models.DateField(_("支払日"))
    amount_yen = models.PositiveBigIntegerField(_("金額(円)"))
    no_receipt_reason = models.CharField(_("領収書がない理由"), max_length=200, blank=True)
    state = models.CharField(
        _("状態"), max_length=8, choices=ExpenseState.choices, default=ExpenseState.CLAIMED
    )
    claimed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    claimed_at = models.DateTimeField(_("申請日時"))
    decided_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("承認・差し戻しの日時"), null=True, blank=True)
    decision_note = models.CharField(_("差し戻しの理由"), max_length=300, blank=True)
    settlement = models.ForeignKey(
        Settlement, on_delete=models.PROTECT, null=True, blank=True, related_name="expenses"
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("支出")
        verbose_name_plural = _("支出")
        ordering = ["spent_on", "pk"]
        constraints = [
            models.CheckConstraint(name="expense_is_some_yen", condition=Q(amount_yen__gt=0)),
            models.CheckConstraint(
                name="expense_not_approved_by_claimant",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("claimed_by")),
            ),
            models.CheckConstraint(
                name="expense_settled_has_settlement",
                condition=Q(state="settled", settlement__isnull=False)
                | (~Q(state="settled") & Q(settlement__isnull=True)),
            ),
            models.CheckConstraint(
                name="expense_approved_by_somebody",
                condition=Q(state="claimed") | Q(decided_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["project", "state", "spent_on"], name="expense_of_project"),
            models.Index(fields=["state", "claimed_at"], name="expense_waiting"),
        ]

    def __str__(self) -> str:
        return self.what


class Receipt(models.Model):
    """The picture or file of a receipt, with its fingerprint: the same one twice is found."""

    expense = models.ForeignKey(Expense, on_delete=models.CASCADE, related_name="receipts")
    name = models.CharField(_("ファイル名"), max_length=150)
    content_type = models.CharField(_("形式"), max_length=100)
    size = models.PositiveIntegerField(_("大きさ(バイト)"))
    sha256 = models.CharField(max_length=64, db_index=True)
    file = models.FileField(upload_to=receipt_path, max_length=200)
    added_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField(_("追加日時"))

    class Meta:
        verbose_name = _("領収書")
        verbose_name_plural = _("領収書")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
