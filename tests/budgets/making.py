"""A small town with a budget, brought in through the room's own doors."""

import datetime as dt
import io
from dataclasses import dataclass
from typing import Any

import openpyxl
from django.core.files.base import ContentFile

from enishi.accounts.models import Person
from enishi.budgets import services
from enishi.budgets.enums import RunMode, RunState, Stage
from enishi.budgets.models import BudgetCode, BudgetEntry, BudgetImport, MappingProfile, Programme
from enishi.budgets.services import ProfileValues, ProgrammeValues
from enishi.budgets.transfer import importing
from enishi.organizations.enums import Role
from enishi.organizations.models import Organization, Section
from tests.factories import NOON, MembershipFactory, OrganizationFactory, SectionFactory

HEAD = "款,款名,項,項名,目,目名,事業,事業名,節,節名,金額"
ROWS = """\
03,民生費,01,社会福祉費,02,老人福祉費,2010,見守り事業,12,委託料,18600000
03,民生費,01,社会福祉費,02,老人福祉費,2010,見守り事業,10,需用費,1400000
03,民生費,01,社会福祉費,02,老人福祉費,2020,介護予防事業,12,委託料,5000001
08,土木費,02,道路橋りょう費,02,道路維持費,9110,市道維持補修事業,14,工事請負費,75000000
"""
TOTAL = 100_000_001
COLUMNS = {
    **{"kan": "款", "kan_name": "款名", "ko": "項", "ko_name": "項名", "moku": "目", "moku_name": "目名"},
    **{"jigyo": "事業", "jigyo_name": "事業名", "setsu": "節", "setsu_name": "節名", "amount": "金額"},
}
YEAR = 2026


@dataclass
class Cast:
    """A town with a planner (who plays 財政, too), an officer of one section, a manager; somebody from elsewhere."""

    town: Organization
    section: Section
    planner: Person
    officer: Person
    stranger: Person
    profile: MappingProfile


def cast() -> Cast:
    town = OrganizationFactory(name="試験市")
    section = SectionFactory(organization=town, name="高齢福祉課")
    planner = MembershipFactory(organization=town, role=Role.PLANNER).person
    return Cast(
        town=town,
        section=section,
        planner=planner,
        officer=MembershipFactory(organization=town, role=Role.OFFICER, section=section).person,
        stranger=MembershipFactory(role=Role.PLANNER).person,
        profile=profile(town, planner),
    )


def profile(town: Organization, planner: Person, **values: Any) -> MappingProfile:
    given = {"name": "標準", "columns": COLUMNS, **values}
    return services.save_profile(organization=town, values=ProfileValues(**given), actor=planner, at=NOON)


def text(rows: str = ROWS, head: str = HEAD) -> bytes:
    return f"{head}\n{rows}".encode()


def xlsx(
    rows: list[list[object]],
    *,
    merged: str = "",
    hidden: list[list[object]] | None = None,
    hidden_row: int = 0,
    hidden_column: str = "",
) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for cells in merged.split():
        sheet.merge_cells(cells)
    if hidden_column:
        sheet.column_dimensions[hidden_column].hidden = True
    if hidden_row:
        sheet.row_dimensions[hidden_row].hidden = True
    if hidden:
        other = book.create_sheet("控え", 0)
        other.sheet_state = "hidden"
        for row in hidden:
            other.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def receive(who: Cast, content: bytes, **given: Any) -> BudgetImport:
    """The file as it stands after it was looked at."""
    from django.utils import timezone

    profile_given = given.pop("profile", who.profile)
    actor = given.pop("actor", who.planner)
    values: dict[str, Any] = {
        "fiscal_year": YEAR,
        "stage": Stage.INITIAL,
        "dated_on": dt.date(2026, 4, 1),
        "stated_total_yen": TOTAL,
        **given,
    }
    run = importing.receive(
        organization=who.town,
        profile=profile_given,
        arrival=importing.Arrival(**values),
        file=ContentFile(content),
        filename="当初.csv",
        actor=actor,
        at=timezone.now(),
    )
    look_now(run)
    run.refresh_from_db()
    return run


def receive_stages(
    who: Cast, content: bytes, profile: MappingProfile, mode: RunMode = RunMode.FIRST
) -> list[BudgetImport]:
    """The runs of a file with several stages, each as it stands after it was looked at."""
    from django.utils import timezone

    arrivals = [
        importing.Arrival(YEAR, part.stage, dt.date(2026, 6, 1), mode, part.round_no)
        for part in profile.parts
    ]
    runs = importing.receive_stages(
        organization=who.town,
        profile=profile,
        arrivals=arrivals,
        file=ContentFile(content),
        filename="段階.csv",
        actor=who.planner,
        at=timezone.now(),
    )
    look_now(runs[0])
    return runs[0].whole


def why(run: BudgetImport) -> str:
    """The faults in one line."""
    assert run.state == RunState.REFUSED
    assert not BudgetEntry.objects.filter(import_run=run).exists()
    return " / ".join(
        f"{fault['row']}『{fault['column']}』{fault['value']}: {fault['reason']}"
        for fault in run.findings["faults"]
    )


def look_now(run: BudgetImport) -> None:
    """What the worker does once the transaction is through."""
    from enishi.foundation.jobs import Progress

    run = BudgetImport.objects.get(pk=run.pk)
    assert run.job is not None
    importing.check_job(run.job, Progress(run.job))


def bring_in(who: Cast, content: bytes, **given: Any) -> BudgetImport:
    """The file in the books."""
    run = receive(who, content, **given)
    assert run.state == RunState.READY, run.findings["faults"]
    return apply_now(who, run)


def apply_now(who: Cast, run: BudgetImport) -> BudgetImport:
    from enishi.foundation.jobs import Progress

    run = importing.confirm(run_id=run.pk, actor=who.planner, at=NOON)
    assert run.job is not None
    importing.apply_job(run.job, Progress(run.job))
    run.refresh_from_db()
    return run


def code(who: Cast, path: str, year: int = YEAR) -> BudgetCode:
    return BudgetCode.objects.select_related("total").get(organization=who.town, fiscal_year=year, path=path)


def programme(who: Cast, uid: str = "100101", **values: Any) -> Programme:
    given = {"title": f"見守り事業{uid}", "start_fy": 2020, "section_id": who.section.pk, **values}
    return services.register_programme(
        organization=who.town, uid=uid, values=ProgrammeValues(**given), actor=who.planner, at=NOON
    )
