"""Reviews in the small world: a sheet at four stations, and who may open which of their addresses."""

import datetime as dt
import io
from collections.abc import Callable, Iterable
from typing import Any

from openpyxl import Workbook

from enishi.budgets.models import Programme
from enishi.evaluation.facts.freezing import freeze
from enishi.evaluation.models import (
    Evaluation,
    EvaluationCycle,
    FollowUp,
    ImprovementDecision,
    OwnForm,
    Panelist,
    PublishedSheet,
    ReviewProposal,
    SheetUpload,
    Subject,
)
from enishi.evaluation.papers.batch import KIND, archive_path
from enishi.foundation.models import Job, JobStatus
from enishi.organizations.enums import Role
from tests.access_matrix.table import Operation, Row, everybody, signed_in
from tests.access_matrix.world import WORD, Somebody, World
from tests.factories import NOON

WORKING = (Role.OFFICER, Role.MANAGER, Role.PLANNER, Role.ADMINISTRATOR)
JUDGED = ("4-external", "5-decision", "6-decided")
PANELIST = "nobody"
"""Somebody signed in who belongs nowhere, and sits on the panel."""


# --- Who, said once more and by other means than the program's -----------------------------------------------------------


def reads_programme(somebody: Somebody, programme: Any) -> bool:
    if programme.visibility == "public":
        return True
    own = somebody.is_of(programme.organization)
    if programme.visibility == "internal":
        return own
    return own and (somebody.section == programme.section or somebody.role == Role.AUDITOR)


def reads(somebody: Somebody, subject: Any) -> bool:
    if somebody.key == PANELIST:
        return bool(subject.place in JUDGED)
    if not somebody.is_of(subject.organization) or not reads_programme(somebody, subject.programme):
        return False
    if somebody.role == Role.AUDITOR:
        return bool(subject.place != "1-first")
    return somebody.role in WORKING


def on_cycle(somebody: Somebody, cycle: Any) -> bool:
    return somebody.is_of(cycle.organization) or somebody.key == PANELIST


def planner(somebody: Somebody, thing: Any) -> bool:
    """Nobody was named for 行革 and 首長・庁議 here: the planner plays both."""
    return somebody.has(thing.organization, Role.PLANNER)


def planner_of_a(somebody: Somebody) -> bool:
    return somebody.key == "a_planner"


def any_planner(somebody: Somebody, thing: Any) -> bool:
    return somebody.role == Role.PLANNER


def section_people(somebody: Somebody, subject: Any) -> bool:
    return (
        somebody.has(subject.organization, Role.OFFICER, Role.MANAGER) and somebody.section == subject.section
    )


def section_or_planner(somebody: Somebody, subject: Any) -> bool:
    return section_people(somebody, subject) or planner(somebody, subject)


def manager(somebody: Somebody, subject: Any) -> bool:
    return somebody.has(subject.organization, Role.MANAGER) and somebody.section == subject.section


def manager_or_planner(somebody: Somebody, subject: Any) -> bool:
    return manager(somebody, subject) or planner(somebody, subject)


def of_subject(who: Callable[[Somebody, Any], bool]) -> Callable[[Somebody, Any], bool]:
    """The same about a decision, a follow-up or an upload: by its sheet."""
    return lambda somebody, thing: who(somebody, getattr(thing, "decision", thing).subject)


def reads_proposal(somebody: Somebody, proposal: Any) -> bool:
    return somebody.is_of(proposal.organization) or somebody.key == "resident"


def signed_in_reads_programme(somebody: Somebody, programme: Any) -> bool:
    return somebody.person is not None and reads_programme(somebody, programme)


def a_officer(somebody: Somebody, thing: Any) -> bool:
    return somebody.key == "a_officer"


# --- The world -----------------------------------------------------------------------------------------------------------


