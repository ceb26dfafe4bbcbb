"""The room's forms: the rules of a cycle, the eight fields of a sheet, a decision, follow-ups, proposals."""

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from enishi.accounts.models import Person
from enishi.budgets.models import Programme
from enishi.evaluation.enums import (
    Criterion,
    Direction,
    FollowUpState,
    Judgement,
    ProposalState,
    ProposerKind,
    Scale,
    Trigger,
    Unit,
)
from enishi.evaluation.facts.building import year_words
from enishi.evaluation.models import Evaluation, EvaluationCycle, ImprovementDecision, Subject
from enishi.evaluation.papers.composing import grade, judgement_words
from enishi.evaluation.services.sheets import GRADES, judged_criteria
from enishi.foundation.access import Actor
from enishi.foundation.forms import (
    LongTextField,
    MultipleChoiceField,
    TextField,
    WarekiDateField,
    YenField,
)
from enishi.indicators.models import Indicator
from enishi.organizations.models import Section

QUESTIONS: dict[str, Any] = {
    Criterion.NECESSITY: _("いまも住民や地域に必要か。目的は果たし終えていないか。"),
    Criterion.ALTERNATIVE: _("民間・地域・ほかの事業に任せられないか(任せられないほど高い評点)。"),
    Criterion.FAIRNESS: _("受ける人や負担にかたよりはないか。"),
    Criterion.URGENCY: _("いま行わないと困ることがあるか。"),
}
_YEARS = range(2019, 2041)


class LongSelect(forms.Select):
    """A city's thousands of programmes in one list: a template for each option takes longer than the whole page may."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = {str(each) for each in self.format_value(value)}
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (key, mark_safe(" selected") if str(key) in chosen else "", label)
                for key, label in self.choices
            ),
        )
        own = flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        return format_html("<select{}>{}</select>", own, options)


class YearField(forms.TypedChoiceField):
    """A fiscal year chosen by its name; nobody converts 令和 in their head."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, choices=_years, **kwargs)


def _years() -> list[tuple[int, str]]:
    return [(year, year_words(year)) for year in _YEARS]


MOST_OFFERED = 300
CYCLE_GROUPS = {
    "what": ("title", "unit", "evaluated_fy", "decision_fy"),
    "limits": ("new_after_years", "review_after_years", "cost_up_percent", "cost_up_yen"),
    "days": (
        "first_due_on",
        "approval_due_on",
        "has_second",
        "second_due_on",
        "has_external",
        "external_due_on",
        "decision_due_on",
    ),
}
"""The rules of a cycle as the page asks for them, in the order of the work."""


