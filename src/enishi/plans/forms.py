"""Forms of plans, versions and branches."""

import itertools
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enishi.foundation.access import Actor
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.forms import CodeField, LongTextField, TextField, WarekiDateField, formfield, shortened
from enishi.organizations.models import Organization
from enishi.plans import selectors
from enishi.plans.enums import LinkKind, VersionState
from enishi.plans.models import (
    FIRST_YEAR,
    LAST_YEAR,
    NodeIdentity,
    Plan,
    PlanNode,
    PlanVersion,
    StatutoryPlan,
)
from enishi.plans.paths import DEEPEST

_ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925}
_YEAR = re.compile(r"^(?:(令和|平成|昭和|[RHS])\.?\s*(元|\d{1,2})|(\d{4}))\s*(?:年度?)?$")


def read_year(text: str) -> int:
    """令和8年度, R8, ２０２６: the year in which the fiscal year begins.

    >>> read_year("令和8年度"), read_year("Ｒ8"), read_year("２０２６年度"), read_year("平成元年度")
    (2026, 2026, 2026, 1989)
    """
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    found = _YEAR.match(plain)
    if found is None:
        raise ValidationError(
            _("「%(written)s」は年度として読めません。例: 令和8年度、R8、2026"),
            code="invalid",
            params={"written": shortened(text)},
        )
    era, number, year = found.groups()
    if year:
        return int(year)
    return _ERAS[era] + (1 if number == "元" else int(number))


class FiscalYearField(TextField):
    """A fiscal year as people write it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("例: 令和8年度、R8、2026"))
        super().__init__(max_length=20, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return str(FiscalYear(value)) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        year = read_year(text)
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise ValidationError(
                _("%(first)d年度から%(last)d年度までで入れてください。"),
                params={"first": FIRST_YEAR, "last": LAST_YEAR},
            )
        return year


class VersionedForm(forms.ModelForm[Any]):
    """A form that knows from which state of the row it was opened."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    counter = "version"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["version"] = getattr(self.instance, self.counter)

    def _post_clean(self) -> None:
        """Nothing is written on the row here: services do that, under a lock."""

    def values(self) -> dict[str, Any]:
        return {
            name: self.cleaned_data[name] for name in self._meta.fields or () if name in self.cleaned_data
        }


def choose_plan(form: forms.ModelForm[Any], name: str, organization: Organization, actor: Actor) -> None:
    """Plans of the house that this person may read; a choice made by others that they may not read stays as it is."""
    rows = Plan.objects.visible_to(actor).filter(organization=organization)
    chosen = getattr(form.instance, f"{name}_id")
    if chosen is not None and not rows.filter(pk=chosen).exists():
        del form.fields[name]
        return
    field: Any = form.fields[name]
    is_plan = isinstance(form.instance, Plan) and form.instance.pk
    field.queryset = rows.exclude(pk=form.instance.pk) if is_plan else rows


