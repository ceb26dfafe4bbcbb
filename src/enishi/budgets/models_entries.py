"""Amounts: entries as they were voted and spent, where the money came from, and the sums over both."""

from typing import Any, NoReturn

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from enishi.budgets.enums import FundKind, Stage
from enishi.budgets.errors import AppendOnlyError


class AppendOnlyQuerySet(models.QuerySet[Any, Any]):
    """Rows are added in bulk or one by one, never changed and never taken away (B6)."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError

    def delete(self) -> NoReturn:
        raise AppendOnlyError

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError


class AppendOnly(models.Model):
    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise AppendOnlyError(self.pk)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError(self.pk)


class BudgetEntry(AppendOnly):
    """One amount on one code at one stage: a line of a file, or typed by a person.

    ``round_no`` counts 査定 and 補正. ``row_no`` is the line in the file of ``import_run``: where this yen came from.
    """

    code = models.ForeignKey(
        "budgets.BudgetCode", on_delete=models.PROTECT, related_name="entries", db_index=False
    )
    stage = models.CharField(_("段階"), max_length=10, choices=Stage.choices)
    round_no = models.PositiveSmallIntegerField(_("回"), default=0)
    amount_yen = models.BigIntegerField(_("金額(円)"))
    dated_on = models.DateField(_("日付"))
    resolution_no = models.CharField(_("議案・決裁番号"), max_length=40, blank=True)
    note = models.CharField(_("摘要"), max_length=200, blank=True)
    import_run = models.ForeignKey("budgets.BudgetImport", on_delete=models.PROTECT, related_name="entries")
    row_no = models.PositiveIntegerField(_("ファイルの行"), default=0)

    class Meta:
        verbose_name = _("予算の記録")
        verbose_name_plural = _("予算の記録")
        ordering = ["pk"]
        indexes = [models.Index(fields=["code", "stage", "round_no"], name="budget_entry_of_code")]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.amount_yen:,}円"


class FundSource(AppendOnly):
    """What pays for the entries of one code in one run: national and prefectural money, bonds, own money (B3)."""

    code = models.ForeignKey(
        "budgets.BudgetCode", on_delete=models.PROTECT, related_name="funds", db_index=False
    )
    stage = models.CharField(_("段階"), max_length=10, choices=Stage.choices)
    round_no = models.PositiveSmallIntegerField(_("回"), default=0)
    kind = models.CharField(_("財源"), max_length=12, choices=FundKind.choices)
    amount_yen = models.BigIntegerField(_("金額(円)"))
    import_run = models.ForeignKey("budgets.BudgetImport", on_delete=models.PROTECT, related_name="funds")

    class Meta:
        verbose_name = _("財源")
        verbose_name_plural = _("財源")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["import_run", "code", "stage", "round_no", "kind"], name="fund_source_once_a_run"
            )
        ]
        indexes = [models.Index(fields=["code", "stage", "round_no"], name="fund_source_of_code")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount_yen:,}円"


def _yen(stage: Stage) -> Any:
    return models.BigIntegerField(stage.label, null=True)


class StageAmounts(models.Model):
    """An amount for each stage; ``None`` where nothing was recorded, which is not zero."""

    request_yen = _yen(Stage.REQUEST)
    assessment_yen = _yen(Stage.ASSESSMENT)
    initial_yen = _yen(Stage.INITIAL)
    supplement_yen = _yen(Stage.SUPPLEMENT)
    carried_yen = _yen(Stage.CARRIED)
    transfer_yen = _yen(Stage.TRANSFER)
    reserve_yen = _yen(Stage.RESERVE)
    commitment_yen = _yen(Stage.COMMITMENT)
    spending_yen = _yen(Stage.SPENDING)
    settlement_yen = _yen(Stage.SETTLEMENT)
    current_yen = models.BigIntegerField(_("予算現額"), null=True)

    class Meta:
        abstract = True

    def amount(self, stage: str) -> int | None:
        value: int | None = getattr(self, f"{stage}_yen")
        return value


def current_is_the_sum() -> Q:
    """B1: 予算現額 = 当初 + Σ補正 + 繰越 ± 流用 + 予備費充用."""
    parts: Any = Coalesce(F("initial_yen"), 0)
    for name in ("supplement_yen", "carried_yen", "transfer_yen", "reserve_yen"):
        parts = parts + Coalesce(F(name), 0)
    return Q(current_yen__isnull=True) | Q(current_yen=parts)


class CodeTotal(StageAmounts):
    """The entries of a code and of everything below it, summed stage by stage. Rebuilt from the entries at will.

    ``binds``: the level at which spending without any budget is refused (款項目).
    """

    code = models.OneToOneField(
        "budgets.BudgetCode", on_delete=models.CASCADE, primary_key=True, related_name="total"
    )
    binds = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("予算科目の合計")
        verbose_name_plural = _("予算科目の合計")
        constraints = [
            models.CheckConstraint(name="budget_b1_current_is_the_sum", condition=current_is_the_sum()),
            models.CheckConstraint(
                name="budget_b2_spending_within_commitment",
                condition=Q(spending_yen__isnull=True)
                | Q(commitment_yen__isnull=True)
                | Q(spending_yen__lte=F("commitment_yen")),
            ),
            models.CheckConstraint(
                name="budget_b2_commitment_within_current",
                condition=Q(commitment_yen__isnull=True)
                | Q(current_yen__isnull=True)
                | Q(commitment_yen__lte=F("current_yen")),
            ),
            models.CheckConstraint(
                name="budget_b2_spending_within_current",
                condition=Q(spending_yen__isnull=True)
                | Q(current_yen__isnull=True)
                | Q(spending_yen__lte=F("current_yen")),
            ),
            models.CheckConstraint(
                name="budget_b2_no_spending_without_budget",
                condition=Q(binds=False)
                | Q(current_yen__isnull=False)
                | Q(spending_yen__isnull=True, commitment_yen__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return str(self.code_id)
