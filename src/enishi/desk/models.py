"""The one-stop desk: proposals, where each stands, and what was marked as confidential."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.desk.enums import OPEN_STATUSES, CallerWay, Origin, ProposalKind, ProposalStatus
from enishi.desk.essence import essence
from enishi.organizations.models import Organization, OwnedQuerySet, OwnedRecord
from enishi.organizations.visibility import reach_of, visible_to


class ProposalQuerySet(OwnedQuerySet["Proposal"]):
    def visible_to(self, person: object) -> Self:
        """The receiving municipality as the circle says, and whoever made the proposal; a draft its writers only."""
        mine = reach_of(person).organization_ids
        made = Q(pk__in=[])
        if getattr(person, "is_authenticated", False):
            made = Q(submitted_by_id=getattr(person, "pk", None)) | Q(proposer_id__in=mine)
        draft = Q(status=ProposalStatus.DRAFT)
        house = visible_to(person, self.model) & ~draft
        if mine:
            house &= ~Q(pk__in=barred_from(person))
        taken_down = draft & Q(origin=Origin.ON_BEHALF, organization_id__in=mine)
        return self.filter(
            Q(deleted_at__isnull=True),
            made | taken_down | house,
        )

    def open(self) -> Self:
        return self.filter(status__in=OPEN_STATUSES)

    def submitted(self) -> Self:
        return self.exclude(status=ProposalStatus.DRAFT)


class Proposal(OwnedRecord):
    """What somebody offers to do together with a municipality. ``organization`` is the one that receives it.

    Nothing confidential stands in this table: what the proposer marked lies in ``ConfidentialPart``, who
    they are in ``ProposerContact``, so that no list, search, export or record of changes can carry it by accident.
    ``section`` is the section that takes the case on; ``officer`` the person at the desk who accompanies it.
    """

    kind = models.CharField(_("種類"), max_length=15, choices=ProposalKind.choices)
    origin = models.CharField(_("経路"), max_length=10, choices=Origin.choices, default=Origin.FREE)
    number = models.CharField(_("受付番号"), max_length=20, blank=True, editable=False)
    title = models.CharField(_("題名"), max_length=120, blank=True)
    summary = models.TextField(_("提案の内容"), max_length=8_000, blank=True)
    effects = models.TextField(_("期待できる効果"), max_length=4_000, blank=True)
    requests = models.TextField(_("自治体に求めること"), max_length=4_000, blank=True)
    schedule = models.TextField(_("進め方と時期"), max_length=2_000, blank=True)
    track_record = models.TextField(_("実績"), max_length=2_000, blank=True)
    cost_yen = models.PositiveBigIntegerField(_("自治体の負担の見込み(円)"), null=True, blank=True)
    cost_note = models.CharField(_("費用の補足"), max_length=300, blank=True)
    fields = models.ManyToManyField("exchange.Field", verbose_name=_("分野"), blank=True, related_name="+")
    challenge = models.ForeignKey(
        "exchange.Challenge",
        verbose_name=_("課題"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="proposals",
    )
    call = models.ForeignKey(
        "desk.Call",
        verbose_name=_("募集"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="proposals",
    )
    contact = models.ForeignKey(
        "exchange.Contact",
        verbose_name=_("縁"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="proposals",
    )
    proposer = models.ForeignKey(
        Organization,
        verbose_name=_("提案者(団体)"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="proposals_made",
    )
    proposer_name = models.CharField(_("提案者"), max_length=150, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("窓口の担当者"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    agrees_to_onward = models.BooleanField(_("ほかの課題・自治体への紹介に同意"), default=False)
    agrees_to_publication = models.BooleanField(_("名前を出さない公表に同意"), default=False)
    status = models.CharField(
        _("状態"), max_length=12, choices=ProposalStatus.choices, default=ProposalStatus.DRAFT
    )
    status_reason = models.CharField(_("状態の理由"), max_length=500, blank=True)
    stage_entered_at = models.DateTimeField(_("今の段階に入った日時"), null=True, blank=True, editable=False)
    stage_due_on = models.DateField(_("今の段階の目安の日"), null=True, blank=True, editable=False)
    received_at = models.DateTimeField(_("受付日時"), null=True, blank=True)
    first_reply_at = models.DateTimeField(_("最初の回答の日時"), null=True, blank=True)
    decided_at = models.DateTimeField(_("決定日時"), null=True, blank=True)
    started_on = models.DateField(_("事業の開始日"), null=True, blank=True)
    import_key = models.CharField(_("取込キー"), max_length=100, blank=True, editable=False)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = ProposalQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("提案")
        verbose_name_plural = _("提案")
        ordering = ["-updated_at", "-pk"]
        constraints = [
            *OwnedRecord.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "number"],
                condition=~Q(number=""),
                name="proposal_number_once_per_desk",
            ),
            models.UniqueConstraint(
                fields=["organization", "import_key"],
                condition=~Q(import_key=""),
                name="proposal_import_key_once_per_desk",
            ),
            models.CheckConstraint(
                name="proposal_received_at_set_once_received",
                condition=Q(status=ProposalStatus.DRAFT) | (Q(received_at__isnull=False) & ~Q(title="")),
            ),
            models.CheckConstraint(
                name="proposal_decided_at_set_once_decided",
                condition=~Q(status__in=["adopted", "trial", "declined"]) | Q(decided_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "status", "received_at"], name="proposal_of_desk"),
            models.Index(fields=["organization", "-received_at", "-id"], name="proposal_received"),
            models.Index(fields=["organization", "-updated_at", "-id"], name="proposal_of_owner"),
            models.Index(fields=["organization", "stage_due_on", "id"], name="proposal_due"),
            models.Index(fields=["proposer", "-updated_at", "-id"], name="proposal_of_proposer"),
            models.Index(fields=["officer", "status"], name="proposal_of_officer"),
            models.Index(fields=["-updated_at", "-id"], name="proposal_recent"),
            models.Index(
                fields=["organization", "status", "visibility", "deleted_at"], name="proposal_counted"
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(_("題名のない提案"))

    def get_absolute_url(self) -> str:
        return reverse("desk:proposal_detail", args=[self.pk])

    @property
    def stage(self) -> ProposalStatus:
        return ProposalStatus(self.status)

    @property
    def gist(self) -> str:
        """Two lines for a list, past the greetings."""
        return essence(self.summary, most=120)

    @property
    def is_from_visitor(self) -> bool:
        """Nobody with an account stands behind it: the secret link is the only way in."""
        return self.submitted_by_id is None and self.proposer_id is None


class ProposerContact(models.Model):
    """Who to write or ring. Kept apart: read through ``confidentiality`` only, each reading is on record."""

    proposal = models.OneToOneField(Proposal, on_delete=models.CASCADE, related_name="reach")
    name = models.CharField(_("お名前"), max_length=100, blank=True)
    email = models.EmailField(_("メールアドレス"), blank=True)
    phone = models.CharField(_("電話"), max_length=40, blank=True)
    way = models.CharField(_("受けた方法"), max_length=10, choices=CallerWay.choices, blank=True)
    verified_at = models.DateTimeField(_("メールを確かめた日時"), null=True, blank=True)

    class Meta:
        verbose_name = _("連絡先")
        verbose_name_plural = _("連絡先")

    def __str__(self) -> str:
        return str(_("提案の連絡先"))


class ConfidentialPart(models.Model):
    """A part the proposer marked as know-how or trade secret. Read through ``confidentiality`` only."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="confidential_parts")
    heading = models.CharField(_("見出し"), max_length=120)
    text = models.TextField(_("内容"), max_length=8_000)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("非公開の部分")
        verbose_name_plural = _("非公開の部分")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        # Never the heading: a log or a trail may print this.
        return str(_("非公開の部分"))


