"""The facts of one sheet out of the gathered records: every line with its source, what is missing left blank."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from enishi.budgets.calculations import execution_rate, in_percent
from enishi.budgets.enums import CURRENT_PARTS, FundKind, YearStatus
from enishi.budgets.enums import Stage as MoneyStage
from enishi.budgets.models import Programme
from enishi.engines import progress
from enishi.evaluation import calculations
from enishi.evaluation.enums import Criterion
from enishi.evaluation.facts.before import last_time, previous_words
from enishi.evaluation.facts.gathering import Records, sums
from enishi.evaluation.facts.shapes import (
    ABOVE,
    SHAPE,
    Computed,
    Facts,
    Item,
    MoneyRow,
    Yardstick,
    YearValue,
)
from enishi.evaluation.models import EvaluationCycle, Subject
from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.money import yen_in_words
from enishi.indicators import wording
from enishi.indicators.enums import Direction, StandingStatus
from enishi.indicators.models import Indicator, Standing
from enishi.plans.logic.enums import Stage as LogicStage
from enishi.plans.logic.models import LogicModel
from enishi.plans.models import PlanNode, PlanVersion

STATUSES: dict[str, progress.Status] = {
    StandingStatus.ACHIEVED: progress.Status.ACHIEVED,
    StandingStatus.ON_TRACK: progress.Status.ON_TRACK,
    StandingStatus.SLIGHTLY_LATE: progress.Status.SLIGHTLY_LATE,
    StandingStatus.LATE: progress.Status.LATE,
    StandingStatus.REGRESSED: progress.Status.REGRESSED,
    StandingStatus.UNDECIDABLE: progress.Status.UNDECIDABLE,
}
MOST_NAMED = 3
COMPUTED = (Criterion.EFFECTIVENESS, Criterion.EFFICIENCY, Criterion.ACHIEVEMENT)
"""Criteria that follow from the records; people judge the others."""


def build(cycle: EvaluationCycle, subject: Subject, records: Records, *, on: dt.date) -> Facts:
    """Everything the records say of this subject, as plain values."""
    key = subject.programme_id or -(subject.node_id or 0)
    yardsticks = [_yardstick(each, records) for each in records.yardsticks.get(key, [])]
    costs = [_cost(subject, records, year) for year in records.years]
    return Facts(
        shape=SHAPE,
        unit=cycle.unit,
        year=cycle.evaluated_fy,
        years=list(records.years),
        as_of=on.isoformat(),
        basics=_basics(cycle, subject, records),
        purpose=_purpose(subject, records),
        yardsticks=yardsticks or [_of_the_branch(each, records) for each in records.above.get(key, [])],
        money=[*_money_rows(subject, records, costs), *_fund_rows(subject, records)],
        last=last_time(subject, records),
        computed=_computed(cycle, yardsticks, costs, records),
        previous=previous_words(records, subject),
        why=[subject.why_by_hand] if subject.why_by_hand else subject.reasons,
    )


def year_words(year: int) -> str:
    return fiscal_year_in_words(FiscalYear(year))


def _item(key: str, label: str, value: object, source: str, url: str = "") -> Item:
    return Item(key=key, label=label, value=str(value or ""), source=source, url=url)


# --- What it is ---------------------------------------------------------------------------------------------------------


def _basics(cycle: EvaluationCycle, subject: Subject, records: Records) -> list[Item]:
    if subject.programme is not None:
        return _of_programme(cycle, subject.programme, records)
    return _of_node(subject, records)


def _of_programme(cycle: EvaluationCycle, programme: Programme, records: Records) -> list[Item]:
    ledger, url = _("事務事業の台帳"), programme.get_absolute_url()
    chain = records.nodes.get(programme.pk, [])
    year = records.programme_years.get((programme.pk, cycle.evaluated_fy))
    first, last = year_words(programme.start_fy), year_words(programme.end_fy) if programme.end_fy else ""
    period = _("%(first)sから%(last)sまで") if last else _("%(first)sから")
    period %= {"first": first, "last": last}
    shares = records.codes.get(programme.pk, [])
    codes = "、".join(f"{each.code.account.name} {each.code}" for each in shares[:3])
    kinds = "、".join(f"{name} {percent}%" for name, percent in records.kinds.get(programme.pk, []))
    return [
        _item("uid", _("事業番号"), programme.uid, ledger, url),
        _item("title", _("事務事業名"), programme.title, ledger, url),
        _item("section", _("所管課"), programme.section.name if programme.section else "", ledger, url),
        *_places(chain),
        _item("legal_basis", _("根拠法令・条例"), programme.legal_basis, ledger, url),
        _item("legal_kind", _("事務の種類"), programme.get_legal_kind_display(), ledger, url),
        _item(
            "delivery",
            _("実施方法"),
            programme.get_delivery_display() if programme.delivery else "",
            ledger,
            url,
        ),
        _item("period", _("事業期間"), period, ledger, url),
        _item("origin", _("発案"), programme.get_origin_display(), ledger, url),
        _item(
            "state",
            _("評価する年度の状態"),
            YearStatus(year.status).label if year else "",
            _("事務事業の年度の記録"),
            url,
        ),
        _item("codes", _("予算科目"), codes, _("予算科目への配賦"), url),
        _item("kinds", _("主な経費(節)"), kinds, _("予算科目への配賦"), url),
    ]


def _places(chain: list[Any]) -> list[Item]:
    """The branches of the plan above the programme, by the plan's own names of its levels."""
    if not chain:
        return [_item("node1", _("総合計画の体系"), "", _("総合計画"))]
    found = []
    for number, node in enumerate(chain, 1):
        found.append(
            _item(f"node{number}", node.level.label, str(node), _("総合計画"), node.get_absolute_url())
        )
    return found


