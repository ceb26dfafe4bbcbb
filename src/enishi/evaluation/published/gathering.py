"""What goes into a data set: rows of each table as they stand now, without anything a resident may not read.

A programme or measure that is not public is counted, or the rates would lie, but its name and words stay inside.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from enishi.budgets.enums import LegalKind
from enishi.budgets.models import Programme
from enishi.evaluation.enums import FollowUpState, Place
from enishi.evaluation.models import Subject
from enishi.evaluation.models_decisions import ImprovementDecision
from enishi.evaluation.published import sources
from enishi.evaluation.published.tables import TABLES
from enishi.evaluation.reflection.enums import ReflectionStage
from enishi.evaluation.reflection.models import Reflection, ReflectionEvidence
from enishi.indicators.enums import StandingStatus, ValueState
from enishi.indicators.models import Indicator, Measurement, Standing
from enishi.organizations.enums import Visibility
from enishi.plans.enums import SourceStatus
from enishi.plans.logic.enums import ModelState
from enishi.plans.logic.models import LogicModel
from enishi.plans.models import Placement, PlanVersion, StatutoryPlan

Row = Mapping[str, object]
HIDDEN = "(公開していない事業)"
STATUS_WORDS: Mapping[str, str] = {
    StandingStatus.ACHIEVED: "達成",
    StandingStatus.ON_TRACK: "順調",
    StandingStatus.SLIGHTLY_LATE: "やや遅れ",
    StandingStatus.LATE: "遅れ",
    StandingStatus.REGRESSED: "後退",
    StandingStatus.UNDECIDABLE: "判定不能",
}
"""The words of the files, whatever language the person who freezes them reads."""
CERTAINTY: Mapping[str, str] = {
    SourceStatus.CONFIRMED: "確かめ済み",
    SourceStatus.DERIVED: "ほかの記述から導いたもの",
    SourceStatus.UNVERIFIED: "原典で未確認",
    SourceStatus.MEMORY: "原典で未確認",
}
VOTED = (ReflectionStage.INITIAL, ReflectionStage.SUPPLEMENT)
"""What the council has voted; 要求 and 査定 stay inside."""


def gather(house: int, fiscal_year: int) -> dict[str, list[Row]]:
    """Every table of the set, for the decisions that this budget year had to show."""
    decisions = list(_decisions(house, fiscal_year))
    subjects = list(_subjects(house, fiscal_year))
    years = sorted({subject.cycle.evaluated_fy for subject in subjects}) or [fiscal_year - 2]
    reflections = list(_reflections(decisions, fiscal_year))
    found: dict[str, list[Row]] = {
        "evaluations": [_evaluation(subject) for subject in subjects],
        "decisions": [_decision(decision) for decision in decisions],
        "reflections": [_reflection(row) for row in reflections],
        "entries": [_entry(row) for row in _evidence(reflections)],
        "logic_models": list(_logic_models(house, fiscal_year)),
        "indicators": list(_indicators(house, years)),
        "statutory_plans": list(_statutory_plans(house)),
    }
    for name in TABLES:
        if name not in found:
            found[name] = list(sources.contributed(name, house, fiscal_year))
    return {name: rows for name, rows in found.items() if rows or name in ("decisions", "reflections")}


def _subjects(house: int, fiscal_year: int) -> Iterable[Subject]:
    rows = Subject.objects.chosen().filter(organization_id=house, cycle__decision_fy=fiscal_year)
    return (
        rows.exclude(place=Place.FIRST)
        .select_related("cycle", "section", "programme", "node__version__plan")
        .prefetch_related("evaluations")
        .order_by("cycle_id", "code", "pk")
    )


def _decisions(house: int, fiscal_year: int) -> Iterable[Any]:
    aimed = Q(target_fy=fiscal_year) | Q(subject__cycle__decision_fy=fiscal_year)
    rows = ImprovementDecision.objects.decided().filter(aimed, organization_id=house)
    kept = Q(follow_ups__state__in=[FollowUpState.OPEN, FollowUpState.DONE])
    return (
        rows.select_related("subject__cycle", "subject__programme", "subject__node__version__plan")
        .annotate(
            kept_follow_ups=Count("follow_ups", filter=kept),
            done_follow_ups=Count("follow_ups", filter=Q(follow_ups__state=FollowUpState.DONE)),
        )
        .order_by("subject__code", "pk")
    )


def is_public(subject: Subject) -> bool:
    """Whether a resident may read the name of what was evaluated."""
    record: Any = subject.programme or (subject.node.version.plan if subject.node else None)
    return record is not None and record.deleted_at is None and record.visibility == Visibility.PUBLIC


def _title(subject: Subject) -> str:
    return subject.title if is_public(subject) else HIDDEN


def _evaluation(subject: Subject) -> Row:
    judged = [row for row in subject.evaluations.all() if row.is_handed_in and row.judgement]
    order = {"first": 0, "second": 1, "external": 2}
    last = max(judged, key=lambda row: order.get(row.stage, 0), default=None)
    open_to_all = is_public(subject)
    return {
        "subject": subject.code,
        "evaluated_year": subject.cycle.evaluated_fy,
        "title": _title(subject),
        "kind": "施策" if subject.node_id else "事務事業",
        "section": subject.section.name if subject.section and open_to_all else "",
        "selected_because": "".join(str(why.get("sentence", "")) for why in subject.why)
        if open_to_all
        else "",
        "judgement": last.judgement if last and open_to_all else "",
    }


def _decision(row: Any) -> Row:
    open_to_all = is_public(row.subject)
    return {
        "decision": f"D{row.pk}",
        "subject": row.subject.code,
        "title": _title(row.subject),
        "evaluated_year": row.subject.cycle.evaluated_fy,
        "target_year": row.target_fy,
        "course": row.direction,
        "budget_relevant": row.budget_relevant,
        "decided_yen": row.expected_delta_yen,
        "content": row.content if open_to_all else "",
        "decided_on": timezone.localdate(row.decided_at) if row.decided_at else None,
        "followups": row.kept_follow_ups,
        "followups_done": row.done_follow_ups,
    }


def _reflections(decisions: Iterable[Any], fiscal_year: int) -> Iterable[Reflection]:
    """Approved rows of voted budgets only; what nobody approved is as if it were not there."""
    rows = Reflection.objects.approved().filter(
        decision__in=[row.pk for row in decisions], fiscal_year__gte=fiscal_year, stage__in=VOTED
    )
    return rows.order_by("decision_id", "fiscal_year", "stage", "round_no")


def _stage(row: Reflection) -> str:
    return f"補正{row.round_no}" if row.stage == ReflectionStage.SUPPLEMENT else "当初"


def _reflection(row: Reflection) -> Row:
    return {
        "decision": f"D{row.decision_id}",
        "year": row.fiscal_year,
        "stage": _stage(row),
        "before_yen": row.before_yen,
        "after_yen": row.after_yen,
        "delta_yen": row.delta_yen,
        "status": row.status,
        "reason": row.reason,
    }


def _evidence(reflections: Iterable[Reflection]) -> Iterable[ReflectionEvidence]:
    rows = ReflectionEvidence.objects.filter(reflection__in=[row.pk for row in reflections])
    return rows.select_related("code", "reflection").order_by(
        "reflection__decision_id", "reflection_id", "-side", "code__path"
    )


def _entry(row: ReflectionEvidence) -> Row:
    return {
        "decision": f"D{row.reflection.decision_id}",
        "year": row.reflection.fiscal_year,
        "stage": _stage(row.reflection),
        "side": "前" if row.side == "before" else "後",
        "budget_year": row.code.fiscal_year,
        "code": row.code.path,
        "name": row.code.name,
        "yen": row.share_yen,
    }


# --- Logic models and indicators -----------------------------------------------------------------------------------------------


def _logic_models(house: int, fiscal_year: int) -> Iterable[Row]:
    """Every 事務事業 of the year and every 施策 that holds some, with the state of its logic model."""
    models = LogicModel.objects.kept().filter(organization_id=house).exclude(state=ModelState.SUPERSEDED)
    of_programme: dict[int, LogicModel] = {}
    of_branch: dict[str, LogicModel] = {}
    for model in models.order_by("state", "pk"):
        if model.programme_id:
            _prefer_approved(of_programme, model.programme_id, model)
        elif model.identity_id:
            _prefer_approved(of_branch, model.identity_id, model)
    programmes = Programme.objects.kept().filter(organization_id=house).active_in(fiscal_year - 1)
    for programme in programmes.order_by("uid"):
        title = programme.title if programme.visibility == Visibility.PUBLIC else HIDDEN
        in_scope = programme.legal_kind != LegalKind.INTERNAL
        yield _unit(programme.uid, title, "事務事業", of_programme.get(programme.pk), in_scope)
    for node in _measures(house):
        public = node.version.plan.visibility == Visibility.PUBLIC
        title = node.title if public else HIDDEN
        yield _unit(node.uid, title, "施策", of_branch.get(node.uid), True)


def _prefer_approved(known: dict[Any, LogicModel], key: Any, model: LogicModel) -> None:
    if key not in known or model.state == ModelState.APPROVED:
        known[key] = model


def _measures(house: int) -> Iterable[Any]:
    """The branches in force that hold 事務事業."""
    newest: dict[int, PlanVersion] = {}
    rows = PlanVersion.objects.in_force(timezone.localdate()).filter(
        plan__organization_id=house, plan__deleted_at__isnull=True
    )
    for version in rows:
        newest.setdefault(version.plan_id, version)
    placements = Placement.objects.filter(
        version__in=[version.pk for version in newest.values()], is_primary=True
    ).select_related("node__version__plan")
    nodes = {row.node_id: row.node for row in placements}
    return sorted(nodes.values(), key=lambda node: (node.version_id, node.path))


def _unit(key: str, title: str, kind: str, model: LogicModel | None, in_scope: bool) -> Row:
    state = "なし" if model is None else "承認済み" if model.state == ModelState.APPROVED else "作成中"
    failed = "、".join(model.broken_rules) if model is not None else ""
    return {
        "unit": key,
        "title": title,
        "kind": kind,
        "scope": in_scope,
        "state": state,
        "failed": failed,
    }


def _statutory_plans(house: int) -> Iterable[Row]:
    """The list as it stands, with the documents that residents may read by name."""
    rows = StatutoryPlan.objects.filter(organization_id=house).select_related("integrated_into")
    for row in rows.order_by("name", "pk"):
        document = row.integrated_into
        may_tell = (
            document is not None and document.deleted_at is None and document.visibility == Visibility.PUBLIC
        )
        yield {
            "plan": row.name,
            "law": f"{row.law} {row.article}".strip(),
            "integrated": document is not None,
            "document": document.name if document is not None and may_tell else "",
            "certainty": CERTAINTY[SourceStatus(row.source_status)],
        }


def _indicators(house: int, years: list[int]) -> Iterable[Row]:
    """Public indicators with a standing in the evaluated years, in the municipality's own frame."""
    indicators = Indicator.objects.in_use().filter(organization_id=house, visibility=Visibility.PUBLIC)
    standings = Standing.objects.filter(indicator__in=indicators, fiscal_year__in=years, frame="")
    values = _values(indicators, years)
    for row in standings.select_related("indicator").order_by("fiscal_year", "indicator__code", "pk"):
        value = values.get((row.indicator_id, row.fiscal_year))
        yield {
            "indicator": row.indicator.code,
            "year": row.fiscal_year,
            "title": row.indicator.name,
            "status": STATUS_WORDS[row.status],
            "value": _plain(row.value),
            "unit": row.indicator.unit,
            "progress": _ratio(row),
            "reason": row.reason,
            "due_on": _due_on(row.indicator, row.fiscal_year),
            "recorded_on": timezone.localdate(value.recorded_at) if value else None,
            "source": _source(value),
        }


def _values(indicators: Any, years: list[int]) -> dict[tuple[int, int], Measurement]:
    rows = Measurement.objects.filter(
        indicator__in=indicators, fiscal_year__in=years, dims="", state=ValueState.APPROVED
    )
    return {
        (row.indicator_id or 0, row.fiscal_year): row
        for row in rows.select_related("run").order_by("period_end", "pk")
    }


def _plain(value: Any) -> str:
    return "" if value is None else format(value.normalize(), "f")


def _ratio(row: Standing) -> str:
    if row.progress_n is None or row.progress_d is None:
        return ""
    return f"{_plain(row.progress_n)}/{_plain(row.progress_d)}"


def _due_on(indicator: Indicator, fiscal_year: int) -> dt.date:
    return dt.date(fiscal_year + 1, 3, 31) + dt.timedelta(days=indicator.publication_lag_days)


def _source(value: Measurement | None) -> str:
    if value is None or value.run is None:
        return ""
    return " ".join(part for part in (str(value.run), value.source_locator) if part)