class PlanForm(VersionedForm):
    start_fy = FiscalYearField(label=_("始まりの年度"))
    end_fy = FiscalYearField(label=_("終わりの年度"))

    class Meta:
        model = Plan
        fields = (
            "kind",
            "name",
            "summary",
            "start_fy",
            "end_fy",
            "rolling",
            "parent",
            "legal_basis",
            "statutory",
            "approval",
            "section",
            "visibility",
        )
        formfield_callback = formfield

    def __init__(self, *args: Any, organization: Organization, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_plan(self, "parent", organization, actor)
        sections: Any = self.fields["section"]
        sections.queryset = organization.sections.open_on(timezone.localdate())

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = cleaned.get("start_fy"), cleaned.get("end_fy")
        if first and last and last < first:
            self.add_error("end_fy", _("終わりの年度が、始まりの年度より前です。"))
        if cleaned.get("visibility") == "section" and not cleaned.get("section"):
            self.add_error("section", _("課内だけで読む計画には、担当課を選んでください。"))
        return cleaned


class VersionForm(VersionedForm):
    counter = "revision"
    effective_on = WarekiDateField(label=_("施行日"), required=False)

    class Meta:
        model = PlanVersion
        fields = ("effective_on", "change_summary")
        formfield_callback = formfield
        help_texts = {"change_summary": _("前の版から何を、なぜ変えたか。住民も読みます。")}


class NodeForm(VersionedForm):
    counter = "revision"
    code = CodeField(label=_("番号"), max_length=30, required=False, help_text=_("例: 1-2"))

    class Meta:
        model = PlanNode
        fields = ("code", "title", "target", "intent", "result", "plain", "section", "weight")
        formfield_callback = formfield

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sections: Any = self.fields["section"]
        sections.queryset = plan.organization.sections.open_on(timezone.localdate())
        for name in ("target", "intent", "result", "plain"):
            self.fields[name].widget.attrs["rows"] = 3


class NewNodeForm(NodeForm):
    level = forms.ChoiceField(label=_("階層"))

    field_order = ("level", "code", "title")

    def __init__(self, *args: Any, levels: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["level"]
        choice.choices = levels

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in super().values().items() if name != "level"}


class LevelsForm(forms.Form):
    """The levels from the top down, each with who judges it."""

    def __init__(self, *args: Any, version: PlanVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {level.order: level for level in version.levels.all()}
        for order in range(1, DEEPEST + 1):
            level = known.get(order)
            self.fields[f"label_{order}"] = TextField(
                label=_("%(order)d段目の呼び方") % {"order": order},
                max_length=40,
                required=order == 1,
                initial=level.label if level else "",
                help_text=_("例: 政策、施策、基本事業、事務事業") if order == 1 else "",
            )
            self.fields[f"role_{order}"] = TextField(
                label=_("%(order)d段目を評価する人") % {"order": order},
                max_length=60,
                required=False,
                initial=level.evaluator_role if level else "",
                help_text=_("例: 部長、課長") if order == 1 else "",
            )

    def labels(self) -> list[tuple[str, str]]:
        return [
            (self.cleaned_data[f"label_{order}"], self.cleaned_data[f"role_{order}"])
            for order in range(1, DEEPEST + 1)
        ]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        filled = [bool(cleaned.get(f"label_{order}")) for order in range(1, DEEPEST + 1)]
        if any(later and not before for before, later in itertools.pairwise(filled)):
            raise ValidationError(_("途中の段が空いています。上から順に詰めて書いてください。"))
        return cleaned


Choices = list[tuple[str, str]]


class MoveForm(forms.Form):
    parent = forms.ChoiceField(label=_("移す先(この枝の下に入ります)"), required=False)

    def __init__(self, *args: Any, places: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["parent"]
        choice.choices = [("", _("いちばん上の段")), *places]


class MergeForm(forms.Form):
    into = forms.ChoiceField(
        label=_("統合する先"),
        help_text=_("下の枝・事務事業・指標はすべて統合する先に移り、この枝は無くなります。"),
    )

    def __init__(self, *args: Any, places: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["into"]
        choice.choices = places


class SplitForm(forms.Form):
    """The names of the new branches, and which of them gets what hangs from the old one."""

    titles = LongTextField(
        label=_("分けてできる枝の名称"),
        max_length=4_000,
        help_text=_("1行に一つ。いまの枝は1番目として残り、書いた順に2番目、3番目になります。"),
    )

    def __init__(
        self, *args: Any, children: list[tuple[int, str]], programmes: list[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.lower, self.work = children, programmes
        for name, rows in (("child", children), ("programme", programmes)):
            for key, words in rows:
                self.fields[f"{name}_{key}"] = forms.IntegerField(
                    label=words,
                    min_value=1,
                    max_value=21,
                    initial=1,
                    required=False,
                    help_text=_("何番目の枝に入れるか"),
                )

    def parts(self, name: str) -> dict[int, int]:
        rows = self.lower if name == "child" else self.work
        return {key: (self.cleaned_data.get(f"{name}_{key}") or 1) - 1 for key, _words in rows}


class WeightForm(forms.Form):
    weight = forms.DecimalField(
        label=_("重み"),
        min_value=0,
        max_digits=9,
        decimal_places=3,
        required=False,
        help_text=_("合意した重みがあるときだけ入れます。なければ空のままにします。"),
    )


class LinkForm(forms.Form):
    kind = forms.ChoiceField(label=_("つながり"), choices=LinkKind.choices)
    target = forms.CharField(widget=forms.HiddenInput, max_length=32)
    share_permille = forms.IntegerField(
        label=_("割合(千分率)"),
        min_value=0,
        max_value=1000,
        required=False,
        help_text=_("分かるときだけ。例: 250 は 25%"),
    )
    note = TextField(label=_("説明"), max_length=300, required=False)


class StatutoryForm(forms.ModelForm[StatutoryPlan]):
    """Chapters are written by their numbers: a plan has thousands of branches, too many to choose from in a list."""

    places = LongTextField(
        label=_("対応する箇所(枝の番号か名前)"),
        max_length=2_000,
        required=False,
        help_text=_("一行に一つか、「、」で区切って書きます。例: 1-2、高齢者福祉の充実"),
    )

    class Meta:
        model = StatutoryPlan
        fields = (
            "name",
            "law",
            "article",
            "obligation",
            "integrated_into",
            "places",
            "section",
            "source",
            "source_status",
        )
        formfield_callback = formfield

    def __init__(self, *args: Any, organization: Organization, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_plan(self, "integrated_into", organization, actor)
        sections: Any = self.fields["section"]
        sections.queryset = organization.sections.open_on(timezone.localdate())
        if self.instance.pk:
            self.initial["places"] = "\n".join(
                selectors.chapters_of([self.instance]).get(self.instance.pk, ())
            )

    def clean(self) -> dict[str, Any] | None:
        """Find each chapter in the document as it stands, and say which cannot be found."""
        data = super().clean()
        written = re.split(r"[\n、,,;;]+", self.cleaned_data.get("places") or "")
        wanted = [each.strip() for each in written if each.strip()]
        plan = self.cleaned_data.get("integrated_into")
        self.chapters: list[NodeIdentity] = []
        if wanted and plan is None:
            self.add_error("places", _("対応する箇所を書くときは、兼ねる文書を選んでください。"))
        elif wanted and plan is not None:
            found = branches_named(plan, wanted)
            unknown = [each for each in wanted if each not in found]
            if unknown:
                self.add_error(
                    "places",
                    _(
                        "「%(place)s」は「%(plan)s」の枝に見つかりません。木のページの番号か名前をそのまま書いてください。"
                    )
                    % {"place": shortened(unknown[0]), "plan": plan.name},
                )
            self.chapters = list(found.values())
        return data


def branches_named(plan: Plan, wanted: Sequence[str]) -> dict[str, NodeIdentity]:
    """Branches of the newest version by number or name; the number goes first."""
    version = plan.versions.exclude(state=VersionState.DISCARDED).order_by("-no").first()
    if version is None:
        return {}
    rows = version.nodes.filter(Q(code__in=wanted) | Q(title__in=wanted)).select_related("identity")
    every = list(rows.order_by("path"))
    found = {node.title: node.identity for node in reversed(every) if node.title in wanted}
    return found | {node.code: node.identity for node in reversed(every) if node.code in wanted}


class PlanFileForm(forms.Form):
    file = forms.FileField(
        label=_("計画の表(xlsx または CSV)"),
        help_text=_("階層は、字下げか、段ごとの列で表します。10MBまで。"),
    )
    leave_sections_out = forms.BooleanField(
        label=_("いまはない課は、空にして取り込む"),
        required=False,
        help_text=_("昔の組織の名前で書かれた表のとき。空にした行は、確認の画面に並びます。"),
    )
    unknown_as_branches = forms.BooleanField(
        label=_("予算にない事業番号の行は、枝として取り込む"),
        required=False,
        help_text=_("事務事業をまだ予算に登録していないとき。あとで事務事業に置きかえられます。"),
    )
