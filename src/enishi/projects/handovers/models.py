"""Handover packets (引継書): frozen on their day, item by item, with a tick where the successor has read it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.organizations.models import Organization, Section

PERSON = settings.AUTH_USER_MODEL


class HandoverPacket(models.Model):
    """Everything the successor of a person, or of a section, has to know on a day."""

    organization = models.ForeignKey(
        Organization, verbose_name=_("団体"), on_delete=models.PROTECT, related_name="handover_packets"
    )
    person = models.ForeignKey(
        PERSON,
        verbose_name=_("前任者"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="handovers_given",
    )
    section = models.ForeignKey(
        Section,
        verbose_name=_("引き継ぐ課"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="handover_packets",
    )
    successor = models.ForeignKey(
        PERSON, verbose_name=_("後任者"), on_delete=models.PROTECT, related_name="handovers_taken"
    )
    note = models.TextField(_("前任者からのことば"), max_length=4_000, blank=True)
    as_of = models.DateField(_("いつの時点か"))
    made_by = models.ForeignKey(
        PERSON, verbose_name=_("作った人"), on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(_("作成日時"))
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    class Meta:
        verbose_name = _("引継書")
        verbose_name_plural = _("引継書")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="handover_of_a_person_or_a_section",
                condition=Q(person__isnull=False) | Q(section__isnull=False),
            ),
            models.CheckConstraint(
                name="handover_goes_to_another",
                condition=Q(person__isnull=True) | ~Q(person=F("successor")),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-made_at", "-id"], name="handover_of_organization"),
            models.Index(fields=["successor", "-made_at"], name="handover_of_successor"),
        ]

    def __str__(self) -> str:
        whose = self.person.name if self.person else str(self.section)
        return str(_("%(whose)sから%(successor)sへの引継書") % {"whose": whose, "successor": self.successor})

    def get_absolute_url(self) -> str:
        return reverse("projects:handover_detail", args=[self.pk])


class HandoverItem(models.Model):
    """One thing of a packet, as it was on that day. ``section`` is set when the record is kept within a section."""

    packet = models.ForeignKey(HandoverPacket, on_delete=models.CASCADE, related_name="items")
    part_key = models.CharField(max_length=60)
    part_title = models.CharField(_("章"), max_length=100)
    position = models.PositiveIntegerField()
    title = models.CharField(_("件名"), max_length=300)
    url = models.CharField(max_length=300, blank=True)
    state = models.CharField(_("状態"), max_length=100, blank=True)
    due_on = models.DateField(_("次の期日"), null=True, blank=True)
    next_step = models.CharField(_("次にすること"), max_length=500, blank=True)
    counterpart = models.CharField(_("相手"), max_length=500, blank=True)
    note = models.CharField(_("経過・約束"), max_length=2_000, blank=True)
    is_open = models.BooleanField(_("動いている"), default=True)
    section = models.ForeignKey(Section, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(_("確認日時"), null=True, blank=True)

    class Meta:
        verbose_name = _("引継書の項目")
        verbose_name_plural = _("引継書の項目")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["packet", "position"], name="handover_item_has_its_place"),
            models.CheckConstraint(
                name="handover_item_confirmed_by_somebody",
                condition=Q(confirmed_at__isnull=True) | Q(confirmed_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title
