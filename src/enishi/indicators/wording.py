"""What the engine of progress found, in the language of the reader: out of codes and values, never out of its sentences.

The engine itself speaks Japanese, the language of the official forms; its own sentence stands where that is read.
"""

from collections.abc import Mapping
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext, pgettext_lazy

from enishi.engines import progress
from enishi.engines.progress import Because, Missing, Status
from enishi.foundation.days import speaks_japanese
from enishi.indicators.calculations import STATUS_OF

REASONS: Mapping[str, str | Promise] = {
    Because.TARGET_IS_BASELINE: lazy("目標=基準"),
    Because.ZERO_DENOMINATOR: lazy("分母が0"),
    Because.TOO_FEW_POINTS: lazy("点数不足"),
    Because.NO_VALUE: lazy("実績値なし"),
    Because.NO_TARGET: lazy("その年度の目標なし"),
    Because.NO_BASELINE: lazy("基準値なし"),
    Because.DEFINITION_CHANGED: lazy("定義の変更により比較できない"),
    Because.NO_AGREED_WEIGHTS: lazy("重みの合意なし"),
    Because.NO_TOLERANCE: lazy("許容幅なし"),
    Because.NOT_FOR_THIS_DIRECTION: lazy("この向きの指標には使わない"),
    Because.NEGATIVE: lazy("負の値には使わない"),
    Because.NOT_DUE: lazy("期限前"),
    Because.NOT_HALF_YET: lazy("半数に達していない"),
    Because.NOTHING_TO_COUNT: pgettext_lazy("理由", "対象なし"),
    Because.NO_AMOUNT: lazy("金額の記録なし"),
    Because.PARTLY_PROVISIONAL: lazy("速報の期間がある"),
}
FORMULAS: Mapping[str, tuple[str | Promise, str | Promise]] = {
    "progress": (lazy("進捗率"), lazy("(実績値 − 基準値) ÷ (最終目標値 − 基準値)")),
    "year_attainment": (lazy("年度達成率"), lazy("(実績値 − 基準値) ÷ (年度目標値 − 基準値)")),
    "distance": (lazy("離れ具合"), lazy("目標(範囲)から離れた幅 ÷ 許容幅。1以下なら達成")),
    "done": (pgettext_lazy("済か未か", "実施"), lazy("済=1、未=0")),
    "simple_rate_up": (lazy("単純達成率"), lazy("実績値 ÷ 目標値")),
    "simple_rate_down_inverse": (lazy("単純達成率"), lazy("目標値 ÷ 実績値")),
    "simple_rate_down_mirror": (lazy("単純達成率"), lazy("2 − 実績値 ÷ 目標値")),
    "theil_sen": (lazy("1年あたりの変化"), lazy("すべての2年の組の傾きの中央値(4点以上)")),
    "unit_cost": (lazy("単位コスト"), lazy("(配分された事業費 + 人件費) ÷ 産出量")),
    "rollup": (lazy("加重平均達成率"), lazy("Σ(重み × min(達成率, 1)) ÷ Σ重み(達成率のある指標だけ)")),
}
"""What a formula computes, and how, by its code."""
MARKS: Mapping[str, str | Promise] = {
    "補間": lazy("その年度の目標は前後の年度の目標から補間"),
    "速報": lazy("速報値を含む"),
    "改訂": lazy("改訂した値を含む"),
    "年度の一部": lazy("年度の一部だけの値"),
    "速報の期間を除く": lazy("速報の期間を除く"),
}
"""What has to be said beside a number; marks with a reason somebody wrote stand beside the value itself."""
IN_UNITS = {"distance", "done", "theil_sen", "unit_cost"}
"""Formulas whose value is a number and no rate."""
MOST_DECIMALS = 4


def status_in_words(status: Status) -> str:
    return str(STATUS_OF[status].label)


def reason_in_words(reason: str) -> str:
    """A reason the engine gives; one that somebody wrote stays as it was written."""
    return str(REASONS.get(reason, reason))


def number_in_words(value: Fraction) -> str:
    """Exact where it ends, otherwise two decimals."""
    for decimals in range(MOST_DECIMALS + 1):
        if (value * 10**decimals).denominator == 1:
            return f"{progress.rounded(value, decimals):,}"
    return _("約%(number)s") % {"number": f"{progress.rounded(value, 2):,}"}


def figure_in_words(figure: progress.Figure) -> str:
    """A figure with what was divided and by which formula, or why there is none."""
    if speaks_japanese() or figure.formula.code not in FORMULAS:
        return figure.explanation
    name, formula = FORMULAS[figure.formula.code]
    if isinstance(figure.value, Missing):
        return _("%(name)sは算出できない(%(reason)s)") % {
            "name": name,
            "reason": reason_in_words(figure.value.reason),
        }
    said = _("%(name)sは%(value)s") % {"name": name, "value": _value(figure, figure.value)}
    top, bottom = figure.numerator, figure.denominator
    if not isinstance(top, Missing) and not isinstance(bottom, Missing):
        said += f" = {number_in_words(top)} ÷ {number_in_words(bottom)}"
    marks = [str(MARKS[mark]) for mark in figure.marks if mark in MARKS]
    if marks:
        said += _("(%(marks)s)") % {"marks": _("、").join(marks)}
    return _("%(said)s。式: %(formula)s") % {"said": said, "formula": formula}


def _value(figure: progress.Figure, value: Fraction) -> str:
    return number_in_words(value) if figure.formula.code in IN_UNITS else progress.percent_words(value)


def judged_in_words(judgement: progress.Judgement) -> str:
    """How a status came about."""
    if speaks_japanese():
        return judgement.explanation
    return _("%(figure)s。したがって「%(status)s」") % {
        "figure": figure_in_words(judgement.figure),
        "status": status_in_words(judgement.status),
    }


def spread_in_words(rolled: progress.RollUp) -> str:
    """How many indicators of a branch stand how."""
    counted = [
        _("%(status)s%(count)d件") % {"status": status_in_words(status), "count": count}
        for status, count in rolled.distribution.items()
        if count
    ]
    if not counted:
        return _("指標はまだ結ばれていません")
    return _("%(count)d指標の内訳: %(spread)s") % {
        "count": sum(rolled.distribution.values()),
        "spread": pgettext("並べる", "、").join(counted),
    }


def mean_in_words(figure: progress.Figure) -> str:
    """The weighted mean of a branch, or why none is given."""
    if isinstance(figure.value, Missing) and not speaks_japanese():
        return _("平均は出さない(%(reason)s)。内訳で示す") % {"reason": reason_in_words(figure.value.reason)}
    return figure_in_words(figure)
