"""Organisations, their sections, and who works where as what."""

import datetime as dt
from typing import Self, TypeVar

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enishi.accounts.models import Person
from enishi.foundation.models import Kept
from enishi.organizations.enums import OrganizationKind, OrganizationSize, Role, Visibility
from enishi.organizations.visibility import reach_of, visible_to


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def active(self) -> Self:
        return self.filter(closed_on__isnull=True)

    def public_bodies(self) -> Self:
        return self.filter(kind__in=[OrganizationKind.MUNICIPALITY, OrganizationKind.PREFECTURE])


class Organization(models.Model):
    """A municipality or a partner. Every record belongs to one."""

    kind = models.CharField(_("種類"), max_length=20, choices=OrganizationKind.choices, db_index=True)
    name = models.CharField(_("名称"), max_length=150)
    kana = models.CharField(_("ふりがな"), max_length=200, blank=True)
    code = models.CharField(
        _("全国地方公共団体コード"),
        max_length=6,
        unique=True,
        null=True,
        blank=True,
        validators=[RegexValidator(r"^\d{6}$")],
    )
    corporate_number = models.CharField(
        _("法人番号"),
        max_length=13,
        unique=True,
        null=True,
        blank=True,
        validators=[RegexValidator(r"^\d{13}$")],
    )
    prefecture_code = models.CharField(_("都道府県コード"), max_length=2, blank=True, db_index=True)
    seat = models.ForeignKey(
        "self",
        verbose_name=_("所在する市区町村"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="residents",
    )
    latitude = models.FloatField(_("緯度"), null=True, blank=True)
    longitude = models.FloatField(_("経度"), null=True, blank=True)
    size = models.CharField(_("規模"), max_length=10, choices=OrganizationSize.choices, blank=True)
    summary = models.TextField(_("紹介"), max_length=2_000, blank=True)
    url = models.URLField(_("ウェブサイト"), blank=True)
    phone = models.CharField(_("電話"), max_length=40, blank=True)
    source = models.CharField(_("出所"), max_length=200, blank=True)
    is_demo = models.BooleanField(_("見本"), default=False)
    created_at = models.DateTimeField(_("登録日時"), auto_now_add=True)
    closed_on = models.DateField(_("廃止日"), null=True, blank=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("組織")
        verbose_name_plural = _("組織")
        indexes = [models.Index(fields=["name"], name="organization_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_public_body(self) -> bool:
        return OrganizationKind(self.kind).is_public_body


class SectionQuerySet(models.QuerySet["Section"]):
    def open_on(self, day: dt.date) -> Self:
        return self.filter(valid_from__lte=day).filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day))


class Section(models.Model):
    """A section (課) of an organisation, between two reorganisations."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="sections")
    parent = models.ForeignKey(
        "self",
        verbose_name=_("上位の組織"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
    )
    code = models.CharField(_("組織コード"), max_length=20, blank=True)
    name = models.CharField(_("名称"), max_length=100)
    duties = models.TextField(_("事務分掌"), max_length=4_000, blank=True)
    phone = models.CharField(_("電話"), max_length=40, blank=True)
    email = models.EmailField(_("メール"), blank=True)
    opening_hours = models.CharField(_("受付時間"), max_length=120, blank=True)
    valid_from = models.DateField(_("設置日"))
    valid_to = models.DateField(_("廃止日(この日まで)"), null=True, blank=True)
    successors = models.ManyToManyField("self", symmetrical=False, blank=True, related_name="predecessors")

    objects = SectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("課")
        verbose_name_plural = _("課")
        ordering = ["code", "pk"]
        constraints = [
            models.CheckConstraint(
                name="section_ends_after_it_begins",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
            ),
            models.CheckConstraint(name="section_is_not_its_own_parent", condition=~Q(parent=F("pk"))),
        ]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self, day: dt.date) -> Self:
        return self.filter(valid_from__lte=day).filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day))


class Membership(models.Model):
    """A person's place and role in an organisation, for a time."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    section = models.ForeignKey(
        Section,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("課"),
    )
    role = models.CharField(_("役割"), max_length=25, choices=Role.choices)
    title = models.CharField(_("役職"), max_length=60, blank=True)
    valid_from = models.DateField(_("着任日"))
    valid_to = models.DateField(_("離任日(この日まで)"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("所属")
        verbose_name_plural = _("所属")
        constraints = [
            models.CheckConstraint(
                name="membership_ends_after_it_begins",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
            )
        ]
        indexes = [models.Index(fields=["person", "valid_to"], name="membership_person")]

    def __str__(self) -> str:
        return f"{self.person} {self.organization} {self.get_role_display()}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, at: dt.datetime) -> Self:
        """Those that still let somebody in."""
        return self.waiting().filter(expires_at__gt=at)

    def waiting(self) -> Self:
        return self.filter(accepted_at__isnull=True, withdrawn_at__isnull=True)


class Invitation(models.Model):
    """An open door for one e-mail address into one place of one organisation."""

    email = models.EmailField(_("メールアドレス"))
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    section = models.ForeignKey(Section, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    role = models.CharField(_("役割"), max_length=25, choices=Role.choices)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(_("送信日時"))
    sent_at = models.DateTimeField(_("メールが出た日時"), null=True, blank=True)
    expires_at = models.DateTimeField(_("有効期限"))
    accepted_at = models.DateTimeField(_("受諾日時"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("取り消し日時"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("招待")
        verbose_name_plural = _("招待")

    def __str__(self) -> str:
        return self.email


OwnedT = TypeVar("OwnedT", bound="OwnedRecord")


class OwnedQuerySet(models.QuerySet[OwnedT]):
    """Rows of an owned record. ``not_yet_shared`` names the rows only the owner's people see, whatever their visibility."""

    not_yet_shared: Q | None = None

    def visible_to(self, person: object) -> Self:
        """The rows this person may read: for pages, API, search, exports, notices and AI alike."""
        rows = self.filter(visible_to(person, self.model))
        if self.not_yet_shared is not None:
            rows = rows.filter(
                ~self.not_yet_shared | Q(organization_id__in=reach_of(person).organization_ids)
            )
        return rows


class OwnedRecord(Kept):
    """A record with an owner, a circle of readers and, where the circle is 当事者, the invited ones."""

    organization = models.ForeignKey(
        Organization, verbose_name=_("団体"), on_delete=models.PROTECT, related_name="%(class)ss"
    )
    section = models.ForeignKey(
        Section,
        verbose_name=_("担当課"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss",
    )
    visibility = models.CharField(
        _("公開範囲"), max_length=10, choices=Visibility.choices, default=Visibility.INTERNAL
    )
    parties = models.ManyToManyField(Organization, verbose_name=_("招いた団体"), blank=True, related_name="+")

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_section_named_when_only_it_reads",
                condition=~Q(visibility=Visibility.SECTION) | Q(section__isnull=False),
            )
        ]


# Further models of the room, by subject.
from enishi.organizations.models_joining import JoinRequest, Registration  # noqa: E402
from enishi.organizations.models_reorganization import Reorganization, ReorganizationStep  # noqa: E402

__all__ = [
    "Invitation",
    "JoinRequest",
    "Membership",
    "Organization",
    "OwnedQuerySet",
    "OwnedRecord",
    "Registration",
    "Reorganization",
    "ReorganizationStep",
    "Section",
]
