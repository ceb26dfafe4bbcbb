"""What a municipality says about a whole fiscal year: what staff cost, whether it is published, whether it is closed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enishi.budgets.year_field import YEARS
from enishi.foundation.fiscal_year import FiscalYear


class BudgetYear(models.Model):
    """One year of one municipality. ``yen_per_fte`` turns 人工 into 人件費; where it came from stands beside it."""

    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="budget_years"
    )
    fiscal_year = models.PositiveSmallIntegerField(_("年度"), validators=YEARS)
    yen_per_fte = models.PositiveBigIntegerField(_("職員一人あたりの人件費(円)"), null=True, blank=True)
    hours_per_fte = models.PositiveIntegerField(_("職員一人の年間の時間"), null=True, blank=True)
    fte_source = models.CharField(_("人件費の根拠"), max_length=200, blank=True)
    published_at = models.DateTimeField(_("公開した日時"), null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        verbose_name = _("予算の年度")
        verbose_name_plural = _("予算の年度")
        ordering = ["-fiscal_year"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "fiscal_year"], name="budget_year_once"),
        ]

    def __str__(self) -> str:
        return str(FiscalYear(self.fiscal_year))


class YearClosure(models.Model):
    """A fiscal year whose books are closed: nothing is written any more until somebody opens it again, with a reason."""

    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="year_closures"
    )
    fiscal_year = models.PositiveSmallIntegerField(_("年度"), validators=YEARS)
    closed_at = models.DateTimeField(_("締めた日時"))
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reason = models.CharField(_("締めたわけ"), max_length=300, blank=True)
    reopened_at = models.DateTimeField(_("開け直した日時"), null=True, blank=True)
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reopened_reason = models.CharField(_("開け直したわけ"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("年度の締め")
        verbose_name_plural = _("年度の締め")
        ordering = ["-closed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "fiscal_year"],
                condition=Q(reopened_at__isnull=True),
                name="year_closure_open_once",
            ),
            models.CheckConstraint(
                name="year_closure_reopened_with_reason",
                condition=Q(reopened_at__isnull=True) | ~Q(reopened_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return str(FiscalYear(self.fiscal_year))
