"""What an office writes of every announcement, and why it changes its state."""

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enishi.exchange.models import Challenge
from enishi.foundation.access import Actor
from enishi.foundation.forms import LongTextField, ModelMultipleChoiceField
from enishi.organizations.enums import Visibility
from enishi.organizations.models import Organization, Section
from enishi.organizations.visibility import reach_of


class AnnouncementForm(forms.ModelForm[Any]):
    """The end is a day and an hour, so that nobody wonders whether the day itself still counts.

    A kind names the column ``closes``, its two fields ``closes_on`` and ``closes_time``, and how its challenges are called.
    """

    closes: ClassVar[str]
    closes_on: ClassVar[str]
    closes_time: ClassVar[str]
    challenges_label: ClassVar[str | Promise]
    challenges_help: ClassVar[str | Promise] = ""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    token = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, organization: Organization, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Challenge.objects.visible_to(actor).filter(organization=organization).exclude(status="draft")
        self.fields["challenges"] = ModelMultipleChoiceField(
            label=self.challenges_label,
            queryset=own.order_by("-updated_at"),
            required=False,
            help_text=self.challenges_help,
        )
        is_new = not self.instance.pk
        _offer_sections(self.fields["section"], organization, actor, is_new=is_new)
        self.fields["visibility"].initial = Visibility.PUBLIC
        if not is_new:
            local = timezone.localtime(getattr(self.instance, self.closes))
            self.fields[self.closes_on].initial = local.date()
            self.fields[self.closes_time].initial = local.time().replace(second=0, microsecond=0)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        day, hour = cleaned.get(self.closes_on), cleaned.get(self.closes_time)
        if day and hour:
            cleaned[self.closes] = timezone.make_aware(dt.datetime.combine(day, hour))
        return cleaned

    def _post_clean(self) -> None:
        """The model's own checks run in the service; here they would miss the joined end."""

    def values(self) -> dict[str, Any]:
        leave = {self.closes_on, self.closes_time, "version", "token"}
        return {name: value for name, value in self.cleaned_data.items() if name not in leave}


def _offer_sections(field: Any, organization: Organization, actor: Actor, *, is_new: bool) -> None:
    """Whose officers run it, and so see who asked or applied: the writer's own section unless another is chosen."""
    open_now = Section.objects.filter(organization=organization).open_on(timezone.localdate())
    field.queryset = open_now
    field.empty_label = _("課を決めない(企画・管理職だけ)")
    field.help_text = _("質問や申込をした人が分かるのは、ここで選んだ課の担当者と、企画・管理職です。")
    if is_new:
        field.initial = open_now.filter(pk__in=reach_of(actor).section_ids).order_by("pk").first()


class StatusForm(forms.Form):
    reason = LongTextField(label=_("理由"), max_length=500, required=False, help_text=_("ページに載ります"))
