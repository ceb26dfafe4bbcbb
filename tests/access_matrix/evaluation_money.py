"""Reflections, published data and envelopes in the small world, and who may open which of their addresses.

No offices are named in town A, so its planner plays all of them.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from enishi.budgets.models import Programme
from enishi.evaluation.models import (
    EnvelopeRow,
    EnvelopeScenario,
    EvaluationCycle,
    ImprovementDecision,
    PublishedDataSet,
    PublishedFile,
    Reflection,
    ReflectionUpload,
    Subject,
)
from enishi.evaluation.published.freezing import About, files_of
from enishi.organizations.enums import Role, Visibility
from enishi.plans.models import Level, NodeIdentity, Plan, PlanNode, PlanVersion
from enishi.projects.models import Project, ProjectProgramme
from tests.access_matrix.projects_core import leads, reads
from tests.access_matrix.table import Row, everybody, thing, town_authors
from tests.access_matrix.world import WORD, Somebody, World
from tests.factories import NOON

STAFF = (Role.OFFICER, Role.MANAGER, Role.PLANNER, Role.ADMINISTRATOR)
YEAR = 2027


def furnish(world: World) -> None:
    decision = _decision(world)
    world.things["budget_decision"] = decision
    officer = world.somebody("a_officer").person
    world.things["reflection"] = Reflection.objects.create(
        decision=decision,
        organization=world["a"],
        direction=decision.direction,
        fiscal_year=YEAR,
        stage="initial",
        status="未反映",
        reason=world.plant(of_town),
        recorded_by=world.somebody("a_manager").person,
        recorded_at=NOON,
    )
    world.things["reflection_upload"] = ReflectionUpload.objects.create(
        organization=world["a"],
        person=officer,
        fiscal_year=YEAR,
        stage="initial",
        filename=world.plant(lambda somebody: somebody.key == "a_officer"),
        made_at=NOON,
    )
    world.things["data_sets"] = [_data_set(world, state) for state in ("published", "frozen")]
    world.things["envelope"] = _envelope(world)
    world.things["carried_project"] = _carried(world, decision.programme)


def _decision(world: World) -> ImprovementDecision:
    planner = world.somebody("a_planner").person
    programme = Programme.objects.create(
        organization=world["a"],
        section=world["a1"],
        uid="909001",
        title=f"{WORD}の事業",
        start_fy=2020,
        visibility=Visibility.PUBLIC,
        created_at=NOON,
        updated_at=NOON,
    )
    cycle = EvaluationCycle.objects.create(
        organization=world["a"],
        title=world.plant(of_town),
        evaluated_fy=2019,
        decision_fy=YEAR,
        state="closed",
        first_due_on=NOON.date(),
        approval_due_on=NOON.date(),
        second_due_on=NOON.date(),
        decision_due_on=NOON.date() + dt.timedelta(days=1),
        created_at=NOON,
        updated_at=NOON,
    )
    subject = Subject.objects.create(
        cycle=cycle,
        organization=world["a"],
        programme=programme,
        section=world["a1"],
        code=programme.uid,
        title=f"{WORD}の事業",
        included=True,
        place="6-decided",
        placed_at=NOON,
    )
    return ImprovementDecision.objects.create(
        subject=subject,
        organization=world["a"],
        programme=programme,
        direction="縮小",
        content=world.plant(of_town),
        target_fy=YEAR,
        state="decided",
        proposed_by=planner,
        proposed_at=NOON,
        confirmed_by=planner,
        confirmed_at=NOON,
        decided_by=world.somebody("a_manager").person,
        decided_at=NOON,
    )


def _data_set(world: World, state: str) -> PublishedDataSet:
    """Frozen by the manager, so that the planner is the second person."""
    title = f"{WORD}のデータ {'' if state == 'published' else world.plant(works_there)}"
    row = PublishedDataSet.objects.create(
        organization=world["a"],
        fiscal_year=YEAR,
        title=title,
        state=state,
        frozen_by=world.somebody("a_manager").person,
        frozen_at=NOON,
        published_by=world.somebody("a_planner").person if state == "published" else None,
        published_at=NOON if state == "published" else None,
    )
    decision = {
        "decision": "D1", "subject": "909001", "title": title, "evaluated_year": 2025, "target_year": YEAR,
        "course": "縮小", "budget_relevant": True,
    }  # fmt: skip
    files = files_of({"decisions": [decision], "reflections": []}, About(title, "あ市", YEAR, NOON))
    PublishedFile.objects.bulk_create(
        PublishedFile(
            data_set=row, name=file.name, content=file.content, sha256=file.sha256, size=len(file.content)
        )
        for file in files
    )
    return row


def _envelope(world: World) -> EnvelopeScenario:
    plan = Plan.objects.create(
        organization=world["a"],
        kind="basic",
        name=f"{WORD}計画",
        start_fy=2024,
        end_fy=2031,
        visibility=Visibility.PUBLIC,
        created_at=NOON,
        updated_at=NOON,
    )
    version = PlanVersion.objects.create(plan=plan, no=1, created_at=NOON, updated_at=NOON)
    identity = NodeIdentity.objects.create(plan=plan)
    node = PlanNode.objects.create(
        version=version,
        identity=identity,
        uid=identity.uid,
        level=Level.objects.create(version=version, order=1, label="政策"),
        path="0001",
        depth=1,
        title=f"{WORD}の政策",
        updated_at=NOON,
    )
    scenario = EnvelopeScenario.objects.create(
        organization=world["a"],
        fiscal_year=YEAR,
        title=world.plant(works_there),
        plan_version=version,
        depth=1,
        base_fy=2026,
        outcome_fy=2025,
        created_at=NOON,
        updated_at=NOON,
    )
    EnvelopeRow.objects.create(
        scenario=scenario,
        node=node,
        order=0,
        base_yen=1,
        grown_yen=1,
        kept_yen=1,
        outcome_yen=0,
        total_yen=1,
        explanation=world.plant(works_there),
    )
    return scenario


def _carried(world: World, programme: Any) -> Project:
    """The town's own project, whose programme is known."""
    project: Project = world["project"]
    ProjectProgramme.objects.create(
        project=project,
        programme=programme,
        linked_by=world.somebody("a_planner").person,
        linked_at=NOON,
    )
    return project