def _of_node(subject: Subject, records: Records) -> list[Item]:
    node = subject.node
    assert node is not None
    url, plan = node.get_absolute_url(), _("総合計画")
    chain = records.nodes.get(-node.pk, [])
    below = records.below.get(node.pk, [])
    count = len(below)
    return [
        _item("uid", _("番号"), node.code, plan, url),
        _item("title", _("名称"), node.title, plan, url),
        _item("section", _("主担当課"), subject.section.name if subject.section else "", plan, url),
        *_places(chain[:-1]),
        *_of_the_plan(records.versions.get(node.version_id)),
        _item("programmes", _("属する事務事業"), _("%(count)d事業") % {"count": count}, plan, url),
        _item("largest", _("おもな事務事業"), _largest_of(below, records), plan, url),
    ]


def _of_the_plan(version: PlanVersion | None) -> list[Item]:
    if version is None:
        return []
    plan = version.plan
    period = _("%(first)sから%(last)sまで") % {
        "first": year_words(plan.start_fy),
        "last": year_words(plan.end_fy),
    }
    source, url = _("総合計画"), plan.get_absolute_url()
    return [
        _item("plan", _("計画"), version, source, url),
        _item("period", _("計画の期間"), period, source, url),
    ]


def _largest_of(programmes: Iterable[int], records: Records) -> str:
    """The names of the public programmes that cost most."""
    named = [key for key in programmes if key in records.titles]
    money = {key: records.money.get((key, records.years[1]), {}) for key in named}
    named.sort(key=lambda key: -(sums(money[key], CURRENT_PARTS) or 0))
    return "、".join(records.titles[key] for key in named[:MOST_NAMED])


def _purpose(subject: Subject, records: Records) -> list[Item]:
    programme = subject.programme
    if programme is None:
        node = subject.node
        assert node is not None
        url, plan = node.get_absolute_url(), _("総合計画")
        over = records.nodes.get(-node.pk, [])[:-1]
        return [
            _item("target", _("対象(だれ・何を)"), node.target, plan, url),
            _item("intent", _("意図(どういう状態にするか)"), node.intent, plan, url),
            _item("result", _("結果(上位の目的)"), node.result or (over[-1] if over else ""), plan, url),
        ]
    chain = records.nodes.get(programme.pk, [])
    year = records.programme_years.get((programme.pk, records.years[1]))
    url = programme.get_absolute_url()
    above = chain[-1] if chain else None
    plan_url = above.get_absolute_url() if above else ""
    model = records.logic.get(programme.pk)
    return [
        _item("summary", _("概要"), programme.summary, _("事務事業の台帳"), url),
        _item(
            "means", _("この年度の取り組み"), year.narrative if year else "", _("事務事業の年度の記録"), url
        ),
        _target(model, above, plan_url),
        _intent(model, above, plan_url),
        _item("result", _("結果(上位の目的)"), str(above) if above else "", _("総合計画"), plan_url),
    ]


def _target(model: LogicModel | None, above: PlanNode | None, plan_url: str) -> Item:
    """Whom it is for: as the logic model of the programme says, else as the branch above it does."""
    label = _("対象(だれ・何を)")
    if model and model.target_population:
        return _item("target", label, model.target_population, _("ロジックモデル"), model.get_absolute_url())
    return _item("target", label, above.target if above else "", _("総合計画"), plan_url)