class CycleForm(forms.Form):
    """The rules of one year's review."""

    title = TextField(label=_("名称"), max_length=120, help_text=_("例: 令和8年度 事務事業評価"))
    unit = forms.ChoiceField(label=_("評価の単位"), choices=Unit.choices, widget=forms.RadioSelect)
    evaluated_fy = YearField(label=_("評価する年度"))
    decision_fy = YearField(
        label=_("決定を反映する年度"),
        help_text=_("この年度の当初予算に反映したかを、あとで確かめます。"),
    )
    triggers = MultipleChoiceField(
        label=_("選ぶきっかけ"),
        choices=Trigger.choices,
        required=False,
        help_text=_("一つでも当てはまる事業を評価します。どれも選ばないと、すべてを評価します。"),
    )
    new_after_years = forms.IntegerField(label=_("新しい事業を見るまでの年数"), min_value=1, max_value=20)
    review_after_years = forms.IntegerField(label=_("前の評価からの年数"), min_value=1, max_value=30)
    cost_up_percent = forms.IntegerField(label=_("費用が増えたとみる割合(%)"), min_value=1, max_value=500)
    cost_up_yen = YenField(label=_("費用が増えたとみる額"), min_value=0)
    criteria = MultipleChoiceField(
        label=_("評価の視点"),
        choices=Criterion.choices,
        help_text=_(
            "有効性・効率性・達成度は記録から計算します。人が評点を付けるのは、ほかから3つまでです。"
        ),
    )
    scale = forms.ChoiceField(label=_("評点の書き方"), choices=Scale.choices, widget=forms.RadioSelect)
    has_second = forms.BooleanField(label=_("二次評価(行革・企画)をする"), required=False)
    has_external = forms.BooleanField(label=_("外部評価(委員)をする"), required=False)
    first_due_on = WarekiDateField(label=_("一次評価の期限"))
    approval_due_on = WarekiDateField(label=_("課長の承認の期限"))
    second_due_on = WarekiDateField(label=_("二次評価の期限"), required=False)
    external_due_on = WarekiDateField(label=_("外部評価の期限"), required=False)
    decision_due_on = WarekiDateField(label=_("改善の決定の期限"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, cycle: EvaluationCycle, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).update(
            {name: getattr(cycle, name) for name in self.base_fields if hasattr(cycle, name)}
        )
        super().__init__(*args, **kwargs)
        for letter, usual in Judgement.choices:
            self.fields[f"words_{letter}"] = TextField(
                label=_("判定%(letter)sの言葉") % {"letter": letter},
                max_length=40,
                required=False,
                help_text=_("空なら「%(usual)s」。") % {"usual": usual},
                initial=cycle.judgement_words.get(letter, ""),
            )
        self.order_fields([*CYCLE_GROUPS["what"], "triggers", *CYCLE_GROUPS["limits"], *CYCLE_GROUPS["days"]])

    def what(self) -> list[Any]:
        return [self[name] for name in CYCLE_GROUPS["what"]]

    def limits(self) -> list[Any]:
        return [self[name] for name in CYCLE_GROUPS["limits"]]

    def limits_are_wrong(self) -> bool:
        return any(field.errors for field in self.limits())

    def days(self) -> list[Any]:
        return [self[name] for name in CYCLE_GROUPS["days"]]

    def yardsticks(self) -> list[Any]:
        return [self["criteria"], self["scale"]]

    def words(self) -> list[Any]:
        return [self[f"words_{letter}"] for letter in Judgement.values]

    def values(self) -> dict[str, Any]:
        """The rules; the municipality's own words for a grade only where it has some."""
        words = {letter: self.cleaned_data.get(f"words_{letter}", "") for letter in Judgement.values}
        named = {name: self.cleaned_data[name] for name in self.base_fields if name != "version"}
        return named | {"judgement_words": {letter: each for letter, each in words.items() if each}}


class SheetForm(forms.Form):
    """What one stage types. The first: three grades and five fields; the later ones fewer."""

    judgement = forms.ChoiceField(
        label=_("判定"), choices=Judgement.choices, required=False, widget=forms.RadioSelect
    )
    departure_reason = LongTextField(
        label=_("計算と判定が離れる理由"),
        max_length=1_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("計算した判定と2段階以上違うときだけ書きます。"),
    )
    comment = LongTextField(
        label=_("成果と課題"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("数字は上の表にあります。数字の理由と、困っていることを2〜4文で。"),
    )
    direction = forms.ChoiceField(
        label=_("今後の方向"), choices=[("", "―"), *Direction.choices], required=False
    )
    merges_into = forms.ModelChoiceField(
        label=_("統合先の事務事業"),
        queryset=Programme.objects.none(),
        required=False,
        widget=LongSelect,
        help_text=_("「統合」のときだけ選びます。"),
    )
    improvement = LongTextField(
        label=_("改善の内容"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("だれが、いつまでに、何を変えるか。「継続」「終了」なら空けておけます。"),
    )
    expected_delta_yen = YenField(
        label=_("予算の増減の見込み"),
        required=False,
        help_text=_(
            "今年度の予算と比べて。減らすときは △500千円。変わらなければ 0、まだ分からなければ空けておきます。"
        ),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        subject: Subject,
        stage: str,
        actor: Actor,
        evaluation: Evaluation | None,
        **kwargs: Any,
    ) -> None:
        self.subject, self.stage = subject, stage
        self.asked = judged_criteria(subject.cycle) if stage == "first" else []
        kwargs.setdefault("initial", {}).update(_stored(evaluation, self.asked))
        super().__init__(*args, **kwargs)
        self._name_judgements()
        for criterion in self.asked:
            self.fields[f"score_{criterion}"] = _score_field(criterion, subject.cycle.scale)
        self.order_fields([f"score_{criterion}" for criterion in self.asked])
        _offer(self.fields["merges_into"], _others(subject, actor))
        if stage != "first":
            del self.fields["expected_delta_yen"]
            self.fields["comment"].label = _("意見")
            self.fields["comment"].help_text = _("所管課の評価と決定する人が読みます。")
            self.fields["improvement"].label = (
                _("改めてほしいこと(勧告)") if stage == "external" else _("改めること")
            )
            self.fields["improvement"].help_text = ""

    def _name_judgements(self) -> None:
        field: Any = self.fields["judgement"]
        field.choices = [(letter, judgement_words(self.subject, letter)) for letter in Judgement.values]

    def score_fields(self) -> list[Any]:
        return [self[f"score_{criterion}"] for criterion in self.asked]

    def values(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        names = [name for name in cleaned if name != "version" and not name.startswith("score_")]
        found = {name: cleaned[name] for name in names}
        if self.asked:
            found["scores"] = {each: cleaned.get(f"score_{each}") or "" for each in self.asked}
        return found


def _offer(field: Any, programmes: Any) -> None:
    """A list to choose from; in a city of thousands the number is typed, or the list alone would be most of the page."""
    if programmes.count() > MOST_OFFERED:
        field.to_field_name = "uid"
        field.widget = forms.TextInput(attrs={"inputmode": "numeric", "size": 8})
        field.help_text = _("「統合」のときだけ、事務事業の番号6桁を書きます。例: 100101")
        field.error_messages["invalid_choice"] = _(
            "「%(value)s」という番号の事務事業がありません。番号6桁を半角で書いてください。"
        )
    field.queryset = programmes


def _stored(evaluation: Evaluation | None, asked: list[str]) -> dict[str, Any]:
    if evaluation is None:
        return {"version": 0}
    names = (
        "judgement", "departure_reason", "comment", "direction", "merges_into", "improvement",
        "expected_delta_yen", "version",
    )  # fmt: skip
    stored = {name: getattr(evaluation, name) for name in names}
    return stored | {f"score_{each}": evaluation.scores.get(each, "") for each in asked}


def _score_field(criterion: str, scale: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=Criterion(criterion).label,
        choices=[(letter, grade(letter, scale)) for letter in GRADES],
        required=False,
        widget=forms.RadioSelect,
        help_text=QUESTIONS.get(criterion, ""),
    )


def _others(subject: Subject, actor: Actor) -> Any:
    """Programmes this one could go into: those of the same house that still run, as far as this person may know them."""
    rows = Programme.objects.visible_to(actor).filter(organization_id=subject.organization_id)
    rows = rows.active_in(subject.cycle.evaluated_fy)
    if subject.programme_id:
        rows = rows.exclude(pk=subject.programme_id)
    return rows.order_by("uid").only("pk", "uid", "title")


class ReturnForm(forms.Form):
    reason = LongTextField(
        label=_("どこをどう直すか"), max_length=1_000, widget=forms.Textarea(attrs={"rows": 4})
    )


class ChooseForm(forms.Form):
    reason = LongTextField(
        label=_("加える・外す理由"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("対象の一覧に、この理由がそのまま出ます。"),
    )


class OfficerForm(forms.Form):
    officer = forms.ModelChoiceField(
        label=_("記入する人"),
        queryset=Person.objects.none(),
        required=False,
        empty_label=_("決めない(課のだれでも)"),
        help_text=_("選ばれた人の「今日やること」に出ます。"),
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["officer"]
        field.queryset = people


class DecisionForm(forms.Form):
    """What is decided: direction, words, money, year, who carries it out."""

    direction = forms.ChoiceField(label=_("方向"), choices=Direction.choices)
    content = LongTextField(label=_("改善の内容"), max_length=2_000)
    merges_into = forms.ModelChoiceField(
        label=_("統合先の事務事業"),
        queryset=Programme.objects.none(),
        required=False,
        widget=LongSelect,
        help_text=_("「統合」のときだけ選びます。"),
    )
    budget_relevant = forms.BooleanField(
        label=_("予算に関わる"),
        required=False,
        help_text=_("関わる決定は、反映する年度の当初予算に反映したかを必ず記録します。"),
    )
    budget_reason = TextField(label=_("予算に関わらない理由"), max_length=500, required=False)
    expected_delta_yen = YenField(label=_("予算の増減の見込み"), required=False)
    target_fy = forms.TypedChoiceField(label=_("反映する年度"), coerce=int, empty_value=None, required=False)
    owner_section = forms.ModelChoiceField(
        label=_("進める課"), queryset=Section.objects.none(), required=False
    )
    owner = forms.ModelChoiceField(label=_("進める人"), queryset=Person.objects.none(), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        subject: Subject,
        people: Any,
        actor: Actor,
        decision: ImprovementDecision | None = None,
        **kwargs: Any,
    ) -> None:
        if decision is not None:
            names = [name for name in self.base_fields if hasattr(decision, name)]
            kwargs["initial"] = {name: getattr(decision, name) for name in names} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        _offer(fields["merges_into"], _others(subject, actor))
        years = range(subject.cycle.evaluated_fy + 1, subject.cycle.decision_fy + 5)
        fields["target_fy"].choices = [("", "―"), *((year, year_words(year)) for year in years)]
        fields["owner_section"].queryset = Section.objects.filter(
            organization_id=subject.organization_id, valid_to__isnull=True
        )
        fields["owner"].queryset = people

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name in _DECIDED}


_DECIDED = (
    "direction", "content", "merges_into", "budget_relevant", "budget_reason", "expected_delta_yen", "target_fy",
    "owner_section", "owner",
)  # fmt: skip


class ReplaceForm(DecisionForm):
    superseding_reason = TextField(label=_("決定を改める理由"), max_length=500)


class FollowUpForm(forms.Form):
    what = TextField(label=_("すること"), max_length=300)
    due_on = WarekiDateField(label=_("期限"))
    owner = forms.ModelChoiceField(label=_("担当"), queryset=Person.objects.none(), required=False)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["owner"]
        field.queryset = people


class EndFollowUpForm(forms.Form):
    state = forms.ChoiceField(
        label=_("結果"),
        choices=[
            (FollowUpState.DONE, FollowUpState.DONE.label),
            (FollowUpState.DROPPED, FollowUpState.DROPPED.label),
        ],
        widget=forms.RadioSelect,
    )
    on = WarekiDateField(label=_("終えた日"))
    evidence = LongTextField(
        label=_("したこと・その証拠"), max_length=1_000, help_text=_("資料名や文書番号も書きます。")
    )


class ProposalForm(forms.Form):
    kind = forms.ChoiceField(label=_("立場"), choices=ProposerKind.choices, widget=forms.RadioSelect)
    reason = LongTextField(label=_("見直してほしいところと理由"), max_length=1_000)


class AnswerForm(forms.Form):
    state = forms.ChoiceField(
        label=_("返事"),
        choices=[(each.value, each.label) for each in (ProposalState.TAKEN_UP, ProposalState.DECLINED)],
        widget=forms.RadioSelect,
    )
    answer = LongTextField(label=_("返事の言葉"), max_length=1_000)


class YardsticksForm(forms.Form):
    indicators = forms.ModelMultipleChoiceField(
        label=_("この事業を評価する指標"),
        queryset=Indicator.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("活動量の指標を一つ、成果の指標を一つ以上。選んだ順は番号の順になります。"),
    )

    def __init__(self, *args: Any, indicators: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["indicators"]
        field.queryset = indicators


class PanelistForm(forms.Form):
    email = forms.EmailField(
        label=_("委員のメールアドレス"), help_text=_("この仕組みに登録している人のもの。")
    )


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("記入したファイル"),
        help_text=_("ここから書き出したExcelに記入したもの。取り込む前に、変わるところを確かめられます。"),
    )


class WithdrawForm(forms.Form):
    reason = TextField(label=_("公表をやめる理由"), max_length=300)
