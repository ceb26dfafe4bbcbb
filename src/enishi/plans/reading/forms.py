"""Forms of readings."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enishi.foundation.forms import LongTextField, TextField
from enishi.foundation.numbers import whole
from enishi.organizations.models import Organization, Section
from enishi.plans.forms import FiscalYearField
from enishi.plans.models import PlanVersion, ReadingItem
from enishi.plans.reading.enums import ItemKind
from enishi.plans.reading.items import EDITABLE, LEVELS, current


class BringInForm(forms.Form):
    file = forms.FileField(
        label=_("政策の文書"),
        help_text=_("Word(docx)・PDF(文字の入ったもの)・HTML・テキスト。20 MBまで。"),
    )
    title = TextField(
        label=_("文書の名前"),
        max_length=200,
        required=False,
        help_text=_("空けておくと、ファイルの名前になります。"),
    )
    section = forms.ModelChoiceField(
        label=_("担当課"),
        queryset=Section.objects.none(),
        required=False,
        help_text=_("書き込む枝・指標・根拠の担当になります。"),
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sections: Any = self.fields["section"]
        sections.queryset = organization.sections.open_on(timezone.localdate())


class ItemForm(forms.Form):
    """An item's words, to be written differently. What the document says stays beside it."""

    def __init__(self, *args: Any, item: ReadingItem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        says = current(item.kind, item.data, item.edited)
        for name, words in EDITABLE[ItemKind(item.kind)]:
            label = str(words)
            long = name in ("title", "intent", "harm", "method")
            kind = LongTextField if long else TextField
            field: Any = kind(
                label=label,
                max_length=1_000 if long else 200,
                required=name == "title",
                initial=says.get(name, ""),
            )
            if name == "level":
                field = forms.ChoiceField(
                    label=label,
                    required=False,
                    initial=says["level"],
                    choices=[("", "—"), *((each, each) for each in LEVELS)],
                )
            if name == "who":
                names = ("住民", "地域社会", "行政")
                field = forms.ChoiceField(
                    label=label,
                    required=False,
                    initial=says["who"],
                    choices=[("", "—"), *((each, each) for each in names)],
                )
            self.fields[name] = field

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("target_value", "baseline_value"):
            text = str(cleaned.get(name) or "").replace(",", "")
            if text and not _is_number(text):
                self.add_error(name, _("数字で書いてください。例: 1250、12.5、-3"))
            elif name in cleaned:
                cleaned[name] = text
        for name in ("target_year", "baseline_year", "year"):
            text = str(cleaned.get(name) or "")
            if text and whole(text, 1900, 2200) is None:
                self.add_error(name, _("西暦4桁で書いてください。例: 2028"))
        return cleaned


def _is_number(text: str) -> bool:
    head = text.removeprefix("-")
    units, _dot, rest = head.partition(".")
    return text.isascii() and units.isdecimal() and (not rest or rest.isdecimal()) and not head.endswith(".")


class WriteForm(forms.Form):
    """Where the accepted items go: a draft of a plan, and the branch under which the measures hang."""

    place = forms.ChoiceField(
        label=_("書き込み先"),
        help_text=_(
            "支援策がこの枝の下に加わります。承認済みの版には書き込めないため、下書きの版だけが並びます。"
        ),
    )

    goal_year = FiscalYearField(
        label=_("年度の書いていない目標は、いつまでの目標とするか"),
        required=False,
        help_text=_("空にすると、年度のない目標値は入れません。計画の終わりの年度を入れてあります。"),
    )
    base_year = FiscalYearField(
        label=_("年度の書いていない現状値は、いつの値とするか"),
        required=False,
        help_text=_("空にすると、年度のない現状値は入れません。例: 令和6年度"),
    )

    def __init__(self, *args: Any, versions: list[PlanVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places: list[Any] = []
        for version in versions:
            nodes = version.nodes.select_related("level").order_by("path")[:500]
            below = [(f"{version.pk}:{node.pk}", "\u3000" * (node.depth - 1) + str(node)) for node in nodes]
            top = [(f"{version.pk}:0", str(_("いちばん上の段")))]
            places.append((str(version), [*top, *below]))
        place: Any = self.fields["place"]
        place.choices = places

    def chosen(self) -> tuple[int, int]:
        version, node = self.cleaned_data["place"].split(":")
        return int(version), int(node)
