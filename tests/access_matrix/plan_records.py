"""Logic models, evidence, scorings and readings in the small world, and who may open which of their addresses."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django.core.files.base import ContentFile

from enishi.budgets.models import Programme
from enishi.organizations.enums import Role, Visibility
from enishi.plans.models import (
    Evidence,
    EvidenceUse,
    LogicEdge,
    LogicModel,
    LogicNode,
    Reading,
    ReadingItem,
    ScoredMeasure,
    Scorer,
    ScoringCriterion,
    ScoringRound,
)
from tests.access_matrix.table import WHOLE_HOUSE, Operation, Row, everybody, signed_in, town_authors
from tests.access_matrix.world import WORD, Somebody, World
from tests.factories import NOON

AUTHORS = (Role.OFFICER, *WHOLE_HOUSE)


def of_town(somebody: Somebody, thing: Any = None) -> bool:
    """The people of the first town, the auditor too."""
    return somebody.is_inside and somebody.house is not None and somebody.house.name == "試験甲市"


def reads(somebody: Somebody, row: Any) -> bool:
    """The five visibilities once more; what is not shared yet is for the house."""
    if row.deleted_at is not None:
        return False
    own = somebody.is_of(row.organization)
    open_one = isinstance(row, Evidence) or row.state in ("approved", "closed")
    if isinstance(row, ScoringRound) and row.state != "draft" and somebody.person is not None:
        own = own or row.scorers.filter(person=somebody.person).exists()
    if not open_one and not own:
        return False
    match row.visibility:
        case Visibility.PUBLIC:
            return True
        case Visibility.MEMBERS:
            return somebody.is_inside
        case Visibility.PARTIES | Visibility.INTERNAL:
            return own
        case _:
            return own and (somebody.section == row.section or somebody.role == Role.AUDITOR)


def writes(somebody: Somebody, row: Any) -> bool:
    if not reads(somebody, row):
        return False
    if somebody.has(row.organization, *WHOLE_HOUSE):
        return True
    return somebody.has(row.organization, Role.OFFICER) and somebody.section == row.section


def approves(somebody: Somebody, row: Any) -> bool:
    return reads(somebody, row) and somebody.has(row.organization, *WHOLE_HOUSE)


def throws(somebody: Somebody, row: Any) -> bool:
    if somebody.has(row.organization, *WHOLE_HOUSE):
        return True
    return somebody.has(row.organization, Role.OFFICER) and somebody.section == row.section


def sees_trash(somebody: Somebody, row: Any) -> bool:
    return somebody.has(row.organization, *AUTHORS)


def scores(somebody: Somebody, row: Any) -> bool:
    return somebody.key == "a_officer"


def signed_in_reads(somebody: Somebody, row: Any) -> bool:
    return somebody.person is not None and reads(somebody, row)


def furnish(world: World) -> None:
    world.things["plan_logic"] = [
        _model(world, "909101", "approved", Visibility.PUBLIC),
        _model(world, "909102", "draft", Visibility.INTERNAL),
        _model(world, "909103", "review", Visibility.SECTION),
    ]
    world.things["plan_logic_thrown"] = _model(world, "909104", "draft", Visibility.INTERNAL, thrown=True)
    world.things["plan_evidence"] = [_evidence(world, circle) for circle in Visibility]
    world.things["plan_evidence_thrown"] = _evidence(world, Visibility.INTERNAL, thrown=True)
    _uses(world)
    world.things["plan_scorings"] = [_scoring(world, state) for state in ("draft", "open", "closed")]
    world.things["plan_scoring_thrown"] = _scoring(world, "draft", thrown=True)
    world.things["plan_reading"] = _reading(world)
    world.things["plan_reading_thrown"] = _reading(world, thrown=True)


def _word(world: World, made: list[Any], *, thrown: bool) -> str:
    if thrown:
        return world.plant(lambda somebody: sees_trash(somebody, made[0]))
    return world.plant(lambda somebody: reads(somebody, made[0]))


def _owned(world: World, circle: Visibility, *, thrown: bool) -> dict[str, Any]:
    return {
        "organization": world["a"],
        "section": world["a1"],
        "visibility": circle,
        "created_at": NOON,
        "updated_at": NOON,
        "created_by": world.somebody("a_officer").person,
        "deleted_at": dt.datetime.now(tz=dt.UTC) if thrown else None,
    }


def _model(world: World, uid: str, state: str, circle: Visibility, *, thrown: bool = False) -> LogicModel:
    made: list[Any] = []
    word = _word(world, made, thrown=thrown)
    programme = Programme.objects.create(
        organization=world["a"],
        uid=uid,
        title=f"{WORD}の事業{uid}",
        start_fy=2020,
        visibility=Visibility.PUBLIC,
        created_at=NOON,
        updated_at=NOON,
    )
    officer, manager = world.somebody("a_officer").person, world.somebody("a_manager").person
    asked = {"submitted_by": officer, "submitted_at": NOON} if state != "draft" else {}
    done = {"approved_by": manager, "approved_at": NOON} if state == "approved" else {}
    model = LogicModel.objects.create(
        programme=programme,
        title=f"{WORD} {word}",
        problem_statement=word,
        state=state,
        broken="L2",
        **_owned(world, circle, thrown=thrown),
        **asked,
        **done,
    )
    made.append(model)
    boxes = LogicNode.objects.bulk_create(
        LogicNode(model=model, number=at, stage=stage, text=word)
        for at, stage in enumerate(("activity", "outcome_1"), start=1)
    )
    LogicEdge.objects.create(model=model, source=boxes[0], target=boxes[1], assumption=word)
    return model


def _evidence(world: World, circle: Visibility, *, thrown: bool = False) -> Evidence:
    made: list[Any] = []
    word = _word(world, made, thrown=thrown)
    row = Evidence.objects.create(claim=f"{WORD} {word}", figure=word, **_owned(world, circle, thrown=thrown))
    made.append(row)
    return row


def _uses(world: World) -> None:
    """Private evidence behind a public model and a public programme: the page tells it only to those who read it."""
    model, secret = world["plan_logic"][0], world["plan_evidence"][list(Visibility).index(Visibility.SECTION)]
    model.edges.get().evidence.set(world["plan_evidence"])
    EvidenceUse.objects.bulk_create(
        EvidenceUse(evidence=row, programme=model.programme) for row in (secret, world["plan_evidence"][0])
    )


def _scoring(world: World, state: str, *, thrown: bool = False) -> ScoringRound:
    made: list[Any] = []
    word = _word(world, made, thrown=thrown)
    row = ScoringRound.objects.create(
        title=f"{WORD} {word}",
        purpose=word,
        state=state,
        opened_at=None if state == "draft" else NOON,
        closed_at=NOON if state == "closed" else None,
        **_owned(world, Visibility.INTERNAL, thrown=thrown),
    )
    made.append(row)
    ScoringCriterion.objects.create(round=row, order=1, label="即効性")
    ScoredMeasure.objects.bulk_create(
        ScoredMeasure(round=row, order=at, title=f"{word}{at}") for at in (1, 2)
    )
    if state != "draft":
        Scorer.objects.create(round=row, person=world.somebody("a_officer").person)
    return row


def _reading(world: World, *, thrown: bool = False) -> Reading:
    made: list[Any] = []
    word = _word(world, made, thrown=thrown)
    row = Reading(
        title=f"{WORD} {word}",
        file_name=f"{word}.txt",
        sha256="0" * 64,
        state="read",
        text=word,
        **_owned(world, Visibility.INTERNAL, thrown=thrown),
    )
    row.file.save("matrix.txt", ContentFile(word.encode()), save=False)
    row.save()
    made.append(row)
    ReadingItem.objects.create(
        reading=row, kind="measures", order=1, start=0, end=3, title=word, data={"title": word, "quote": word}
    )
    return row


def every(name: str) -> Callable[[World], Iterable[Any]]:
    return lambda world: world[name]


def one(name: str, at: int | None = None) -> Callable[[World], Iterable[Any]]:
    return lambda world: (world[name] if at is None else world[name][at],)


def _draft(who: Any = writes, **more: Any) -> Row:
    return Row(who, about=one("plan_logic", 1), sees=reads, **more)


def _review(who: Any, **more: Any) -> Row:
    return Row(who, about=one("plan_logic", 2), sees=reads, **more)


def _of_draft(row: LogicModel, part: str) -> tuple[int, int]:
    parts: Any = getattr(row, part)
    return row.pk, parts.order_by("pk").first().pk


def _item(row: Reading) -> tuple[int, int]:
    return row.pk, row.items.get().pk


def _evidence_row(who: Any = writes, **more: Any) -> Row:
    """One that everybody reads and one that only its section reads are enough for what is done to it."""
    return Row(
        who, about=lambda world: [world["plan_evidence"][0], world["plan_evidence"][-1]], sees=reads, **more
    )


def _unuse(row: EvidenceUse) -> tuple[int, int]:
    return row.evidence_id, row.pk


def _use_of_section(world: World) -> Iterable[Any]:
    secret = world["plan_evidence"][list(Visibility).index(Visibility.SECTION)]
    return secret.uses.all()


def _scoring_row(who: Any = writes, at: int = 0, **more: Any) -> Row:
    return Row(who, about=one("plan_scorings", at), sees=reads, **more)


def _reading_row(who: Any = writes, **more: Any) -> Row:
    return Row(who, about=one("plan_reading"), sees=reads, **more)


TABLE = {
    "plans:logic_list": Row(everybody, also=("?q=" + WORD, "?format=csv", "?state=draft&broken=1")),
    "plans:logic_new": Row(town_authors, also=("?q=" + WORD,)),
    "plans:logic_trash": Row(signed_in),
    "plans:logic_detail": Row(reads, about=every("plan_logic"), sees=reads),
    "plans:logic_picture": Row(reads, about=every("plan_logic"), sees=reads, also=("?download=png",)),
    "plans:logic_export": Row(
        reads, about=one("plan_logic", 2), sees=reads, args=lambda row: (row.pk,), also=("?format=csv",)
    ),
    "plans:logic_import": _draft(),
    "plans:logic_edit": _draft(),
    "plans:logic_confirm": _draft(post=True),
    "plans:logic_submit": _draft(post=True),
    "plans:logic_take_back": _review(writes, post=True),
    "plans:logic_return": _review(approves),
    "plans:logic_approve": _review(approves),
    "plans:logic_delete": _draft(),
    "plans:logic_restore": Row(throws, about=one("plan_logic_thrown"), sees=sees_trash, post=True),
    "plans:logic_node_new": _draft(also=("?stage=input",)),
    "plans:logic_node_edit": _draft(args=lambda row: _of_draft(row, "nodes")),
    "plans:logic_node_remove": _draft(args=lambda row: _of_draft(row, "nodes"), post=True),
    "plans:logic_edge_new": _draft(),
    "plans:logic_edge_edit": _draft(args=lambda row: _of_draft(row, "edges")),
    "plans:logic_edge_remove": _draft(args=lambda row: _of_draft(row, "edges"), post=True),
    "plans:evidence_list": Row(everybody, also=("?q=" + WORD, "?format=csv")),
    "plans:evidence_new": Row(town_authors),
    "plans:evidence_import": Row(town_authors),
    "plans:evidence_trash": Row(signed_in),
    "plans:evidence_detail": Row(reads, about=every("plan_evidence"), sees=reads),
    "plans:evidence_edit": _evidence_row(),
    "plans:evidence_check": _evidence_row(),
    "plans:evidence_use": _evidence_row(),
    "plans:evidence_unuse": Row(
        lambda somebody, use: writes(somebody, use.evidence),
        about=_use_of_section,
        args=_unuse,
        sees=lambda somebody, use: reads(somebody, use.evidence),
        post=True,
    ),
    "plans:evidence_delete": _evidence_row(),
    "plans:evidence_restore": Row(throws, about=one("plan_evidence_thrown"), sees=sees_trash, post=True),
    "plans:scoring_list": Row(signed_in, also=("?format=csv",)),
    "plans:scoring_new": Row(town_authors),
    "plans:scoring_trash": Row(signed_in),
    "plans:scoring_detail": Row(
        signed_in_reads, about=every("plan_scorings"), sees=reads, also=("?format=csv", "?w_1=5")
    ),
    "plans:scoring_edit": _scoring_row(),
    "plans:scoring_criteria": _scoring_row(),
    "plans:scoring_measures": _scoring_row(),
    "plans:scoring_scorers": _scoring_row(),
    "plans:scoring_open": _scoring_row(post=True),
    "plans:scoring_score": _scoring_row(scores, 1),
    "plans:scoring_close": _scoring_row(approves, 1),
    "plans:scoring_delete": _scoring_row(),
    "plans:scoring_restore": Row(throws, about=one("plan_scoring_thrown"), sees=sees_trash, post=True),
    "plans:reading_list": Row(signed_in, also=("?format=csv",)),
    "plans:reading_new": Row(town_authors),
    "plans:reading_trash": Row(signed_in),
    "plans:reading_detail": _reading_row(reads, also=("?kind=measures", "?kind=cases&only=pending")),
    "plans:reading_file": _reading_row(reads),
    "plans:reading_accept_sure": _reading_row(post=True),
    "plans:reading_write": _reading_row(moves_on=True),
    "plans:reading_undo": _reading_row(post=True),
    "plans:reading_delete": _reading_row(),
    "plans:reading_restore": Row(throws, about=one("plan_reading_thrown"), sees=sees_trash, post=True),
    "plans:reading_item": _reading_row(args=_item),
    "plans:reading_choose": _reading_row(args=_item, post=True),
}

OPERATIONS = {
    "GET /logic-models": Operation(everybody),
    "GET /logic-models/{key}": Operation(reads, about=every("plan_logic"), sees=reads),
    "GET /evidence": Operation(everybody),
    "GET /evidence/{key}": Operation(reads, about=every("plan_evidence"), sees=reads),
}
