"""Forms of programmes, codes and years."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.budgets.enums import AllocationMethod, FundKind, Level, Stage
from enishi.budgets.models import BudgetCode, Programme, ProgrammeYear
from enishi.budgets.services import NewShare, ProgrammeValues, Typed, YearValues
from enishi.budgets.transfer.cells import UnreadableCellError, read_year
from enishi.budgets.transfer.shares import read_share
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.forms import (
    CodeField,
    LongTextField,
    TextField,
    WarekiDateField,
    YenField,
    formfield,
)
from enishi.indicators.models import Indicator
from enishi.organizations.enums import Visibility
from enishi.organizations.models import Organization, Section


class FiscalYearField(forms.Field):
    """A fiscal year, read from 令和8年度, R8, 2026."""

    default_error_messages = {"required": gettext_lazy("年度を入力してください。例: 令和8年度")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", gettext_lazy("例: 令和8年度、R8、2026"))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values or not str(value).strip():
            return None
        try:
            year = read_year(str(value))
        except UnreadableCellError as unreadable:
            raise ValidationError(str(unreadable)) from unreadable
        if not 1900 <= year <= 2200:
            raise ValidationError(_("年度は1900から2200までで書いてください。"))
        return year

    def prepare_value(self, value: Any) -> Any:
        return str(FiscalYear(value)) if isinstance(value, int) else value


class ProgrammeForm(forms.ModelForm[Programme]):
    """A programme as its section describes it."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    start_fy = FiscalYearField(label=gettext_lazy("開始年度"))
    end_fy = FiscalYearField(label=gettext_lazy("終了年度(サンセット)"), required=False)

    class Meta:
        model = Programme
        formfield_callback = formfield
        fields = (
            *("title", "section", "summary", "legal_kind", "legal_basis", "delivery", "origin"),
            *("start_fy", "end_fy", "end_reason", "zero_budget", "output_indicator", "visibility"),
        )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sections = Section.objects.filter(organization=organization, valid_to__isnull=True)
        self.fields["section"].queryset = sections  # type: ignore[attr-defined]
        self.fields["output_indicator"].queryset = (  # type: ignore[attr-defined]
            Indicator.objects.in_use().filter(organization=organization, stage="output")
        )
        self.fields["visibility"].initial = Visibility.PUBLIC
        if not self.instance.pk:
            self.fields["visibility"].choices = Visibility.choices  # type: ignore[attr-defined]

    def values(self) -> ProgrammeValues:
        data = dict(self.cleaned_data)
        data.pop("version", None)
        data.pop("uid", None)
        section, indicator = data.pop("section"), data.pop("output_indicator")
        return ProgrammeValues(
            section_id=section.pk if section else None,
            output_indicator_id=indicator.pk if indicator else None,
            **data,
        )

    def _post_clean(self) -> None:
        # The service judges the whole record; here only the fields are.
        return None


class NewProgrammeForm(ProgrammeForm):
    """The same, with the number that stays for good."""

    token = forms.CharField(widget=forms.HiddenInput, required=False)
    uid = CodeField(
        label=gettext_lazy("事業番号"),
        max_length=6,
        help_text=gettext_lazy("6桁の数字。一度付けたら変わらず、ほかの事業に使い回しません"),
    )
    field_order = ["uid"]

    def clean_uid(self) -> str:
        uid = str(self.cleaned_data["uid"])
        if len(uid) != 6 or not (uid.isascii() and uid.isdecimal()):
            raise ValidationError(_("事業番号は6桁の数字で書いてください。例: 100101"))
        return uid

    def values(self) -> ProgrammeValues:
        self.cleaned_data.pop("token", None)
        return super().values()


class EndForm(forms.Form):
    """The year a programme ends with, and why."""

    end_fy = FiscalYearField(label=gettext_lazy("最後の年度"))
    reason = LongTextField(label=gettext_lazy("終える理由"), max_length=500)


