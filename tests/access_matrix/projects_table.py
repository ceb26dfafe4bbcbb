"""Who may open which address of the projects."""

from typing import Any

from tests.access_matrix.projects_core import (
    approves,
    both_expenses,
    carries,
    claims,
    contributes,
    every_measure,
    every_project,
    is_inside,
    leads,
    of_town,
    one,
    pays,
    reads,
    settles,
    takes_part,
    thrower,
    town_authors,
)
from tests.access_matrix.table import Operation, Row, everybody, signed_in
from tests.access_matrix.world import WORD, Somebody


def thrower_sees(somebody: Somebody, project: Any) -> bool:
    return somebody.is_of(project.organization)


def next_link(project: Any) -> tuple[int, int]:
    return project.pk, project.next_links.get().pk


TABLE = {
    "projects:project_list": Row(
        everybody,
        also=(
            "?q=" + WORD,
            "?format=csv",
            "?format=xlsx",
            "?mine=1",
            "?late=1&trial=1",
            "?partner=1&section=1",
        ),
    ),
    "projects:project_new": Row(town_authors),
    "projects:trash": Row(signed_in),
    "projects:project_detail": Row(reads, about=every_project, sees=reads),
    "projects:project_restore": Row(thrower, about=one("thrown_project"), sees=thrower_sees, post=True),
    "projects:measure_list": Row(reads, about=every_project, sees=reads, also=("?format=csv",)),
    "projects:measure_detail": Row(reads, about=every_measure, sees=reads),
    "projects:measure_chart": Row(reads, about=one("project_measure"), sees=reads),
    "projects:measure_numbers": Row(reads, about=one("project_measure"), sees=reads),
    "projects:trial_detail": Row(reads, about=one("project_trial"), sees=reads),
    "projects:schedule": Row(is_inside, about=every_project, sees=reads, also=("?format=csv",)),
    "projects:risk_list": Row(is_inside, about=every_project, sees=reads, also=("?format=csv",)),
    "projects:expense_list": Row(is_inside, about=every_project, sees=reads, also=("?format=csv",)),
    "projects:meeting_list": Row(is_inside, about=every_project, sees=reads, also=("?format=csv",)),
    "projects:project_edit": Row(leads, about=every_project, sees=reads),
    "projects:project_move": Row(leads, about=one("project"), sees=reads),
    "projects:project_ask_approval": Row(leads, about=one("project"), sees=reads, post=True),
    "projects:project_delete": Row(leads, about=one("project"), sees=reads),
    **{
        f"projects:{name}_new": Row(leads, about=one("project"), sees=reads)
        for name in ("participant", "task", "milestone", "measure", "risk", "trial")
    },
    **{
        f"projects:{name}_new": Row(takes_part, about=one("project"), sees=reads)
        for name in ("incident", "expense", "meeting")
    },
    "projects:participant_edit": Row(contributes, about=one("project_participant"), sees=reads),
    "projects:participant_remove": Row(leads, about=one("project_participant"), sees=reads, post=True),
    "projects:task_detail": Row(is_inside, about=one("project_task"), sees=reads),
    "projects:task_state": Row(
        carries, about=one("project_task"), sees=reads, post=True, data={"state": "doing"}
    ),
    "projects:task_remove": Row(leads, about=one("project_task"), sees=reads, post=True),
    "projects:milestone_edit": Row(leads, about=one("project_milestone"), sees=reads),
    "projects:milestone_remove": Row(leads, about=one("project_milestone"), sees=reads, post=True),
    "projects:measure_edit": Row(leads, about=one("project_measure"), sees=reads),
    "projects:measure_retire": Row(leads, about=one("project_measure"), sees=reads),
    "projects:next_challenge": Row(leads, about=one("project"), sees=reads, post=True),
    "projects:next_challenge_remove": Row(leads, about=one("project"), args=next_link, sees=reads, post=True),
    "projects:measure_enter": Row(leads, about=one("project_measure"), sees=reads),
    "projects:indicator_choose": Row(leads, about=one("project"), sees=reads, also=("?q=" + WORD,)),
    "projects:indicator_take_up": Row(
        lambda somebody, pair: leads(somebody, pair[0]),
        about=lambda world: [(world["project"], world["indicators"][0])],
        args=lambda pair: (pair[0].pk, pair[1].pk),
        sees=lambda somebody, pair: reads(somebody, pair[0]),
    ),
    "projects:value_new": Row(leads, about=one("project_measure"), sees=reads),
    "projects:value_correct": Row(leads, about=one("project_value"), sees=reads),
    "projects:risk_adopt": Row(leads, about=one("project"), sees=reads, post=True),
    "projects:risk_edit": Row(leads, about=one("project_risk"), sees=reads),
    "projects:incident_edit": Row(leads, about=one("project_incident"), sees=reads),
    "projects:expense_detail": Row(pays, about=both_expenses, sees=reads),
    "projects:expense_edit": Row(claims, about=both_expenses, sees=reads),
    "projects:expense_decide": Row(
        settles, about=both_expenses, sees=reads, post=True, data={"then": "approve"}
    ),
    "projects:expense_withdraw": Row(claims, about=both_expenses, sees=reads, post=True),
    "projects:receipt_add": Row(claims, about=both_expenses, sees=reads, post=True),
    "projects:receipt_download": Row(of_town, about=one("project_receipt"), sees=reads),
    "projects:settle": Row(settles, about=one("project"), sees=reads),
    "projects:settlement_detail": Row(
        is_inside, about=one("project_settlement"), sees=reads, also=("?format=xlsx",)
    ),
    "projects:meeting_detail": Row(is_inside, about=one("project_meeting"), sees=reads),
    "projects:meeting_edit": Row(leads, about=one("project_meeting"), sees=reads),
    "projects:document_download": Row(is_inside, about=one("project_document"), sees=reads),
    "projects:document_remove": Row(leads, about=one("project_document"), sees=reads, post=True),
    "projects:document_restore": Row(leads, about=one("project_document"), sees=reads, post=True),
    "projects:trial_edit": Row(leads, about=one("project_trial"), sees=reads),
    "projects:trial_start": Row(leads, about=one("project_trial"), sees=reads, post=True),
    "projects:trial_gate": Row(approves, about=one("project_trial"), sees=reads),
    "projects:consent_new": Row(leads, about=one("project_trial"), sees=reads),
    "projects:lab_list": Row(leads, about=one("project_trial"), sees=reads, also=("?format=csv",)),
    "projects:lab_withdraw": Row(leads, about=one("project_lab"), sees=reads, post=True),
}

OPERATIONS = {
    "GET /projects": Operation(everybody),
    "GET /projects/{key}": Operation(reads, about=every_project, sees=reads),
    "GET /projects/{key}/measures": Operation(reads, about=every_project, sees=reads),
}
