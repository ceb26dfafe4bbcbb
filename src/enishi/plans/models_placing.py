"""What hangs from a branch: its 事務事業 and its indicators."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enishi.plans.models_tree import FrozenQuerySet, FrozenRow, PlanNode
from enishi.plans.models_versions import PlanVersion


class Placement(models.Model):
    """Where a 事務事業 hangs. It follows the programmes through the years, so it is not part of what is frozen."""

    version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="placements")
    node = models.ForeignKey(PlanNode, on_delete=models.CASCADE, related_name="placements")
    programme = models.ForeignKey("budgets.Programme", on_delete=models.PROTECT, related_name="placements")
    is_primary = models.BooleanField(_("主な位置づけ"), default=True)

    class Meta:
        verbose_name = _("事務事業の位置づけ")
        verbose_name_plural = _("事務事業の位置づけ")
        ordering = ["node_id", "programme_id"]
        constraints = [
            models.UniqueConstraint(fields=["node", "programme"], name="plan_placement_once"),
            models.UniqueConstraint(
                fields=["version", "programme"],
                condition=Q(is_primary=True),
                name="plan_placement_one_primary_per_programme",
            ),
        ]
        indexes = [models.Index(fields=["programme", "is_primary"], name="plan_placement_of_programme")]


class NodeIndicatorQuerySet(FrozenQuerySet["NodeIndicator"]):
    version_path = "node__version"


class NodeIndicator(FrozenRow):
    """An indicator by which a branch is judged; ``weight`` only where one was agreed."""

    version_path = "node__version"

    node = models.ForeignKey(PlanNode, on_delete=models.CASCADE, related_name="node_indicators")
    indicator = models.ForeignKey(
        "indicators.Indicator", on_delete=models.PROTECT, related_name="node_indicators"
    )
    weight = models.DecimalField(_("重み"), max_digits=9, decimal_places=3, null=True, blank=True)
    order = models.PositiveSmallIntegerField(default=1)

    objects = NodeIndicatorQuerySet.as_manager()

    class Meta:
        verbose_name = _("枝の指標")
        verbose_name_plural = _("枝の指標")
        ordering = ["node_id", "order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["node", "indicator"], name="plan_node_indicator_once"),
            models.CheckConstraint(
                name="plan_node_indicator_weight_not_negative",
                condition=Q(weight__isnull=True) | Q(weight__gte=0),
            ),
        ]