# Further models of the room, by subject.
from enishi.desk.calls.models import Call, CallAddendum, CallCriterion, CallQuestion  # noqa: E402
from enishi.desk.decisions.models import (  # noqa: E402
    Decision,
    FirstReply,
    Learned,
    OnwardOffer,
    ReplyEscalation,
)
from enishi.desk.dialogue.models import Homework, InternalNote, Meeting  # noqa: E402
from enishi.desk.models_flow import (  # noqa: E402
    BudgetStep,
    Consultation,
    ConsultationQuerySet,
    DeskSettings,
    ReceiptCounter,
    SectionMailbox,
    StaffTime,
    StageEntry,
)
from enishi.desk.models_intake import (  # noqa: E402
    ConfidentialGrant,
    Letter,
    Message,
    ProposalFile,
    ReplyTemplate,
    SecretLink,
)
from enishi.desk.models_post import Posting  # noqa: E402
from enishi.desk.models_triage import CaseText, Routing, Suggestion  # noqa: E402
from enishi.desk.review.models import (  # noqa: E402
    Declaration,
    Review,
    ReviewCriterion,
    ReviewEntry,
    Reviewer,
    Score,
    ScoreRevision,
)
from enishi.desk.soundings.models import (  # noqa: E402
    Sounding,
    SoundingApplication,
    SoundingMinutes,
    SoundingSlot,
    SummaryBasis,
    SummaryParagraph,
)


def barred_from(person: object) -> models.QuerySet[ReviewEntry, int]:
    """Keys of the proposals this person may not read inside the house because of a seat among their reviewers.

    Who sits down says first what ties there are; who left because of one waits until the result is public. Whoever belongs
    to the proposer still reads what the proposer reads.
    """
    seats = Reviewer.objects.filter(person_id=getattr(person, "pk", None) or 0)
    left = seats.exclude(excluded_because="").values("review_id")
    closed = Q(review__in=left, proposal__decision__published_at__isnull=True)
    rows = ReviewEntry.objects.filter(closed | Q(review__in=seats.undeclared().values("review_id")))
    return rows.values_list("proposal_id", flat=True)


__all__ = [
    "BudgetStep",
    "Call",
    "CallAddendum",
    "CallCriterion",
    "CallQuestion",
    "CaseText",
    "ConfidentialGrant",
    "ConfidentialPart",
    "Consultation",
    "ConsultationQuerySet",
    "Decision",
    "Declaration",
    "DeskSettings",
    "FirstReply",
    "Homework",
    "InternalNote",
    "Learned",
    "Letter",
    "Meeting",
    "Message",
    "OnwardOffer",
    "Posting",
    "Proposal",
    "ProposalFile",
    "ProposalQuerySet",
    "ProposerContact",
    "ReceiptCounter",
    "ReplyEscalation",
    "ReplyTemplate",
    "Review",
    "ReviewCriterion",
    "ReviewEntry",
    "Reviewer",
    "Routing",
    "Score",
    "ScoreRevision",
    "SecretLink",
    "SectionMailbox",
    "Sounding",
    "SoundingApplication",
    "SoundingMinutes",
    "SoundingSlot",
    "StaffTime",
    "StageEntry",
    "Suggestion",
    "SummaryBasis",
    "SummaryParagraph",
    "barred_from",
]
