"""The tree of a version: its levels, its branches, and what hangs from them."""

from collections.abc import Iterable
from typing import Any, Generic, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.plans.enums import ChangeKind, LinkKind, VersionState
from enishi.plans.errors import FrozenVersionError
from enishi.plans.models_versions import Plan, PlanVersion, new_uid
from enishi.plans.paths import DEEPEST, STEP, last_below

LEADERSHIP = frozenset({"section", "section_id"})
"""Who is responsible follows a reorganisation (I6); what the plan said stays."""

RowT = TypeVar("RowT", bound=models.Model)


class FrozenQuerySet(models.QuerySet[RowT], Generic[RowT]):
    """Rows that cannot change any more once their version is approved (I3)."""

    version_path = "version"

    def _refuse_if_frozen(self) -> None:
        if self.filter(**{f"{self.version_path}__state": VersionState.APPROVED}).exists():
            raise FrozenVersionError

    def update(self, **kwargs: Any) -> int:
        if not set(kwargs) <= LEADERSHIP:
            self._refuse_if_frozen()
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._refuse_if_frozen()
        return super().delete()

    def bulk_create(self, objs: Iterable[RowT], *args: Any, **kwargs: Any) -> list[RowT]:
        rows = list(objs)
        _refuse_frozen({_version_id(row, self.version_path) for row in rows})
        return super().bulk_create(rows, *args, **kwargs)

    def bulk_update(self, objs: Iterable[RowT], fields: Iterable[str], *args: Any, **kwargs: Any) -> int:
        rows, names = list(objs), list(fields)
        if not set(names) <= LEADERSHIP:
            _refuse_frozen({_version_id(row, self.version_path) for row in rows})
        return super().bulk_update(rows, names, *args, **kwargs)


def _version_id(row: Any, path: str) -> int:
    found: int = row.version_id if path == "version" else row.node.version_id
    return found


def _refuse_frozen(version_ids: set[int]) -> None:
    if PlanVersion.objects.approved().filter(pk__in=version_ids).exists():
        raise FrozenVersionError


class FrozenRow(models.Model):
    """The same promise for a row that is saved or deleted by itself."""

    version_path = "version"

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not set(kwargs.get("update_fields") or ["everything"]) <= LEADERSHIP:
            _refuse_frozen({_version_id(self, self.version_path)})
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        _refuse_frozen({_version_id(self, self.version_path)})
        return super().delete(*args, **kwargs)


class Level(FrozenRow):
    """One level of a version's tree: 政策, 施策, 基本事業, 事務事業. ``order`` 1 is the top."""

    version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="levels")
    order = models.PositiveSmallIntegerField(_("段"))
    label = models.CharField(_("呼び方"), max_length=40)
    evaluator_role = models.CharField(_("評価する人"), max_length=60, blank=True)

    objects = FrozenQuerySet["Level"].as_manager()

    class Meta:
        verbose_name = _("階層")
        verbose_name_plural = _("階層")
        ordering = ["version_id", "order"]
        constraints = [
            models.UniqueConstraint(fields=["version", "order"], name="plan_level_order_once"),
            models.UniqueConstraint(fields=["version", "label"], name="plan_level_label_once"),
            models.CheckConstraint(
                name="plan_level_order_in_reach", condition=Q(order__gte=1, order__lte=DEEPEST)
            ),
        ]

    def __str__(self) -> str:
        return self.label


class NodeIdentity(models.Model):
    """Who a branch is through all versions. Its uid is never given to another; what was merged says into what (I5)."""

    uid = models.CharField(max_length=32, primary_key=True, default=new_uid, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="identities")
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("統合先"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged_from",
    )

    class Meta:
        verbose_name = _("枝の素性")
        verbose_name_plural = _("枝の素性")
        constraints = [
            models.CheckConstraint(name="plan_node_not_merged_into_itself", condition=~Q(merged_into=F("pk")))
        ]

    def __str__(self) -> str:
        return self.uid


class PlanNodeQuerySet(FrozenQuerySet["PlanNode"]):
    def below(self, node: "PlanNode", *, and_itself: bool = False) -> Self:
        """The branch under a node, without climbing: paths that begin with its own."""
        rows = self.filter(version_id=node.version_id)
        rows = rows.filter(path__lte=last_below(node.path))
        return rows.filter(path__gte=node.path) if and_itself else rows.filter(path__gt=node.path)

    def in_order(self) -> Self:
        return self.order_by("version_id", "path")