def _intent(model: LogicModel | None, above: PlanNode | None, plan_url: str) -> Item:
    label = _("意図(どういう状態にするか)")
    final = [box.text for box in model.nodes.all() if box.stage == LogicStage.OUTCOME_FINAL] if model else []
    if model and final:
        return _item("intent", label, "、".join(final), _("ロジックモデル"), model.get_absolute_url())
    return _item("intent", label, above.intent if above else "", _("総合計画"), plan_url)


# --- Indicators ---------------------------------------------------------------------------------------------------------


def _yardstick(indicator: Indicator, records: Records) -> Yardstick:
    now = records.standings.get((indicator.pk, records.years[1]))
    baseline = records.baselines.get(indicator.pk)
    words = _("%(value)s(%(year)s)")
    started = (
        words % {"value": number(baseline.value, indicator), "year": year_words(baseline.fiscal_year)}
        if baseline
        else ""
    )
    _percent, why = _rate(indicator, now)
    return Yardstick(
        key=str(indicator.uid),
        name=indicator.name,
        role=indicator.role,
        stage=str(indicator.get_stage_display()),
        unit=indicator.unit,
        aim=str(indicator.get_direction_display()),
        baseline=started,
        years=[_year_value(indicator, records, year) for year in records.years],
        status=str(now.get_status_display()) if now else "",
        why=why,
        formula=_("年度達成率 =(実績 − 基準)÷(その年度の目標 − 基準)"),
        source=_("指標の記録(%(name)s)") % {"name": indicator.section.name if indicator.section else "—"},
        url=indicator.get_absolute_url(),
    )


def _of_the_branch(indicator: Indicator, records: Records) -> Yardstick:
    """Shown beside a programme that has none of its own. No judgement follows from it."""
    found = _yardstick(indicator, records)
    return Yardstick(**{**found, "role": ABOVE, "stage": _("上の枝の指標(判定には使いません)")})


def number(value: Decimal | None, indicator: Indicator) -> str:
    return "" if value is None else f"{value:,.{indicator.decimals}f}"


def _year_value(indicator: Indicator, records: Records, year: int) -> YearValue:
    row = records.standings.get((indicator.pk, year))
    if row is None:
        return YearValue(year=year, target="", value="", status="", reason="", rate="")
    return YearValue(
        year=year,
        target=number(row.target, indicator),
        value=number(row.value, indicator),
        status=str(row.get_status_display()),
        reason=wording.reason_in_words(row.reason),
        rate=_rate(indicator, row)[0],
    )


def _rate(indicator: Indicator, row: Standing | None) -> tuple[str, str]:
    """The year's attainment with what was divided, or the reason why there is none.

    Of an indicator that is to stay where it is, the distance in tolerances: no rate, and never shown as one.
    """
    if row is None:
        return "", _("まだ計算されていません。")
    if row.attainment is None or not row.attainment_d:
        return "", wording.reason_in_words(row.reason)
    if indicator.direction in (Direction.KEEP, Direction.RANGE):
        words = _("許容幅の%(times)s倍") % {"times": f"{row.attainment.quantize(Decimal('0.1'))}"}
        return words, words
    percent = f"{(row.attainment * 100).quantize(Decimal('0.1'))}%"
    parts = f"{_short(row.attainment_n)} ÷ {_short(row.attainment_d)}"
    return percent, f"{percent}({parts})"


def _short(value: Decimal | None) -> str:
    if value is None:
        return "—"
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# --- Money --------------------------------------------------------------------------------------------------------------


def keys_of(subject: Subject, records: Records) -> list[int]:
    """The programmes whose money is meant: itself, or all in the branch."""
    if subject.programme_id:
        return [subject.programme_id]
    return records.below.get(subject.node_id or 0, [])


