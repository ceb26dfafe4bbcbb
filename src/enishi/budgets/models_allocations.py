"""Which part of a code pays for which programme, what each programme gets, and what no programme claims."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enishi.budgets.enums import AllocationMethod, Stage
from enishi.budgets.models_entries import StageAmounts
from enishi.foundation.money import in_yen

WHOLE_BP = 10_000


def in_percent(share_bp: int) -> str:
    """
    >>> in_percent(3333), in_percent(10_000)
    ('33.33%', '100%')
    """
    return f"{share_bp / 100:g}%"


class Allocation(models.Model):
    """A share of a code in basis points, or a fixed amount, for one programme in the code's year."""

    programme_year = models.ForeignKey(
        "budgets.ProgrammeYear", on_delete=models.PROTECT, related_name="allocations"
    )
    code = models.ForeignKey(
        "budgets.BudgetCode", on_delete=models.PROTECT, related_name="allocations", db_index=False
    )
    share_bp = models.PositiveSmallIntegerField(_("割合(1万分の1)"), null=True, blank=True)
    fixed_yen = models.PositiveBigIntegerField(_("決まった額(円)"), null=True, blank=True)
    method = models.CharField(
        _("方法"), max_length=10, choices=AllocationMethod.choices, default=AllocationMethod.DIRECT
    )
    note = models.CharField(_("按分の根拠"), max_length=300, blank=True)
    updated_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("配賦")
        verbose_name_plural = _("配賦")
        ordering = ["code", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["code", "programme_year"], name="allocation_once"),
            models.CheckConstraint(
                name="allocation_is_a_share_or_an_amount",
                condition=Q(share_bp__isnull=True, fixed_yen__isnull=False)
                | Q(share_bp__isnull=False, fixed_yen__isnull=True),
            ),
            models.CheckConstraint(
                name="allocation_share_within_the_whole",
                condition=Q(share_bp__isnull=True) | Q(share_bp__gte=1, share_bp__lte=WHOLE_BP),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code_id} → {self.programme_year_id}"

    @property
    def part_in_words(self) -> str:
        """「33.33%」, 「1,200,000円」."""
        return in_percent(self.share_bp) if self.share_bp is not None else in_yen(self.fixed_yen or 0)


class ProgrammeMoney(models.Model):
    """What a programme gets in a year at one stage, from all its allocations. Rebuilt when they or the entries change."""

    programme_year = models.ForeignKey(
        "budgets.ProgrammeYear", on_delete=models.CASCADE, related_name="money"
    )
    stage = models.CharField(_("段階"), max_length=10, choices=Stage.choices)
    amount_yen = models.BigIntegerField(_("金額(円)"))

    class Meta:
        verbose_name = _("事務事業の金額")
        verbose_name_plural = _("事務事業の金額")
        constraints = [
            models.UniqueConstraint(fields=["programme_year", "stage"], name="programme_money_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.amount_yen:,}円"


class Unallocated(StageAmounts):
    """未配賦: what of a code no programme claims. With the allocations it makes up the whole, to the yen (B4, B5)."""

    code = models.OneToOneField(
        "budgets.BudgetCode", on_delete=models.CASCADE, primary_key=True, related_name="unallocated"
    )
    share_bp = models.PositiveSmallIntegerField(_("割合(1万分の1)"))
    path = models.CharField(max_length=160)
    organization_id = models.BigIntegerField()
    fiscal_year = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("未配賦")
        verbose_name_plural = _("未配賦")
        constraints = [
            models.CheckConstraint(name="unallocated_within_the_whole", condition=Q(share_bp__lte=WHOLE_BP)),
        ]
        indexes = [
            models.Index(fields=["organization_id", "fiscal_year", "path"], name="unallocated_in_order")
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def part_in_words(self) -> str:
        return in_percent(self.share_bp)
