"""How a desk for residents is set."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from enishi.foundation.forms import CodeField, LongTextField, TextField
from enishi.knowledge.concierge.services import DeskValues
from enishi.knowledge.models import Concierge
from enishi.organizations.models import Organization, Section

SLUG = RegexValidator(
    r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$", _("半角の英小文字・数字・ハイフンで書いてください。")
)


class DeskForm(forms.Form):
    """The desk of one organisation."""

    title = TextField(label=_("窓口の名前"), max_length=60)
    slug = CodeField(
        label=_("番地"), max_length=40, validators=[SLUG], help_text=_("/ask/ の後に続く英数字です。例: aoba")
    )
    greeting = TextField(label=_("はじめの言葉"), max_length=300, required=False)
    is_open = forms.BooleanField(label=_("公開する"), required=False)
    default_section = forms.ModelChoiceField(
        label=_("迷ったときの案内先"),
        queryset=Section.objects.none(),
        required=False,
        empty_label=_("決めない"),
    )
    opening_hours = TextField(
        label=_("開庁時間"), max_length=120, required=False, help_text=_("例: 平日 8:30〜17:15")
    )
    shown_on = LongTextField(
        label=_("埋め込みを許すサイト"),
        max_length=2_000,
        required=False,
        help_text=_(
            "1行に一つ。例: https://www.city.example.lg.jp 。書かないと、どのサイトにも埋め込めません。"
        ),
    )
    uses_documents = forms.BooleanField(label=_("公開の資料からも答える"), required=False, initial=True)
    uses_generation = forms.BooleanField(
        label=_("設定があれば、生成した文と機械の訳も使う(印を付けて示します)"), required=False
    )

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, initial=0)

    def __init__(self, *args: Any, organization: Organization, desk: Concierge | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        section: Any = self.fields["default_section"]
        section.queryset = Section.objects.filter(organization=organization, valid_to__isnull=True).order_by(
            "code", "pk"
        )
        if desk is not None:
            for name, field in self.fields.items():
                field.initial = getattr(desk, name)
        else:
            self.fields["title"].initial = _("%(name)s 住民の窓口") % {"name": organization.name}

    def values(self) -> DeskValues:
        data = dict(self.cleaned_data)
        section, _version = data.pop("default_section"), data.pop("version")
        return DeskValues(default_section_id=section.pk if section else None, **data)