def furnish(world: World) -> None:
    person = {each.key: each.person for each in world.somebodies}
    cycle = EvaluationCycle.objects.create(
        organization=world["a"], title="試験の評価", evaluated_fy=2025, decision_fy=2027, state="running",
        has_external=True, first_due_on=dt.date(2026, 7, 1), approval_due_on=dt.date(2026, 7, 2),
        second_due_on=dt.date(2026, 7, 3), external_due_on=dt.date(2026, 7, 4), decision_due_on=dt.date(2026, 7, 5),
        created_at=NOON, updated_at=NOON,
    )  # fmt: skip
    world.things["own_form"] = OwnForm.objects.create(
        organization=world["a"], form="evaluation", filename=world.plant(planner_of_a), content=_own_form(), marks=1,
        sha256="0", added_by=person["a_planner"], added_at=NOON,
    )  # fmt: skip
    panelist = Panelist.objects.create(
        cycle=cycle, person=person[PANELIST], added_by=person["a_planner"], added_at=NOON
    )
    rows = [
        _subject(world, cycle, "873101", "internal", "1-first"),
        _subject(world, cycle, "873102", "public", "2-approval"),
        _subject(world, cycle, "873103", "section", "4-external"),
        _subject(world, cycle, "873104", "public", "6-decided"),
    ]
    draft, decided = (_decision(world, rows[1], "proposed"), _decision(world, rows[3], "decided"))
    PublishedSheet.objects.create(
        subject=rows[3], sha256="0" * 64, published_at=NOON, published_by=person["a_planner"],
        content={"title": "公表用シート", "subtitle": "", "name": "公表した事業", "foot": "", "parts": []},
    )  # fmt: skip
    Subject.objects.filter(pk=rows[3].pk).update(published_at=NOON)
    job = Job.objects.create(
        kind=KIND, title="様式", person=person["a_officer"], status=JobStatus.DONE, created_at=NOON
    )
    archive_path(job).parent.mkdir(parents=True, exist_ok=True)
    archive_path(job).write_text(world.plant(lambda reader: reader.key == "a_officer"), encoding="utf-8")
    world.things |= {
        "cycle": cycle,
        "panelist": panelist,
        "sheets": rows,
        "draft_decision": draft,
        "decision_made": decided,
        "follow_up": FollowUp.objects.create(
            decision=decided, what="試す", due_on=dt.date(2027, 3, 31), made_at=NOON
        ),
        "sheet_upload": SheetUpload.objects.create(
            subject=rows[0], person=person["a_officer"], filename="試.xlsx", sha256="0" * 64, sheet_version=1,
            changes=[_change(world)], made_at=NOON,
        ),
        "review_proposal": _proposal(world, rows[1].programme),
        "papers": job,
    }  # fmt: skip


def _change(world: World) -> dict[str, Any]:
    word = world.plant(lambda reader: reader.key == "a_officer")
    return {
        "row": 9,
        "key": "成果と課題",
        "column": "記入",
        "name": "comment",
        "before": "",
        "after": word,
        "shown": word,
    }


def _proposal(world: World, programme: Any) -> ReviewProposal:
    resident = world.somebody("resident")
    word = world.plant(lambda reader: reader.is_of(world["a"]) or reader is resident)
    return ReviewProposal.objects.create(
        organization=world["a"], programme=programme, proposer=resident.person, kind="resident", reason=word,
        received_at=NOON,
    )  # fmt: skip


def _own_form() -> bytes:
    book, content = Workbook(), io.BytesIO()
    book.active["A1"] = "{{所管課}}"
    book.save(content)
    return content.getvalue()


def _subject(world: World, cycle: EvaluationCycle, uid: str, visibility: str, place: str) -> Subject:
    made: list[Subject] = []
    officer = world.somebody("a_officer").person
    assert officer is not None
    word = world.plant(lambda reader: reads(reader, made[0]))
    named = world.plant(lambda reader: reads_programme(reader, made[0].programme) or reads(reader, made[0]))
    programme = Programme.objects.create(
        organization=world["a"], section=world["a1"], uid=uid, title=f"{WORD} {named}", start_fy=2015,
        visibility=visibility, created_at=NOON, updated_at=NOON,
    )  # fmt: skip
    subject = Subject.objects.create(
        cycle=cycle, organization=world["a"], programme=programme, code=uid, title=programme.title, officer=officer,
        section=world["a1"], included=True, why=[{"trigger": "new", "sentence": word}], place=place, placed_at=NOON,
    )  # fmt: skip
    made.append(subject)
    handed_in = place != "1-first"
    Evaluation.objects.create(
        subject=subject, stage="first", state="approved" if place in JUDGED else "submitted" if handed_in else "draft",
        judgement="B", direction="改善", comment=word, improvement=word, evaluator=officer,
        facts=freeze(subject, actor=officer, at=NOON) if handed_in else None, submitted_at=NOON if handed_in else None,
        created_at=NOON, updated_at=NOON,
    )  # fmt: skip
    return subject


def _decision(world: World, subject: Subject, state: str) -> ImprovementDecision:
    planner, manager = world.somebody("a_planner").person, world.somebody("a_manager").person
    assert planner is not None and manager is not None
    made = {"confirmed_by": manager, "confirmed_at": NOON, "decided_by": planner, "decided_at": NOON}
    return ImprovementDecision.objects.create(
        subject=subject, organization=world["a"], programme=subject.programme, direction="改善", target_fy=2027,
        content=world.plant(lambda reader: reads(reader, subject)), expected_delta_yen=1, state=state,
        proposed_by=manager, proposed_at=NOON, **(made if state == "decided" else {}),
    )  # fmt: skip


def sheets(*numbers: int) -> Callable[[World], Iterable[Any]]:
    return lambda world: [world["sheets"][number] for number in numbers]


def one(name: str) -> Callable[[World], Iterable[Any]]:
    return lambda world: [world[name]]


every = sheets(0, 1, 2, 3)
XLSX = ("?format=xlsx",)