# --- Who --------------------------------------------------------------------------------------------------------------------------


def of_town(somebody: Somebody, row: Any = None) -> bool:
    """Those who work in town A, and its auditor: sheets that were decided are open to them."""
    return somebody.key.startswith("a_") and somebody.role in (*STAFF, Role.AUDITOR)


def staff_or_auditor(somebody: Somebody, row: Any = None) -> bool:
    return town_authors(somebody, row) or somebody.role == Role.AUDITOR


def works_there(somebody: Somebody, row: Any = None) -> bool:
    return somebody.key.startswith("a_") and somebody.role in STAFF


def plays_offices(somebody: Somebody, row: Any = None) -> bool:
    return somebody.key.startswith("a_") and somebody.role == Role.PLANNER


def a_planner(somebody: Somebody, row: Any = None) -> bool:
    return somebody.role == Role.PLANNER


def uploader(somebody: Somebody, row: Any) -> bool:
    return somebody.person is not None and somebody.person.pk == row.person_id


def reads_set(somebody: Somebody, row: Any) -> bool:
    return row.state == "published" or works_there(somebody)


def sets(world: World) -> Iterable[Any]:
    return world["data_sets"]  # type: ignore[no-any-return]


def only(state: str) -> Callable[[World], Iterable[Any]]:
    return lambda world: [row for row in world["data_sets"] if row.state == state]


def first_row(scenario: Any) -> tuple[int, int]:
    return scenario.pk, scenario.rows.get().pk


def first_link(project: Any) -> tuple[int, int]:
    return project.pk, project.programme_links.get().pk


_DECISION = thing("budget_decision")
_ENVELOPE = thing("envelope")
_YEAR = f"?year={YEAR}"

TABLE = {
    "evaluation:reflection_list": Row(
        staff_or_auditor, also=(_YEAR, f"{_YEAR}&format=csv", f"{_YEAR}&state=waiting&q={WORD}")
    ),
    "evaluation:reflection_detail": Row(of_town, about=_DECISION, sees=of_town),
    "evaluation:reflection_record": Row(plays_offices, about=_DECISION, sees=of_town),
    "evaluation:reflection_approve": Row(a_planner, post=True, data={"year": str(YEAR), "stage": "initial"}),
    "evaluation:reflection_import": Row(a_planner),
    "evaluation:reflection_upload": Row(uploader, about=thing("reflection_upload"), sees=uploader),
    "evaluation:data_set_list": Row(everybody, also=("?format=csv",)),
    "evaluation:data_set_new": Row(a_planner),
    "evaluation:data_set_detail": Row(reads_set, about=sets, sees=reads_set),
    "evaluation:data_set_zip": Row(reads_set, about=sets, sees=reads_set),
    "evaluation:data_set_file": Row(
        reads_set, about=sets, sees=reads_set, args=lambda row: (row.pk, "decisions.csv")
    ),
    "evaluation:data_set_publish": Row(
        plays_offices, about=only("frozen"), sees=works_there, post=True, polite=True
    ),
    "evaluation:data_set_withdraw": Row(plays_offices, about=sets, sees=reads_set),
    "evaluation:envelope_list": Row(town_authors, also=("?format=csv",)),
    "evaluation:envelope_new": Row(a_planner),
    "evaluation:envelope_compare": Row(town_authors, also=(_YEAR,)),
    "evaluation:envelope_detail": Row(works_there, about=_ENVELOPE, sees=works_there, also=("?format=csv",)),
    "evaluation:envelope_edit": Row(plays_offices, about=_ENVELOPE, sees=works_there),
    "evaluation:envelope_choose": Row(plays_offices, about=_ENVELOPE, sees=works_there),
    "evaluation:envelope_adjust": Row(plays_offices, about=_ENVELOPE, sees=works_there, args=first_row),
    "projects:programme_link": Row(
        leads, about=thing("carried_project"), sees=reads, post=True, data={"uid": "909001"}
    ),
    "projects:programme_unlink": Row(
        leads, about=thing("carried_project"), sees=reads, post=True, args=first_link
    ),
}
