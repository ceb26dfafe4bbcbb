"""Forms that bring amounts in: the file, and the profile that says what its columns mean."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.budgets.coding import padded, split
from enishi.budgets.enums import Level, MoneyUnit, RunMode, RunState, Stage
from enishi.budgets.forms import FiscalYearField
from enishi.budgets.models import BudgetImport, MappingProfile
from enishi.budgets.services import ProfileValues
from enishi.budgets.transfer.cells import UnreadableCellError, day_fault, read_amount
from enishi.budgets.transfer.columns import ALL, FUNDS, MONEY
from enishi.budgets.transfer.importing import MAX_BYTES, Arrival
from enishi.budgets.transfer.stages import STAGE_COLUMNS, Part
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.forms import CodeField, LongTextField, TextField, WarekiDateField, YenField
from enishi.organizations.models import Organization


def _checked_size(file: UploadedFile[Any]) -> UploadedFile[Any]:
    if (file.size or 0) > MAX_BYTES:
        raise ValidationError(
            _("ファイルが大きすぎます。%(limit)dMBまでにしてください。会計や月で分けると小さくなります。")
            % {"limit": MAX_BYTES // 1024 // 1024}
        )
    return file


class TakeBackForm(forms.Form):
    reason = TextField(label=gettext_lazy("取り消す理由"), max_length=250)


class _RunField(forms.ModelChoiceField[BudgetImport]):
    """Files by what they are: a file with several stages has a run of the same name for each."""

    def label_from_instance(self, run: BudgetImport) -> str:
        return f"{FiscalYear(run.fiscal_year)} {run.stage_name} {run.filename}"


class RunForm(forms.Form):
    """A file, and what it is."""

    token = forms.CharField(widget=forms.HiddenInput, required=False)
    file = forms.FileField(
        label=gettext_lazy("ファイル"),
        help_text=gettext_lazy("財務会計システムから出した CSV(UTF-8、Shift_JIS)か Excel(.xlsx)。"),
    )
    profile = forms.ModelChoiceField(
        label=gettext_lazy("読み取りの設定"), queryset=MappingProfile.objects.none(), empty_label=None
    )
    fiscal_year = FiscalYearField(label=gettext_lazy("年度"))
    stage = forms.ChoiceField(
        label=gettext_lazy("段階"),
        choices=[("", gettext_lazy("選んでください")), *((stage.value, stage.label) for stage in Stage)],
    )
    round_no = forms.IntegerField(
        label=gettext_lazy("回"),
        min_value=0,
        max_value=99,
        required=False,
        help_text=gettext_lazy("査定と補正だけ。補正第2号なら 2"),
    )
    dated_on = WarekiDateField(
        label=gettext_lazy("議決日・決裁日"),
        help_text=gettext_lazy(
            "ファイルに日付の列がないとき、どの行もこの日付になります。例: 令和8年3月24日"
        ),
    )
    resolution_no = TextField(label=gettext_lazy("議案・決裁番号"), max_length=40, required=False)
    mode = forms.ChoiceField(
        label=gettext_lazy("このファイルは"), choices=RunMode.choices, initial=RunMode.FIRST
    )
    corrects = _RunField(
        label=gettext_lazy("訂正する元のファイル"),
        queryset=BudgetImport.objects.none(),
        required=False,
        help_text=gettext_lazy("「訂正」で、元のファイルが二つ以上あるときだけ選びます。"),
    )
    stated_total_yen = YenField(
        label=gettext_lazy("合計額"),
        required=False,
        help_text=gettext_lazy("予算書などの合計。ファイルの明細の合計と1円でも違うと取り込みません。"),
    )
    stated = LongTextField(
        label=gettext_lazy("款項目ごとの合計"),
        required=False,
        max_length=20_000,
        help_text=gettext_lazy(
            "一行に一つ、会計からのコードと円。例: 01-03-01 1,234,567,000。書いた科目だけを突き合わせます。"
        ),
    )
    reason = TextField(label=gettext_lazy("訂正のわけなど"), max_length=300, required=False)

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        profiles = MappingProfile.objects.filter(organization=organization, retired_at__isnull=True)
        plain = profiles.filter(pk__in=[profile.pk for profile in profiles if not profile.parts])
        self.fields["profile"].queryset = plain  # type: ignore[attr-defined]
        runs = BudgetImport.objects.filter(organization=organization, source="file", state=RunState.APPLIED)
        self.fields["corrects"].queryset = runs  # type: ignore[attr-defined]

    def clean_file(self) -> UploadedFile[Any]:
        return _checked_size(self.cleaned_data["file"])

    def asked(self) -> list[list[forms.BoundField]]:
        """What every file is asked, line by line."""
        names = (["file"], ["profile", "fiscal_year"], ["stage", "round_no"], ["dated_on", "resolution_no"])
        return [[self[name] for name in line] for line in names]

    def folded(self) -> list[tuple[str, bool, list[forms.BoundField]]]:
        """What few files need: summary, whether it lies open, fields."""
        several = (
            (_("合計の行がないファイルのとき"), ("stated_total_yen", "stated")),
            (_("二つ目のファイル、直したファイルのとき"), ("mode", "corrects", "reason")),
        )
        found = []
        for summary, names in several:
            fields = [self[name] for name in names]
            is_open = bool(self.non_field_errors()) or any(
                field.errors or field.value() not in (None, "", RunMode.FIRST.value) for field in fields
            )
            found.append((summary, is_open, fields))
        return found

    def clean_stated(self) -> dict[str, int]:
        """Sums by path."""
        found: dict[str, int] = {}
        for number, line in enumerate(str(self.cleaned_data["stated"] or "").split("\n"), 1):
            if not line.strip():
                continue
            path, _space, amount = line.strip().replace("\t", " ").partition(" ")
            try:
                yen = read_amount(amount, 1)
            except UnreadableCellError as unreadable:
                raise ValidationError(f"{number}{_('行目')}: {unreadable}") from unreadable
            if yen is None:
                raise ValidationError(
                    f"{number}{_('行目')}: {_('コードの後に、空白をはさんで金額を書いてください。')}"
                )
            found[_path(path)] = yen
        return found

    def arrival(self) -> Arrival:
        data = self.cleaned_data
        corrects = data.get("corrects")
        return Arrival(
            fiscal_year=data["fiscal_year"],
            stage=Stage(data["stage"]),
            dated_on=data["dated_on"],
            mode=RunMode(data["mode"]),
            round_no=data.get("round_no") or 0,
            resolution_no=data["resolution_no"],
            stated_total_yen=data.get("stated_total_yen"),
            stated=data.get("stated") or {},
            corrects_id=corrects.pk if corrects else None,
            reason=data["reason"],
        )


class StagesForm(forms.Form):
    """A file with several stages: each has its day, its number and its total; without a day it is left out."""

    token = forms.CharField(widget=forms.HiddenInput, required=False)
    file = forms.FileField(
        label=gettext_lazy("ファイル"),
        help_text=gettext_lazy("財務会計システムから出した CSV(UTF-8、Shift_JIS)か Excel(.xlsx)。"),
    )
    fiscal_year = FiscalYearField(label=gettext_lazy("年度"))
    mode = forms.ChoiceField(
        label=gettext_lazy("このファイルは"), choices=RunMode.choices, initial=RunMode.FIRST
    )
    reason = TextField(label=gettext_lazy("訂正のわけなど"), max_length=300, required=False)

    def __init__(self, *args: Any, profile: MappingProfile, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.profile, self.parts = profile, profile.parts
        for part in self.parts:
            self.fields[f"{part.name}_on"] = WarekiDateField(
                label=_("議決日・決裁日"), required=False, initial=usual_day(part.stage, today)
            )
            self.fields[f"{part.name}_resolution"] = TextField(
                label=_("議案・決裁番号"), max_length=40, required=False
            )
            self.fields[f"{part.name}_total"] = YenField(label=_("合計額"), required=False)

    def clean_file(self) -> UploadedFile[Any]:
        return _checked_size(self.cleaned_data["file"])

    def groups(self) -> list[tuple[Part, list[forms.BoundField]]]:
        """The fields of each stage."""
        return [
            (part, [self[f"{part.name}_{ending}"] for ending in ("on", "resolution", "total")])
            for part in self.parts
        ]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not self.errors and not any(data.get(f"{part.name}_on") for part in self.parts):
            raise ValidationError(_("読む段階の議決日・決裁日を、少なくとも一つ書いてください。"))
        for part in self.parts:
            day, year = data.get(f"{part.name}_on"), data.get("fiscal_year")
            why = day_fault(day, year, part.stage) if day and year else ""
            if why:
                self.add_error(f"{part.name}_on", why)
        return data

    def arrivals(self) -> list[Arrival]:
        data = self.cleaned_data
        return [
            Arrival(
                fiscal_year=data["fiscal_year"],
                stage=part.stage,
                dated_on=data[f"{part.name}_on"],
                mode=RunMode(data["mode"]),
                round_no=part.round_no,
                resolution_no=data[f"{part.name}_resolution"],
                stated_total_yen=data.get(f"{part.name}_total"),
                reason=data["reason"],
            )
            for part in self.parts
            if data.get(f"{part.name}_on")
        ]


def usual_day(stage: Stage, today: dt.date) -> dt.date:
    """A first proposal: a budget stands from the first day of its year, what happens in the year is of today."""
    return FiscalYear.of(today).first_day if stage.is_before_vote or stage == Stage.INITIAL else today


def _path(text: str) -> str:
    """「1-3-1」 as it is stored: 01-03-01."""
    account, *codes = text.replace(".", "-").split("-")
    levels = list(Level)
    return "-".join(
        [
            padded(split(account, None)[0], None),
            *(padded(split(code, level)[0], level) for code, level in zip(codes, levels, strict=False)),
        ]
    )


class SampleForm(forms.Form):
    """A file from which a profile is made: only its headings are read, nothing is kept."""

    file = forms.FileField(
        label=gettext_lazy("見本のファイル"),
        help_text=gettext_lazy("財務会計システムから出したファイル。見出しだけを読み、保存しません。"),
    )

    def clean_file(self) -> UploadedFile[Any]:
        return _checked_size(self.cleaned_data["file"])


class ProfileForm(forms.Form):
    """Which column is which. The headings are those of the sample, or of the profile itself."""

    name = TextField(
        label=gettext_lazy("設定の名前"), max_length=60, help_text=gettext_lazy("例: 財務会計 歳出予算一覧")
    )
    unit = forms.TypedChoiceField(
        label=gettext_lazy("金額の単位"), choices=MoneyUnit.choices, coerce=int, initial=MoneyUnit.YEN
    )
    account_code = CodeField(
        label=gettext_lazy("会計の列がないときの会計コード"), max_length=10, initial="01"
    )
    stage_words = LongTextField(
        label=gettext_lazy("段階の書き方"),
        max_length=500,
        required=False,
        help_text=gettext_lazy(
            "段階の区分の列に書かれている言葉か番号と、その意味を一行に一つ。例: 1 = 当初、9月補正 = 第2号補正"
        ),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    note = TextField(label=gettext_lazy("説明"), max_length=300, required=False)
    code_layout = TextField(
        label=gettext_lazy("一つの列の科目の並び"),
        max_length=60,
        required=False,
        help_text=gettext_lazy(
            "科目が一つの列に書かれたファイルだけ。大きい区分から順に、区切りがなければ桁数も。例: 「03-01-02-12」なら 款項目節、「030102201012」なら 款2項2目2事業4節2"
        ),
    )

    def __init__(self, *args: Any, headings: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("(この列はない)")), *((heading, heading) for heading in headings)]
        for column in ALL:
            self.fields[f"column_{column.name}"] = forms.ChoiceField(
                label=str(column.label), choices=choices, required=False
            )

    def groups(self) -> list[tuple[str, str, bool, list[forms.BoundField]]]:
        """Legend, help, whether it lies open, fields: what every file has first, what few files have folded."""
        codes = [column.name for column in ALL if column.is_code or column.is_name]
        rest = [column.name for column in ALL if column.name not in {*codes, *MONEY, "stage"}]
        return [
            (_("科目の列"), "", True, [*self._columns(codes), self["code_layout"]]),
            (_("金額の列"), _("金額の列が一つのファイル。"), True, self._columns(["amount"])),
            (
                _("段階ごとの金額の列"),
                _("要求・査定・当初・補正・決算などの列が並ぶファイル。「金額」は選びません。"),
                self._is_used(STAGE_COLUMNS),
                self._columns(STAGE_COLUMNS),
            ),
            (
                _("段階を行に書いたファイル"),
                _("一行ごとに段階が書かれているファイル。金額の列と合わせて選びます。"),
                self._is_used(["stage"]),
                [*self._columns(["stage"]), self["stage_words"]],
            ),
            (_("財源の列"), "", self._is_used(FUNDS), self._columns(FUNDS)),
            (_("そのほかの列"), "", self._is_used(rest), self._columns(rest)),
        ]

    def _columns(self, names: Iterable[str]) -> list[forms.BoundField]:
        return [self[f"column_{name}"] for name in names]

    def _is_used(self, names: Iterable[str]) -> bool:
        return any(field.value() or field.errors for field in self._columns(names))

    def values(self) -> ProfileValues:
        data = self.cleaned_data
        return ProfileValues(
            name=data["name"],
            columns={
                column.name: data[f"column_{column.name}"]
                for column in ALL
                if data.get(f"column_{column.name}")
            },
            unit=data["unit"],
            account_code=data["account_code"],
            code_layout=data["code_layout"],
            stage_words=data["stage_words"],
            note=data["note"],
        )
