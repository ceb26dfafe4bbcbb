"""Drafting (起案支援): templates, drafts made of sentences that know where they come from, and what was kept of them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.knowledge.drafting.enums import DraftKind, DraftStatus, MinutesKind, Origin, SentenceState
from enishi.organizations.models import OwnedQuerySet, OwnedRecord


class DraftTemplateQuerySet(OwnedQuerySet["DraftTemplate"]):
    pass


class DraftTemplate(OwnedRecord):
    """The shape of a kind of document in one organisation: headings, fixed sentences, and what to look for in the past.

    ``sections``: each ``heading``, ``guide`` (what belongs here), ``sentences`` (fixed, one a line) and ``look_for``
    (words added to the topic when past documents are asked).
    """

    kind = models.CharField(_("種類"), max_length=12, choices=DraftKind.choices)
    title = models.CharField(_("題名"), max_length=120)
    sections = models.JSONField(_("見出し"), default=list)
    is_active = models.BooleanField(_("使う"), default=True)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = DraftTemplateQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("ひな型")
        verbose_name_plural = _("ひな型")
        ordering = ["kind", "title", "pk"]
        indexes = [models.Index(fields=["organization", "kind"], name="draft_template_of_kind")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("drafting:template_edit", args=[self.pk])


class DraftQuerySet(OwnedQuerySet["Draft"]):
    pass


class Draft(OwnedRecord):
    """A text on its way. ``material`` is what it answers or sums up: the question, the proposal, the minutes."""

    kind = models.CharField(_("種類"), max_length=12, choices=DraftKind.choices)
    title = models.CharField(_("題名"), max_length=150)
    topic = models.CharField(_("何について"), max_length=300, blank=True)
    place = models.CharField(_("どこの"), max_length=100, blank=True)
    year = models.PositiveSmallIntegerField(_("何年度の"), null=True, blank=True)
    material = models.TextField(_("もとの文章"), max_length=200_000, blank=True)
    template = models.ForeignKey(
        DraftTemplate,
        verbose_name=_("ひな型"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    status = models.CharField(
        _("状態"), max_length=10, choices=DraftStatus.choices, default=DraftStatus.DRAFTING
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("起案した人"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    final_at = models.DateTimeField(_("仕上げた日時"), null=True, blank=True)
    dropped = models.PositiveSmallIntegerField(_("根拠が合わず除いた文"), default=0)
    final_characters = models.PositiveIntegerField(_("仕上がりの文字数"), null=True, blank=True)
    suggested_characters = models.PositiveIntegerField(_("提示から残った文字数"), null=True, blank=True)
    source_characters = models.PositiveIntegerField(_("うち過去の資料から"), null=True, blank=True)
    own_characters = models.PositiveIntegerField(_("自分で書いた文字数"), null=True, blank=True)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)
    job = models.ForeignKey(
        "foundation.Job", on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    """What looks for its first sentences; nothing is written into the draft by anybody else meanwhile."""

    objects = DraftQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("起案")
        verbose_name_plural = _("起案")
        ordering = ["-updated_at", "-pk"]
        constraints = [
            *OwnedRecord.Meta.constraints,
            models.CheckConstraint(
                name="draft_measured_once_final",
                condition=Q(status=DraftStatus.DRAFTING)
                | Q(final_at__isnull=False, final_characters__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["organization", "-updated_at", "-id"], name="draft_of_owner")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("drafting:draft_detail", args=[self.pk])

    @property
    def status_tone(self) -> str:
        return DraftStatus(self.status).tone

    @property
    def is_being_filled(self) -> bool:
        return self.job is not None and not self.job.is_over


class DraftSentence(models.Model):
    """One sentence: what was suggested, what it has become, and where it was taken from."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="sentences")
    order = models.PositiveIntegerField()
    heading = models.CharField(_("見出し"), max_length=120, blank=True)
    original = models.TextField(_("提示した文"), blank=True)
    text = models.TextField(_("文"), max_length=2_000, blank=True)
    state = models.CharField(
        _("扱い"), max_length=10, choices=SentenceState.choices, default=SentenceState.SUGGESTED
    )
    origin = models.CharField(_("出どころ"), max_length=10, choices=Origin.choices)
    origin_label = models.CharField(_("資料"), max_length=250, blank=True)
    origin_case = models.ForeignKey(
        "knowledge.Case", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    origin_quote = models.TextField(_("もとの文"), blank=True)
    origin_document = models.ForeignKey(
        "knowledge.Document", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    origin_passage = models.PositiveIntegerField(_("資料の箇所"), null=True, blank=True)
    flags = models.JSONField(_("確かめること"), default=list)

    class Meta:
        verbose_name = _("起案の文")
        verbose_name_plural = _("起案の文")
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(
                name="draft_sentence_borrowed_says_where",
                condition=~Q(origin=Origin.SOURCE) | ~Q(origin_label=""),
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def state_tone(self) -> str:
        return SentenceState(self.state).tone


class MinutesItem(models.Model):
    """A decision, or a piece of homework with its owner and day, and the sentence of the minutes it stands in."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="minutes_items")
    kind = models.CharField(_("種類"), max_length=10, choices=MinutesKind.choices)
    text = models.CharField(_("内容"), max_length=500)
    owner = models.CharField(_("だれが"), max_length=100, blank=True)
    due_on = models.DateField(_("いつまでに"), null=True, blank=True)
    due_text = models.CharField(_("いつまでに(書かれたまま)"), max_length=60, blank=True)
    quote = models.TextField(_("議事録の文"))
    line = models.PositiveIntegerField(_("行"), default=0)

    class Meta:
        verbose_name = _("決まったこと・宿題")
        verbose_name_plural = _("決まったこと・宿題")
        ordering = ["line", "pk"]

    def __str__(self) -> str:
        return self.text
