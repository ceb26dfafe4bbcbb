"""A logic model of a branch or a programme: its nodes by stage, and the steps between them."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.organizations.models import OwnedQuerySet, OwnedRecord
from enishi.plans.logic.enums import Confidence, EvidenceLevel, ModelState, Stage

OPEN_STATES = (ModelState.DRAFT, ModelState.REVIEW)


class LogicModelQuerySet(OwnedQuerySet["LogicModel"]):
    not_yet_shared = Q(state__in=OPEN_STATES)

    def kept(self) -> Self:
        return self.filter(deleted_at__isnull=True)

    def current(self) -> Self:
        """What holds or is being written; not what was replaced."""
        return self.kept().exclude(state=ModelState.SUPERSEDED)


class LogicModel(OwnedRecord):
    """Why the money should lead to the change. Belongs to a branch of a plan (through its versions) or to a programme.

    ``broken`` holds the rules that do not hold, kept true at every write: lists and 導入割合 read it.
    """

    identity = models.ForeignKey(
        "plans.NodeIdentity",
        verbose_name=_("計画の枝"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="logic_models",
    )
    programme = models.ForeignKey(
        "budgets.Programme",
        verbose_name=_("事務事業"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="logic_models",
    )
    title = models.CharField(_("名称"), max_length=200)
    no = models.PositiveIntegerField(_("版"), default=1)
    based_on = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="next_versions"
    )
    state = models.CharField(
        _("状態"), max_length=10, choices=ModelState.choices, default=ModelState.DRAFT, editable=False
    )
    problem_statement = models.TextField(
        _("解決したい問題"),
        max_length=2_000,
        blank=True,
        help_text=_("だれの、どんな困りごとを、どこまで良くしたいのか。"),
    )
    target_population = models.TextField(_("対象(だれ・何を)"), max_length=1_000, blank=True)
    change_summary = models.CharField(_("前の版から変えたこと"), max_length=500, blank=True)
    broken = models.CharField(_("満たしていない規則"), max_length=40, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    submitted_at = models.DateTimeField(_("承認を求めた日時"), null=True, blank=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    approved_at = models.DateTimeField(_("承認した日時"), null=True, blank=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    return_reason = models.CharField(_("差し戻しの理由"), max_length=500, blank=True)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = LogicModelQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("ロジックモデル")
        verbose_name_plural = _("ロジックモデル")
        ordering = ["-updated_at", "-pk"]
        constraints = [
            *OwnedRecord.Meta.constraints,
            models.CheckConstraint(
                name="logic_model_of_branch_or_programme",
                condition=Q(identity__isnull=False, programme__isnull=True)
                | Q(identity__isnull=True, programme__isnull=False),
            ),
            models.CheckConstraint(
                name="logic_model_approved_by_somebody",
                condition=~Q(state__in=["approved", "superseded"])
                | Q(approved_at__isnull=False, approved_by__isnull=False, submitted_by__isnull=False),
            ),
            models.CheckConstraint(
                name="logic_model_approved_by_another",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("submitted_by")),
            ),
            models.UniqueConstraint(
                fields=["identity"],
                condition=Q(state__in=["draft", "review"], deleted_at__isnull=True, identity__isnull=False),
                name="logic_model_one_draft_per_branch",
            ),
            models.UniqueConstraint(
                fields=["programme"],
                condition=Q(state__in=["draft", "review"], deleted_at__isnull=True, programme__isnull=False),
                name="logic_model_one_draft_per_programme",
            ),
            models.UniqueConstraint(
                fields=["identity"],
                condition=Q(state="approved", deleted_at__isnull=True, identity__isnull=False),
                name="logic_model_one_in_force_per_branch",
            ),
            models.UniqueConstraint(
                fields=["programme"],
                condition=Q(state="approved", deleted_at__isnull=True, programme__isnull=False),
                name="logic_model_one_in_force_per_programme",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "state", "-updated_at", "-id"], name="logic_model_of_house"),
        ]

    def __str__(self) -> str:
        return str(_("%(title)s 第%(no)d版") % {"title": self.title, "no": self.no})

    def get_absolute_url(self) -> str:
        return reverse("plans:logic_detail", args=[self.pk])

    @property
    def broken_rules(self) -> list[str]:
        return [rule for rule in self.broken.split(",") if rule]

    @property
    def is_introduced(self) -> bool:
        """導入済 (L6): approved, and L1 to L5 hold."""
        return self.state == ModelState.APPROVED and not self.broken

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def tone(self) -> str:
        tones = {ModelState.DRAFT: "neutral", ModelState.REVIEW: "info", ModelState.SUPERSEDED: "neutral"}
        return tones.get(ModelState(self.state), "warning" if self.broken else "positive")


class LogicNode(models.Model):
    """One box: what is put in, done, made, or changed. ``origin`` says where a proposed text came from."""

    model = models.ForeignKey(LogicModel, on_delete=models.CASCADE, related_name="nodes")
    number = models.PositiveSmallIntegerField(_("番号"))
    stage = models.CharField(_("段階"), max_length=10, choices=Stage.choices)
    text = models.CharField(_("内容"), max_length=300)
    expected_lag_months = models.PositiveSmallIntegerField(
        _("現れるまでの月数(見込み)"), null=True, blank=True
    )
    indicators = models.ManyToManyField(
        "indicators.Indicator", verbose_name=_("指標"), blank=True, related_name="logic_nodes"
    )
    programme = models.ForeignKey(
        "budgets.Programme",
        verbose_name=_("予算を使う事務事業"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="logic_inputs",
    )
    fte = models.DecimalField(_("人工"), max_digits=7, decimal_places=2, null=True, blank=True)
    serves = models.ForeignKey(
        "plans.NodeIdentity",
        verbose_name=_("つながる上位の枝"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="served_by",
    )
    note = models.CharField(_("補足"), max_length=300, blank=True)
    origin = models.CharField(_("出どころ"), max_length=200, blank=True, editable=False)
    origin_url = models.CharField(max_length=200, blank=True, editable=False)
    origin_quote = models.CharField(_("元の文"), max_length=500, blank=True, editable=False)
    is_proposed = models.BooleanField(_("案(まだ人が確かめていない)"), default=False, editable=False)

    class Meta:
        verbose_name = _("ロジックモデルの要素")
        verbose_name_plural = _("ロジックモデルの要素")
        ordering = ["model_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["model", "number"], name="logic_node_number_once"),
            models.CheckConstraint(
                name="logic_node_fte_not_negative", condition=Q(fte__isnull=True) | Q(fte__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.text}"


class LogicEdge(models.Model):
    """One step: if this, then that — under an assumption, known this well."""

    model = models.ForeignKey(LogicModel, on_delete=models.CASCADE, related_name="edges")
    source = models.ForeignKey(
        LogicNode, verbose_name=_("元"), on_delete=models.CASCADE, related_name="outgoing"
    )
    target = models.ForeignKey(
        LogicNode, verbose_name=_("先"), on_delete=models.CASCADE, related_name="incoming"
    )
    assumption = models.CharField(
        _("前提(なぜそうなるか)"),
        max_length=500,
        blank=True,
        help_text=_("「元」が「先」につながると考える理由。成果につながる矢印には必ず書きます。"),
    )
    evidence_level = models.PositiveSmallIntegerField(
        _("根拠の水準"), choices=EvidenceLevel.choices, default=EvidenceLevel.NONE
    )
    confidence = models.CharField(
        _("確信の度合い"), max_length=6, choices=Confidence.choices, blank=True, default=Confidence.UNKNOWN
    )
    evidence = models.ManyToManyField(
        "plans.Evidence", verbose_name=_("客観的根拠"), blank=True, related_name="logic_edges"
    )
    is_proposed = models.BooleanField(_("案(まだ人が確かめていない)"), default=False, editable=False)

    class Meta:
        verbose_name = _("ロジックモデルのつながり")
        verbose_name_plural = _("ロジックモデルのつながり")
        ordering = ["model_id", "source_id", "target_id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "target"], name="logic_edge_once"),
            models.CheckConstraint(name="logic_edge_leads_elsewhere", condition=~Q(source=F("target"))),
            models.CheckConstraint(
                name="logic_edge_evidence_level_known", condition=Q(evidence_level__lte=5)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source.number} → {self.target.number}"
