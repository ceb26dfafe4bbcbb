"""Plans in the small world, and who may open which of their addresses. No offices are named: the planner plays them all."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from enishi.budgets.models import Programme
from enishi.indicators.models import Indicator
from enishi.organizations.enums import Role, Visibility
from enishi.plans.models import (
    Level,
    NodeIdentity,
    NodeIndicator,
    NodeLink,
    Placement,
    Plan,
    PlanImport,
    PlanNode,
    PlanVersion,
    StatutoryPlan,
    TreeChange,
)
from tests.access_matrix.table import Operation, Row, everybody, signed_in
from tests.access_matrix.world import WORD, Somebody, World, may_read
from tests.factories import NOON, TODAY


def furnish(world: World) -> None:
    """A town's plan of each visibility, approved; the public one has a draft and a discarded version too."""
    plans = [_plan(world, visibility) for visibility in Visibility]
    whole = plans[0]
    world.things["plans"] = plans
    world.things["plan"] = whole
    thrown = _plan(world, Visibility.PUBLIC)
    Plan.objects.filter(pk=thrown.pk).update(deleted_at=dt.datetime.now(tz=dt.UTC))
    world.things["thrown_plan"] = thrown
    versions = [_version(world, plan, 1, "approved") for plan in plans]
    draft, given_up = _version(world, whole, 2, "draft"), _version(world, whole, 3, "discarded")
    world.things |= {
        "plan_versions": [*versions, draft],
        "plan_draft": draft,
        "plan_given_up": given_up,
        "plan_nodes": [version.nodes.get() for version in [*versions, draft]],
        "some_versions": [versions[-1], draft],
        "some_nodes": [versions[-1].nodes.get(), draft.nodes.get()],
        "plan_node": versions[0].nodes.get(),
        "plan_draft_node": draft.nodes.get(),
    }
    PlanVersion.objects.filter(pk__in=[version.pk for version in versions]).update(
        state="approved", effective_on=TODAY, frozen_hash="0" * 64, approved_at=NOON
    )
    _hanging(world, draft)


def _plan(world: World, visibility: Visibility) -> Plan:
    made: list[Plan] = []
    word = world.plant(lambda reader: may_read(reader, made[0]))
    plan = Plan.objects.create(
        organization=world["a"],
        section=world["a1"],
        kind="basic",
        name=f"{WORD} {word}",
        summary=word,
        start_fy=2024,
        end_fy=2031,
        visibility=visibility,
        created_at=NOON,
        updated_at=NOON,
    )
    made.append(plan)
    plan.parties.set([world["p"]])
    return plan


def _version(world: World, plan: Plan, no: int, state: str) -> PlanVersion:
    version = PlanVersion.objects.create(
        plan=plan,
        no=no,
        state="discarded" if state == "approved" else state,
        change_summary="見直し",
        created_at=NOON,
        updated_at=NOON,
        created_by=world.somebody("a_officer").person,
    )
    level = Level.objects.create(version=version, order=1, label="政策")
    identity = NodeIdentity.objects.create(plan=plan)
    word = world.plant(
        lambda reader: may_read(reader, plan) and (state == "approved" or reader.is_of(plan.organization))
    )
    PlanNode.objects.create(
        version=version,
        identity=identity,
        uid=identity.uid,
        level=level,
        path="0001",
        depth=1,
        title=word,
        section=world["a1"],
        updated_at=NOON,
    )
    return version


def _hanging(world: World, draft: PlanVersion) -> None:
    """What hangs from the draft's branch, and what a planner keeps to themselves."""
    node, planner = draft.nodes.get(), world.somebody("a_planner").person
    programme = Programme.objects.create(
        organization=world["a"],
        uid="990001",
        title="試験事業",
        start_fy=2020,
        created_at=NOON,
        updated_at=NOON,
    )
    indicator = Indicator.objects.filter(organization=world["a"], visibility=Visibility.PUBLIC).first()
    world.things |= {
        "plan_placement": Placement.objects.create(version=draft, node=node, programme=programme),
        "plan_indicator": NodeIndicator.objects.create(node=node, indicator=indicator),
        "plan_link": NodeLink.objects.create(node=node, kind="contributes", target=world["plan_node"].identity),
        "plan_change": TreeChange.objects.create(
            version=draft, kind="import", note="取り込み", revision_after=1, by=planner, at=NOON,
            before={"added": [], "changed": {}, "placements": [], "standing": {}},
        ),
        "plan_import": PlanImport.objects.create(
            version=draft, person=planner, name=f"{world.plant(lambda reader: reader.key == 'a_planner')}.csv",
            digest="1" * 64, made_at=NOON,
        ),
        "statutory_plan": StatutoryPlan.objects.create(
            organization=world["a"], name=world.plant(lambda reader: reader.is_of(world["a"])), law="社会福祉法",
            obligation="effort", updated_at=NOON,
        ),
    }  # fmt: skip


def every(name: str) -> Callable[[World], Iterable[Any]]:
    return lambda world: world[name]


def one(name: str) -> Callable[[World], Iterable[Any]]:
    return lambda world: [world[name]]


def plan_of(thing: Any) -> Any:
    if isinstance(thing, Plan):
        return thing
    if isinstance(thing, PlanVersion):
        return thing.plan
    return version_of(thing).plan


def version_of(thing: Any) -> Any:
    if isinstance(thing, NodeIndicator | NodeLink):
        return thing.node.version
    return thing.version