TABLE: dict[str, Row] = {
    "evaluation:cycle_list": Row(signed_in, also=("?format=csv",)),
    "evaluation:cycle_new": Row(any_planner),
    "evaluation:cycle_detail": Row(on_cycle, about=one("cycle"), sees=on_cycle),
    "evaluation:cycle_edit": Row(planner, about=one("cycle"), sees=on_cycle),
    "evaluation:cycle_move": Row(planner, about=one("cycle"), sees=on_cycle, post=True),
    "evaluation:sheet_list": Row(
        on_cycle, about=one("cycle"), sees=on_cycle, also=("?format=xlsx", f"?q={WORD}&trigger=new")
    ),
    "evaluation:cycle_board": Row(on_cycle, about=one("cycle"), sees=on_cycle),
    "evaluation:panel": Row(planner, about=one("cycle"), sees=on_cycle),
    "evaluation:panelist_remove": Row(
        lambda somebody, row: planner(somebody, row.cycle),
        about=one("panelist"),
        sees=lambda somebody, row: on_cycle(somebody, row.cycle),
        post=True,
    ),
    "evaluation:papers_start": Row(on_cycle, about=one("cycle"), sees=on_cycle, post=True),
    "evaluation:papers_fetch": Row(a_officer, about=one("papers"), sees=a_officer),
    "evaluation:sheet_detail": Row(reads, about=every, sees=reads),
    "evaluation:sheet_fill": Row(
        section_people, about=sheets(0), args=lambda row: (row.pk, "first"), sees=reads
    ),
    "evaluation:sheet_approve": Row(manager, about=sheets(1), sees=reads, post=True),
    "evaluation:sheet_return": Row(manager, about=sheets(1), sees=reads),
    "evaluation:sheet_officer": Row(section_or_planner, about=sheets(0), sees=reads),
    "evaluation:sheet_choose": Row(planner, about=sheets(0), sees=reads),
    "evaluation:sheet_workbook": Row(reads, about=sheets(0, 2), sees=reads),
    "evaluation:sheet_upload": Row(section_people, about=sheets(0), sees=reads),
    "evaluation:sheet_upload_check": Row(
        a_officer,
        about=one("sheet_upload"),
        args=lambda row: (row.subject_id, row.pk),
        sees=of_subject(reads),
    ),
    "evaluation:sheet_paper": Row(
        reads, about=sheets(0, 2, 3), args=lambda row: (row.pk, "evaluation"), sees=reads, also=XLSX
    ),
    "evaluation:sheet_publish": Row(planner, about=sheets(3), sees=reads, post=True),
    "evaluation:sheet_withdraw": Row(planner, about=sheets(3), sees=reads),
    "evaluation:decision_new": Row(manager_or_planner, about=sheets(1), sees=reads),
    "evaluation:decision_list": Row(signed_in, also=("?format=csv", "?unreflected=1")),
    "evaluation:decision_detail": Row(
        of_subject(reads),
        about=lambda world: [world["draft_decision"], world["decision_made"]],
        sees=of_subject(reads),
    ),
    "evaluation:decision_edit": Row(
        of_subject(manager_or_planner), about=one("draft_decision"), sees=of_subject(reads)
    ),
    "evaluation:decision_move": Row(
        of_subject(planner),
        about=one("draft_decision"),
        sees=of_subject(reads),
        post=True,
        data={"do": "confirm"},
    ),
    "evaluation:decision_replace": Row(
        of_subject(planner), about=one("decision_made"), sees=of_subject(reads)
    ),
    "evaluation:follow_up_new": Row(
        of_subject(section_or_planner), about=one("decision_made"), sees=of_subject(reads)
    ),
    "evaluation:follow_up_end": Row(
        of_subject(section_or_planner), about=one("follow_up"), sees=of_subject(reads)
    ),
    "evaluation:proposal_list": Row(signed_in, also=("?format=csv",)),
    "evaluation:proposal_detail": Row(reads_proposal, about=one("review_proposal"), sees=reads_proposal),
    "evaluation:proposal_new": Row(
        signed_in_reads_programme,
        about=lambda world: [world["sheets"][1].programme, world["sheets"][2].programme],
        sees=reads_programme,
    ),
    "evaluation:yardsticks": Row(
        section_or_planner, about=lambda world: [world["sheets"][1].programme], sees=reads_programme
    ),
    "evaluation:own_forms": Row(any_planner),
    "evaluation:own_form_new": Row(any_planner, args=lambda thing: ("evaluation",)),
    "evaluation:own_form_retire": Row(any_planner, args=lambda thing: ("evaluation",), post=True),
    **{
        f"evaluation:own_form_{name}": Row(planner, about=one("own_form"), args=lambda row: (row.form,))
        for name in ("sample", "file")
    },
    "evaluation:result_list": Row(everybody, also=("?format=csv", f"?q={WORD}")),
    "evaluation:result_detail": Row(everybody, about=sheets(3)),
}

OPERATIONS: dict[str, Operation] = {
    "GET /evaluation/cycles": Operation(everybody),
    "GET /evaluation/cycles/{key}/sheets": Operation(on_cycle, about=one("cycle"), sees=on_cycle),
    "GET /evaluation/decisions": Operation(everybody),
    "GET /evaluation/data-sets": Operation(everybody),
    "GET /evaluation/data-sets/{key}": Operation(
        lambda somebody, row: row.state == "published", about=lambda world: world["data_sets"]
    ),
    "GET /evaluation/results": Operation(everybody),
    "GET /evaluation/results/{key}": Operation(everybody, about=sheets(3)),
}