class MergeForm(EndForm):
    """Into which programme this one goes."""

    into = CodeField(
        label=gettext_lazy("統合する先の事業番号"), max_length=6, help_text=gettext_lazy("6桁の番号")
    )
    field_order = ["into", "end_fy", "reason"]

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.programme = programme
        self.target: Programme | None = None
        self.fields["reason"].label = _("統合する理由")

    def clean_into(self) -> str:
        uid = str(self.cleaned_data["into"])
        self.target = Programme.objects.filter(
            organization_id=self.programme.organization_id, uid=uid
        ).first()
        if self.target is None:
            raise ValidationError(
                _("番号 %(uid)s の事業はありません。一覧で番号を確かめてください。") % {"uid": uid}
            )
        return uid


class ProgrammeYearForm(forms.ModelForm[ProgrammeYear]):
    """A programme's year."""

    class Meta:
        model = ProgrammeYear
        formfield_callback = formfield
        fields = ("status", "fte", "staff_hours", "narrative")

    def values(self) -> YearValues:
        return YearValues(**self.cleaned_data)

    def _post_clean(self) -> None:
        return None


class EntryForm(forms.Form):
    """One amount, typed."""

    token = forms.CharField(widget=forms.HiddenInput, required=False)
    stage = forms.ChoiceField(label=gettext_lazy("段階"))
    round_no = forms.IntegerField(
        label=gettext_lazy("回"),
        min_value=0,
        max_value=99,
        required=False,
        help_text=gettext_lazy("査定と補正だけ。補正第2号なら 2"),
    )
    amount_yen = YenField(label=gettext_lazy("金額"))
    dated_on = WarekiDateField(label=gettext_lazy("日付"))
    resolution_no = TextField(label=gettext_lazy("議案・決裁番号"), max_length=40, required=False)
    reason = TextField(label=gettext_lazy("わけ(摘要)"), max_length=200)

    def __init__(self, *args: Any, stages: list[Stage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stage"].choices = [(stage.value, stage.label) for stage in stages]  # type: ignore[attr-defined]
        for kind in FundKind:
            self.fields[f"fund_{kind.value}"] = YenField(
                label=_("財源: %(kind)s") % {"kind": kind.label}, required=False, help_text=""
            )

    def typed(self) -> Typed:
        data = self.cleaned_data
        funds = tuple(
            (kind, int(data[f"fund_{kind.value}"]))
            for kind in FundKind
            if data.get(f"fund_{kind.value}") is not None
        )
        return Typed(
            stage=Stage(data["stage"]),
            amount_yen=data["amount_yen"],
            dated_on=data["dated_on"],
            reason=data["reason"],
            round_no=data.get("round_no") or 0,
            resolution_no=data["resolution_no"],
            funds=funds,
        )


class MoveForm(forms.Form):
    """流用 and 予備費充用: from this code to another."""

    token = forms.CharField(widget=forms.HiddenInput, required=False)
    stage = forms.ChoiceField(
        label=gettext_lazy("種類"),
        choices=[(stage.value, stage.label) for stage in Stage if stage.is_zero_sum],
    )
    to = CodeField(
        label=gettext_lazy("受ける科目のコード"),
        max_length=160,
        help_text=gettext_lazy("会計からのコード。例: 01-03-01-02-2010-12"),
    )
    amount_yen = YenField(label=gettext_lazy("金額"), min_value=1)
    dated_on = WarekiDateField(label=gettext_lazy("日付"))
    resolution_no = TextField(label=gettext_lazy("決裁番号"), max_length=40, required=False)
    reason = TextField(label=gettext_lazy("わけ"), max_length=200)

    def __init__(self, *args: Any, code: BudgetCode, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code = code
        self.taker: BudgetCode | None = None

    def clean_to(self) -> str:
        path = str(self.cleaned_data["to"])
        self.taker = code_at(self.code, path, self.code.fiscal_year)
        return path

    def typed(self) -> Typed:
        data = self.cleaned_data
        names = ("amount_yen", "dated_on", "reason", "resolution_no")
        return Typed(stage=Stage(data["stage"]), **{name: data[name] for name in names})


def code_at(beside: BudgetCode, path: str, fiscal_year: int) -> BudgetCode:
    """The code somebody wrote down, or a sentence."""
    found = BudgetCode.objects.filter(
        organization_id=beside.organization_id, fiscal_year=fiscal_year, path=path
    ).first()
    if found is None:
        raise ValidationError(
            _("%(year)d年度に科目 %(path)s はありません。予算の一覧でコードを確かめてください。")
            % {"year": fiscal_year, "path": path}
        )
    return found


class LinkForm(forms.Form):
    """Which code of an earlier year this one was."""

    fiscal_year = FiscalYearField(label=gettext_lazy("前の年度"))
    path = CodeField(label=gettext_lazy("前の年度のコード"), max_length=160)
    note = TextField(label=gettext_lazy("わけ"), max_length=300, required=False)

    def __init__(self, *args: Any, code: BudgetCode, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code = code
        self.old: BudgetCode | None = None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("fiscal_year") and data.get("path"):
            try:
                self.old = code_at(self.code, data["path"], data["fiscal_year"])
            except ValidationError as refused:
                self.add_error("path", refused)
        return data


class NameForm(forms.Form):
    name = TextField(label=gettext_lazy("名称"), max_length=120)


class CodeForm(NameForm):
    """A code by hand; imports make theirs by themselves."""

    level = forms.TypedChoiceField(label=gettext_lazy("区分"), choices=Level.choices, coerce=int)
    code = CodeField(label=gettext_lazy("コード"), max_length=20, help_text=gettext_lazy("例: 03"))
    field_order = ["level", "code", "name"]


class SharesForm(forms.Form):
    """All shares of a code, one line each: number, share or amount, why."""

    lines = LongTextField(
        label=gettext_lazy("配賦"),
        required=False,
        max_length=20_000,
        help_text=gettext_lazy(
            "一行に一つ: 事業番号、割合(%)か金額(円)、根拠。例: 100101 60% 利用者数で按分 / 100102 1,200,000円 委託契約書。残りは未配賦になります。"
        ),
    )
    method = forms.ChoiceField(
        label=gettext_lazy("方法"), choices=AllocationMethod.choices, initial=AllocationMethod.DIRECT
    )

    def __init__(self, *args: Any, code: BudgetCode, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code = code
        self.shares: list[NewShare] = []

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        lines = [line.strip() for line in str(data.get("lines") or "").split("\n")]
        programmes = {
            row.uid: row for row in Programme.objects.filter(organization_id=self.code.organization_id)
        }
        for number, line in enumerate(lines, 1):
            if line:
                try:
                    self.shares.append(read_share(line, programmes, data.get("method", "direct")))
                except ValidationError as refused:
                    self.add_error(
                        "lines", f"{number}{_('行目')}: {' '.join(str(each) for each in refused.messages)}"
                    )
        return data


class BudgetYearForm(forms.Form):
    """What staff cost in a year."""

    yen_per_fte = YenField(label=gettext_lazy("職員一人あたりの人件費(年)"), required=False, min_value=0)
    hours_per_fte = forms.IntegerField(
        label=gettext_lazy("職員一人の年間の時間"), required=False, min_value=1, max_value=9_000
    )
    fte_source = TextField(
        label=gettext_lazy("根拠"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("例: 令和7年度決算の職員給与費 ÷ 平均職員数"),
    )


class ReasonForm(forms.Form):
    reason = TextField(label=gettext_lazy("わけ"), max_length=300, required=False)


class NeededReasonForm(forms.Form):
    reason = TextField(label=gettext_lazy("わけ"), max_length=300)