def _total(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def money_of(subject: Subject, records: Records, year: int, stages: Iterable[str]) -> int | None:
    wanted = tuple(stages)
    return _total(sums(records.money.get((key, year)), wanted) for key in keys_of(subject, records))


def _fte(subject: Subject, records: Records, year: int) -> Decimal | None:
    rows = [records.programme_years.get((key, year)) for key in keys_of(subject, records)]
    known = [row.fte for row in rows if row is not None and row.fte is not None]
    return sum(known, Decimal(0)) if known else None


def _cost(subject: Subject, records: Records, year: int) -> calculations.Cost:
    """What the year cost: settled, or budgeted as long as it is not settled."""
    settled = money_of(subject, records, year, [MoneyStage.SETTLEMENT])
    budget = money_of(subject, records, year, CURRENT_PARTS)
    key = subject.programme_id or -(subject.node_id or 0)
    output = next((each for each in records.yardsticks.get(key, []) if each.stage == "output"), None)
    row = records.standings.get((output.pk, year)) if output else None
    return calculations.Cost(
        yen=settled if settled is not None else budget,
        fte=_fte(subject, records, year),
        output=row.value if row else None,
        output_unit=output.unit if output else "",
    )


def _money_rows(subject: Subject, records: Records, costs: list[calculations.Cost]) -> list[MoneyRow]:
    books = _("予算・決算の記録")
    initial = [money_of(subject, records, year, [MoneyStage.INITIAL]) for year in records.years]
    current = [money_of(subject, records, year, CURRENT_PARTS) for year in records.years]
    settled = [money_of(subject, records, year, [MoneyStage.SETTLEMENT]) for year in records.years]
    rates = [records.yen_per_fte.get(year) for year in records.years]
    people = [
        cost.people_yen(rate) if rate and cost.fte is not None else None
        for cost, rate in zip(costs, rates, strict=True)
    ]
    full = [
        cost.yen + paid if cost.yen is not None and paid is not None else None
        for cost, paid in zip(costs, people, strict=True)
    ]
    per_unit = [calculations.unit_cost_yen(cost, rate) for cost, rate in zip(costs, rates, strict=True)]
    unit = next((cost.output_unit for cost in costs if cost.output_unit), _("単位"))
    return [
        _yen_row("initial", _("当初予算"), initial, books),
        _yen_row("current", _("予算現額"), current, books),
        _yen_row("settlement", _("決算額"), settled, books),
        MoneyRow(
            key="rate",
            label=_("執行率(決算額 ÷ 予算現額)"),
            unit="%",
            values=[_executed(*pair) for pair in zip(settled, current, strict=True)],
            yen=[None for _cost in costs],
            source=books,
        ),
        MoneyRow(
            key="fte",
            label=_("人工"),
            unit=_("人"),
            values=[f"{cost.fte:.2f}" if cost.fte is not None else None for cost in costs],
            yen=[None for _cost in costs],
            source=_("事務事業の年度の記録"),
        ),
        _yen_row("people", _("人件費(人工 × 平均の人件費)"), people, _("年度の設定(職員一人あたり)")),
        _yen_row("full", _("総事業費(事業費 + 人件費)"), full, _("計算")),
        _yen_row("unit", _("1%(unit)sあたりの費用") % {"unit": unit}, per_unit, _("総事業費 ÷ 活動量")),
    ]


def _executed(settled: int | None, current: int | None) -> str | None:
    percent = in_percent(execution_rate(settled, current))
    return None if percent is None else f"{percent}%"


def _yen_row(key: str, label: str, yen: list[int | None], source: str) -> MoneyRow:
    values = [yen_in_words(each) if each is not None else None for each in yen]
    return MoneyRow(key=key, label=label, unit=_("円"), values=values, yen=yen, source=source)


def _fund_rows(subject: Subject, records: Records) -> list[MoneyRow]:
    funds = records.funds.get(subject.programme_id or 0)
    if not funds:
        return []
    rows = []
    for kind in FundKind:
        yen = funds.get(kind.value)
        label = _("財源: %(kind)s") % {"kind": kind.label}
        rows.append(_yen_row(f"fund:{kind.value}", label, [None, yen or 0, None], _("予算科目の財源")))
    return rows


# --- Computed --------------------------------------------------------------------------------------


def _computed(
    cycle: EvaluationCycle, yardsticks: list[Yardstick], costs: list[calculations.Cost], records: Records
) -> dict[str, Computed]:
    codes = [_code(yardstick) for yardstick in yardsticks]
    statuses = [STATUSES[code] for code in codes if code]
    overall = calculations.computed_judgement(statuses)
    found = {"judgement": Computed(letter=overall.letter, why=overall.why)}
    effect = calculations.effectiveness(statuses)
    rate = records.yen_per_fte.get(cycle.evaluated_fy) or records.yen_per_fte.get(cycle.evaluated_fy - 1)
    thrift = calculations.efficiency(costs[0], costs[1], fte_yen=rate or 0)
    answers = {
        Criterion.EFFECTIVENESS: effect,
        Criterion.ACHIEVEMENT: effect,
        Criterion.EFFICIENCY: thrift,
    }
    for criterion, answer in answers.items():
        if criterion in cycle.criteria:
            found[criterion.value] = Computed(letter=answer.letter, why=answer.why)
    return found


def _code(yardstick: Yardstick) -> str:
    words = {str(status.label): status.value for status in StandingStatus}
    return words.get(yardstick["status"], "")
