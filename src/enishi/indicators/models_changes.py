"""Targets written as a change: 30%削減, 対前年比5%増. They become numbers once there is something to change from."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enishi.indicators.enums import ChangeBasis, ChangeMeasure, ChangeWay
from enishi.indicators.models_indicators import Indicator, Target


class ChangeTarget(models.Model):
    """``target`` is the number worked out of it, as long as there is one; ``note`` says why there is none."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="change_targets")
    fiscal_year = models.PositiveSmallIntegerField(_("年度"), null=True, blank=True)
    basis = models.CharField(_("何から"), max_length=8, choices=ChangeBasis.choices)
    way = models.CharField(_("増やすか減らすか"), max_length=4, choices=ChangeWay.choices)
    measure = models.CharField(_("どれだけの単位"), max_length=7, choices=ChangeMeasure.choices)
    amount: "models.DecimalField[Decimal, Decimal]" = models.DecimalField(
        _("どれだけ"), max_digits=24, decimal_places=6
    )
    words = models.CharField(_("元の言葉"), max_length=300, blank=True)
    target = models.ForeignKey(
        Target, on_delete=models.SET_NULL, null=True, editable=False, related_name="worked_out_of"
    )
    note = models.CharField(_("数にできない理由"), max_length=300, blank=True, editable=False)
    is_current = models.BooleanField(default=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("増減で書いた目標")
        verbose_name_plural = _("増減で書いた目標")
        ordering = ["fiscal_year", "pk"]
        constraints = [
            models.CheckConstraint(name="change_target_moves", condition=Q(amount__gt=0)),
            models.UniqueConstraint(
                fields=["indicator"], condition=Q(is_current=True), name="change_target_one_in_force"
            ),
        ]

    def __str__(self) -> str:
        """基準値から30%減らす."""
        unit = {"percent": "%", "points": _("ポイント"), "times": _("倍")}.get(
            self.measure, self.indicator.unit
        )
        amount = f"{self.amount.normalize():f}{unit}"
        if self.measure == ChangeMeasure.TIMES:
            return _("%(basis)sの%(amount)sにする") % {
                "basis": self.get_basis_display(),
                "amount": amount,
            }
        return _("%(basis)sから%(amount)s%(way)s") % {
            "basis": self.get_basis_display(),
            "amount": amount,
            "way": self.get_way_display(),
        }