class PlanNode(FrozenRow):
    """A branch of a version: a 政策, a 施策, a 基本事業.

    ``path`` holds its place: four digits for each step from the top, so that the tree is one sorted list.
    ``weight`` is empty until weights were agreed. ``section_then`` keeps who was responsible at approval;
    ``section`` follows reorganisations.
    """

    version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="nodes")
    identity = models.ForeignKey(NodeIdentity, on_delete=models.PROTECT, related_name="nodes")
    uid = models.CharField(max_length=32, editable=False)
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="children"
    )
    level = models.ForeignKey(Level, verbose_name=_("階層"), on_delete=models.PROTECT, related_name="nodes")
    path = models.CharField(max_length=STEP * DEEPEST, editable=False)
    depth = models.PositiveSmallIntegerField(editable=False)
    code = models.CharField(_("番号"), max_length=30, blank=True)
    title = models.CharField(_("名称"), max_length=200)
    target = models.TextField(_("対象(だれ・何を)"), max_length=2_000, blank=True)
    intent = models.TextField(_("意図(どういう状態にするか)"), max_length=2_000, blank=True)
    result = models.TextField(_("結果(上位の目的にどう役立つか)"), max_length=2_000, blank=True)
    plain = models.TextField(_("住民への説明(やさしい言葉)"), max_length=2_000, blank=True)
    section = models.ForeignKey(
        "organizations.Section",
        verbose_name=_("主担当課"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="plan_nodes",
    )
    section_then = models.CharField(_("承認したときの主担当課"), max_length=100, blank=True, editable=False)
    weight = models.DecimalField(
        _("重み"),
        max_digits=9,
        decimal_places=3,
        null=True,
        blank=True,
        help_text=_("合意した重みがあるときだけ入れます。なければ空のままにします。"),
    )
    revision = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(editable=False)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = PlanNodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("計画の枝")
        verbose_name_plural = _("計画の枝")
        ordering = ["version_id", "path"]
        constraints = [
            models.UniqueConstraint(fields=["version", "uid"], name="plan_node_once_per_version"),
            models.UniqueConstraint(fields=["version", "path"], name="plan_node_path_once"),
            models.UniqueConstraint(
                fields=["parent", "code"], condition=~Q(code=""), name="plan_node_code_once_per_parent"
            ),
            models.UniqueConstraint(
                fields=["version", "code"],
                condition=Q(parent__isnull=True) & ~Q(code=""),
                name="plan_node_code_once_at_the_top",
            ),
            models.CheckConstraint(name="plan_node_uid_is_its_identity", condition=Q(uid=F("identity"))),
            models.CheckConstraint(name="plan_node_is_not_its_own_parent", condition=~Q(parent=F("pk"))),
            models.CheckConstraint(
                name="plan_node_only_the_top_has_no_parent",
                condition=Q(depth=1, parent__isnull=True) | Q(depth__gt=1, parent__isnull=False),
            ),
            models.CheckConstraint(
                name="plan_node_weight_not_negative", condition=Q(weight__isnull=True) | Q(weight__gte=0)
            ),
        ]
        indexes = [
            models.Index(fields=["uid"], name="plan_node_by_uid"),
            models.Index(fields=["version", "depth", "path"], name="plan_node_by_level"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}".strip()

    def get_absolute_url(self) -> str:
        return reverse("plans:node_detail", args=[self.pk])


class NodeLinkQuerySet(FrozenQuerySet["NodeLink"]):
    version_path = "node__version"


class NodeLink(FrozenRow):
    """What this branch has to do with a branch of another plan, whichever version of that one holds."""

    version_path = "node__version"

    node = models.ForeignKey(PlanNode, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(_("つながり"), max_length=20, choices=LinkKind.choices)
    target = models.ForeignKey(
        NodeIdentity, verbose_name=_("つながる枝"), on_delete=models.PROTECT, related_name="linked_from"
    )
    share_permille = models.PositiveSmallIntegerField(_("割合(千分率)"), null=True, blank=True)
    note = models.CharField(_("説明"), max_length=300, blank=True)

    objects = NodeLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("計画のつながり")
        verbose_name_plural = _("計画のつながり")
        ordering = ["node_id", "kind", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["node", "kind", "target"], name="plan_link_once"),
            models.CheckConstraint(
                name="plan_link_share_in_thousandths",
                condition=Q(share_permille__isnull=True) | Q(share_permille__lte=1000),
            ),
        ]


class TreeChange(models.Model):
    """A change to a draft that can be taken back: an import, or a branch that was removed.

    ``before`` holds what has to be put back, ``file_digest`` knows the same file again.
    """

    version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(_("種類"), max_length=10, choices=ChangeKind.choices)
    note = models.CharField(_("内容"), max_length=300)
    file_digest = models.CharField(max_length=64, blank=True)
    before = models.JSONField(default=dict)
    revision_after = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("取り消せる変更")
        verbose_name_plural = _("取り消せる変更")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["version", "-at"], name="plan_tree_change_recent")]


class PlanImport(models.Model):
    """A file that was read and shown, and perhaps taken over: what it holds, what is wrong with it, what was put right."""

    version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="imports")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("ファイル名"), max_length=150)
    digest = models.CharField(max_length=64)
    rows = models.JSONField(default=list)
    faults = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    levels = models.JSONField(default=list)
    made_at = models.DateTimeField()
    change = models.OneToOneField(
        TreeChange, on_delete=models.PROTECT, null=True, blank=True, related_name="made_by_import"
    )

    class Meta:
        verbose_name = _("計画の取り込み")
        verbose_name_plural = _("計画の取り込み")
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["version", "digest"], name="plan_import_same_file")]
