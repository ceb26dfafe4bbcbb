"""What the projects tell of a case: the work itself, and what came of it."""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.audit.steps import steps_of
from enishi.foundation.access import Actor
from enishi.foundation.days import day_in_words
from enishi.foundation.thread import CaseRecord, CaseSource, CaseStep, Key, Stage, register_source
from enishi.organizations.visibility import reach_of
from enishi.projects.access import is_inside, project_access
from enishi.projects.enums import ProjectStatus
from enishi.projects.models import Measure, MeasureValue, Project

OVER = frozenset({"completed", "stopped"})
CAUSES = ("challenge", "contact", "proposal", "agreement")


def register() -> None:
    """Called once, in ``apps.ready``."""
    register_source(
        CaseSource("project", Stage.PROJECT, read_projects, causes_of_projects, projects_that_came_of)
    )


def read_projects(actor: Actor, ids: Sequence[int]) -> list[CaseRecord]:
    rows = list(
        project_access.visible(actor)
        .filter(pk__in=ids)
        .select_related("organization", "section")
        .prefetch_related("participants__organization", "trials__measure", "measures__values__corrected_by")
    )
    steps = steps_of(
        rows,
        "status",
        dict(ProjectStatus.choices),
        actor=actor,
        today=timezone.localdate(),
        over=OVER,
        private=frozenset({"draft"}),
    )
    told: list[CaseRecord] = []
    for row in rows:
        told.append(_project(row, steps.get(row.pk, [])))
        facts = results_of(row)
        if facts and is_inside(reach_of(actor), row):
            told.append(_results(row, facts))
    return told


def _project(row: Project, steps: Sequence[CaseStep]) -> CaseRecord:
    names = [row.organization.name, *(str(each) for each in row.participants.all())]
    return CaseRecord(
        key=("project", row.pk),
        stage=Stage.PROJECT,
        label=_("実証") if row.is_trial else _("事業"),
        title=row.title,
        url=row.get_absolute_url(),
        on=row.started_on or row.starts_on or timezone.localdate(row.created_at),
        until=row.ended_on,
        state=row.get_status_display(),
        parties=list(dict.fromkeys(names)),
        steps=steps,
    )


def _results(row: Project, facts: Sequence[tuple[str, str]]) -> CaseRecord:
    """What was measured and decided: for the people of those who take part."""
    decided = [timezone.localdate(each.decided_at) for each in row.trials.all() if each.decided_at]
    # A measure of the register brings its years before the project along: these are no result of it.
    began = row.started_on or row.starts_on or dt.date.min
    measured = [
        value.on for measure in row.measures.all() for value in measure.values.all() if value.on >= began
    ]
    return CaseRecord(
        key=("project", row.pk),
        stage=Stage.EVALUATION,
        label=_("結果"),
        title=row.title,
        url=row.get_absolute_url(),
        on=min([*decided, *measured], default=None),
        until=row.ended_on,
        facts=list(facts),
    )


def results_of(project: Project) -> list[tuple[str, str]]:
    """Each measure with its latest value, and what was decided about each trial."""
    facts = []
    for measure in project.measures.all():
        current = [
            each
            for each in measure.values.all()
            if each.value is not None and not hasattr(each, "corrected_by")
        ]
        if current and measure.retired_at is None:
            facts.append((measure.title, _result_in_words(measure, max(current, key=lambda each: each.on))))
    facts += [
        (_("第%(round)d回の判断") % {"round": trial.round}, str(trial.get_decision_display()))
        for trial in project.trials.all()
        if trial.decision
    ]
    return facts


def _result_in_words(measure: Measure, latest: MeasureValue) -> str:
    words = _("%(value)s%(unit)s(%(day)s)") % {
        "value": plain_number(latest.value),
        "unit": measure.unit,
        "day": day_in_words(latest.on, weekday=False),
    }
    if measure.target_value is None:
        return words
    target = {"value": plain_number(measure.target_value), "unit": measure.unit}
    return words + " " + _("目標 %(value)s%(unit)s") % target


def plain_number(value: Decimal | None) -> str:
    """A number without needless zeros.

    >>> plain_number(Decimal("1200.5000"))
    '1,200.5'
    """
    if value is None:
        return ""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def causes_of_projects(ids: Sequence[int]) -> Iterable[tuple[int, Key]]:
    columns = [f"{kind}_id" for kind in CAUSES]
    rows = Project.objects.filter(pk__in=ids).order_by().values_list("pk", *columns)
    return [
        (pk, (kind, cause))
        for pk, *causes in rows
        for kind, cause in zip(CAUSES, causes, strict=True)
        if cause
    ]


def projects_that_came_of(kind: str, ids: Sequence[int]) -> Iterable[int]:
    if kind not in CAUSES:
        return []
    return Project.objects.filter(**{f"{kind}_id__in": ids}).values_list("pk", flat=True)