def reads(somebody: Somebody, thing: Any) -> bool:
    plan = plan_of(thing)
    if not may_read(somebody, plan):
        return False
    version = (
        thing if isinstance(thing, PlanVersion) else None if isinstance(thing, Plan) else version_of(thing)
    )
    if version is None:
        return True
    version.refresh_from_db(fields=["state"])
    return version.state == "approved" or somebody.is_of(plan.organization)


def plans_here(somebody: Somebody, thing: Any) -> bool:
    """企画 of the house."""
    return somebody.has(plan_of(thing).organization, Role.PLANNER)


def plans(somebody: Somebody, thing: Any) -> bool:
    """Does the planning and may read this plan: one kept within a section is read there alone."""
    return plans_here(somebody, thing) and reads(somebody, thing)


def plans_somewhere(somebody: Somebody, thing: Any) -> bool:
    return somebody.role == Role.PLANNER


def writes_text(somebody: Somebody, thing: Any) -> bool:
    leads = somebody.section == thing.section and somebody.role in (Role.OFFICER, Role.MANAGER)
    return plans_here(somebody, thing) or (somebody.is_of(plan_of(thing).organization) and leads)


def only_a_planner(somebody: Somebody, thing: Any) -> bool:
    return somebody.key == "a_planner"


def of_house(somebody: Somebody, thing: Any) -> bool:
    return somebody.is_of(thing.organization)


def with_form(form: str) -> Callable[[Any], Sequence[Any]]:
    return lambda thing: (thing.pk, form)


NODE = {"about": one("plan_node"), "sees": reads}
DRAFT = {"about": one("plan_draft"), "sees": reads}
DRAFT_NODE = {"about": one("plan_draft_node"), "sees": reads}

TABLE = {
    "plans:plan_list": Row(everybody, also=("?q=" + WORD, "?format=csv", "?format=xlsx", "?kind=basic")),
    "plans:plan_new": Row(plans_somewhere),
    "plans:plan_trash": Row(signed_in),
    "plans:unplaced_list": Row(signed_in, also=("?format=csv",)),
    "plans:import_sheet": Row(signed_in),
    "plans:statutory_list": Row(everybody, also=("?format=csv",)),
    "plans:statutory_new": Row(plans_somewhere),
    "plans:statutory_known": Row(plans_somewhere, post=True),
    "plans:statutory_edit": Row(
        lambda somebody, row: somebody.has(row.organization, Role.PLANNER), about=one("statutory_plan"), sees=of_house
    ),
    "plans:plan_detail": Row(reads, about=every("plans"), sees=reads),
    "plans:plan_edit": Row(plans, about=lambda world: world["plans"][::4], sees=reads),
    "plans:plan_delete": Row(plans, about=one("plan"), sees=reads),
    "plans:plan_restore": Row(plans_here, about=one("thrown_plan"), sees=plans_here, post=True),
    "plans:version_new": Row(plans, about=one("plan"), sees=reads),
    **{
        f"plans:{name}": Row(reads, about=every("some_versions"), sees=reads)
        for name in ("version_dashboard", "version_compare", "version_proof", "version_export")
    },
    "plans:version_tree": Row(reads, about=every("plan_versions"), sees=reads),
    "plans:version_chart": Row(reads, args=with_form("svg"), about=one("plan_draft"), sees=reads),
    **{
        f"plans:{name}": Row(plans, **DRAFT)
        for name in (
            "version_edit", "version_levels", "version_approve", "import_new", "change_list", "node_new",
        )
    },
    "plans:version_discard": Row(plans, post=True, **DRAFT),
    "plans:version_take_up": Row(plans, about=one("plan_given_up"), sees=reads, post=True),
    "plans:node_shift": Row(plans, post=True, **DRAFT),
    "plans:import_check": Row(only_a_planner, about=one("plan_import"), sees=only_a_planner),
    "plans:import_apply": Row(only_a_planner, about=one("plan_import"), sees=only_a_planner, post=True),
    "plans:change_undo": Row(plans, about=one("plan_change"), sees=reads, post=True),
    "plans:node_detail": Row(reads, about=every("some_nodes"), sees=reads, also=("?format=csv",)),
    "plans:node_current": Row(reads, args=lambda node: (node.uid,), moves_on=True, **NODE),
    "plans:node_chart": Row(reads, args=with_form("svg"), **NODE),
    "plans:node_trend": Row(
        reads,
        args=lambda row: (row.node_id, row.indicator_id, "svg"),
        about=one("plan_indicator"),
        sees=reads,
    ),
    "plans:node_edit": Row(writes_text, **DRAFT_NODE),
    **{
        f"plans:{name}": Row(plans, **DRAFT_NODE)
        for name in (
            "node_move", "node_split", "node_merge", "node_remove", "node_programmes", "node_indicators", "node_links",
        )
    },
    "plans:node_target": Row(plans, about=one("plan_indicator"), sees=reads),
    "plans:link_remove": Row(plans, about=one("plan_link"), sees=reads, post=True),
}  # fmt: skip

OPERATIONS = {
    "GET /plans": Operation(everybody),
    "GET /plans/{key}": Operation(reads, about=every("plans"), sees=reads),
    "GET /plans/{key}/tree": Operation(reads, about=every("plans"), sees=reads),
    "GET /plan-nodes/{key}": Operation(reads, about=every("some_nodes"), sees=reads),
}
