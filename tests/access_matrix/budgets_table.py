"""The budget in the small world: a published year and one kept within the house, and who may open what of it."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from enishi.budgets import sharing, totals
from enishi.budgets.models import (
    Account,
    Allocation,
    BudgetCode,
    BudgetEntry,
    BudgetImport,
    BudgetYear,
    CodeEquivalence,
    MappingProfile,
    Programme,
    ProgrammeYear,
)
from enishi.organizations.enums import Role, Visibility
from tests.access_matrix.table import Operation, Row, everybody, signed_in, town_authors
from tests.access_matrix.world import WORD, Somebody, World, may_read
from tests.factories import NOON

WHOLE = (Role.MANAGER, Role.PLANNER, Role.ADMINISTRATOR)
PUBLISHED, OWN = 2025, 2026


def furnish(world: World) -> None:
    """A town's programmes of each visibility, a code of each year, and the files its amounts came from."""
    town = world["a"]
    account = Account.objects.create(organization=town, code="01", name="一般会計")
    run = _run(world)
    profiles = {key: _profile(world, key) for key in ("a", "b")}
    everyone = _code(world, account, PUBLISHED, world.plant(lambda reader: True))
    own = _code(world, account, OWN, world.plant(lambda reader: reader.is_of(town)))
    programmes = [_programme(world, visibility, number) for number, visibility in enumerate(Visibility, 1)]
    for code in (everyone, own):
        _entry(code, run, "initial", 1_000, "")
        _entry(code, run, "request", 2_000, world.plant(lambda reader: reader.is_of(town)))
        year = ProgrammeYear.objects.create(
            programme=programmes[0], fiscal_year=code.fiscal_year, updated_at=NOON
        )
        Allocation.objects.create(programme_year=year, code=code, share_bp=5_000, updated_at=NOON)
        totals.rebuild(town.pk, code.fiscal_year)
        sharing.share_out(town.pk, code.fiscal_year)
    BudgetYear.objects.create(organization=town, fiscal_year=PUBLISHED, published_at=NOON)
    world.things |= {
        "programmes": programmes,
        "programme_of_all": programmes[0],
        "codes": [everyone, own],
        "own_code": own,
        "budget_run": run,
        "budget_profile": profiles["a"],
        "code_link": CodeEquivalence.objects.create(old=everyone, new=own, created_at=NOON),
    }


def _run(world: World) -> BudgetImport:
    return BudgetImport.objects.create(
        organization=world["a"], source="typed", fiscal_year=OWN, stage="initial", dated_on=dt.date(2026, 4, 1),
        reason=world.plant(lambda reader: reader.is_of(world["a"])), state="applied", created_at=NOON, applied_at=NOON,
    )  # fmt: skip


def _profile(world: World, key: str) -> MappingProfile:
    return MappingProfile.objects.create(
        organization=world[key], name=world.plant(lambda reader: reader.is_of(world[key])),
        columns={"kan": "款", "ko": "項", "moku": "目", "amount": "金額"}, created_at=NOON, updated_at=NOON,
    )  # fmt: skip


def _code(world: World, account: Account, year: int, name: str) -> BudgetCode:
    return BudgetCode.objects.create(
        organization=world["a"],
        fiscal_year=year,
        account=account,
        level=1,
        code="03",
        path="01-03",
        name=name,
    )


def _entry(code: BudgetCode, run: BudgetImport, stage: str, yen: int, note: str) -> None:
    BudgetEntry.objects.create(
        code=code, stage=stage, amount_yen=yen, dated_on=dt.date(2026, 4, 1), note=note, import_run=run
    )


def _programme(world: World, visibility: Visibility, number: int) -> Programme:
    made: list[Programme] = []
    word = world.plant(lambda reader: may_read(reader, made[0]))
    row = Programme.objects.create(
        organization=world["a"], section=world["a1"], uid=f"70000{number}", title=f"{WORD} {word}", summary=word,
        start_fy=2020, visibility=visibility, created_at=NOON, updated_at=NOON,
    )  # fmt: skip
    made.append(row)
    row.parties.set([world["p"]])
    return row


# --- Who, said once more and by other means than the program's -----------------------------------------------------------


def one(name: str) -> Callable[[World], Iterable[Any]]:
    return lambda world: [world[name]]


def of_house(somebody: Somebody, thing: Any) -> bool:
    return somebody.is_of(thing.organization)


def reads_code(somebody: Somebody, code: Any) -> bool:
    return code.fiscal_year == PUBLISHED or of_house(somebody, code)


def keeper(somebody: Somebody, thing: Any) -> bool:
    """Nobody was named for 財政 here: the planner keeps the books."""
    return somebody.has(thing.organization, Role.PLANNER)


def any_keeper(somebody: Somebody, thing: Any) -> bool:
    return somebody.role == Role.PLANNER


def writes(somebody: Somebody, programme: Any) -> bool:
    if somebody.has(programme.organization, *WHOLE):
        return True
    return somebody.has(programme.organization, Role.OFFICER) and somebody.section == programme.section


def asks_for_money(somebody: Somebody, code: Any) -> bool:
    """By those who write the programme that the code pays for."""
    if somebody.has(code.organization, *WHOLE):
        return True
    return (
        somebody.has(code.organization, Role.OFFICER)
        and getattr(somebody.section, "name", "") != ""
        and (somebody.section == Programme.objects.get(uid="700001").section)
    )


def keeper_of_link(somebody: Somebody, link: Any) -> bool:
    return keeper(somebody, link.new)


def sees_link(somebody: Somebody, link: Any) -> bool:
    return reads_code(somebody, link.new)


def not_a_keeper_elsewhere(somebody: Somebody, thing: Any) -> bool:
    """A keeper of other books finds nothing; everybody else is told who keeps them."""
    return somebody.role != Role.PLANNER or keeper(somebody, thing)


def in_2026(thing: Any) -> tuple[int, ...]:
    return (OWN,)


CODES = {"about": lambda world: world["codes"], "sees": reads_code}
OWN_CODE = {"about": one("own_code"), "sees": reads_code}
PROGRAMMES = {"about": lambda world: world["programmes"], "sees": may_read}
PROFILE = {"about": one("budget_profile"), "sees": not_a_keeper_elsewhere}

TABLE = {
    "budgets:budget_tree": Row(everybody, also=("?year=2025", "?year=2026&open=01-03", "?format=csv")),
    "budgets:year_compare": Row(everybody, also=("?year=2026&old=2025&level=1", "?format=csv")),
    "budgets:unallocated_list": Row(everybody, also=("?year=2025", "?format=csv")),
    "budgets:share_sheet": Row(any_keeper, also=("?year=2026&format=csv",)),
    "budgets:code_detail": Row(reads_code, also=("?format=csv",), **CODES),
    **{
        f"budgets:{name}": Row(keeper, **OWN_CODE)
        for name in ("code_edit", "code_new", "money_move", "allocations_edit", "link_new")
    },
    "budgets:entry_new": Row(asks_for_money, **OWN_CODE),
    "budgets:link_remove": Row(keeper_of_link, about=one("code_link"), sees=sees_link, post=True),
    "budgets:programme_list": Row(
        everybody, also=("?q=" + WORD, "?state=all", "?format=csv", "?format=xlsx", "?section=1&kind=own")
    ),
    "budgets:programme_new": Row(town_authors),
    "budgets:programme_import": Row(town_authors),
    "budgets:programme_detail": Row(may_read, **PROGRAMMES),
    "budgets:programme_edit": Row(writes, about=one("programme_of_all")),
    "budgets:programme_end": Row(writes, about=one("programme_of_all")),
    "budgets:programme_merge": Row(keeper, about=one("programme_of_all")),
    "budgets:programme_year": Row(
        writes, about=one("programme_of_all"), args=lambda thing: (thing.pk, OWN)
    ),
    "budgets:run_list": Row(signed_in, also=("?format=csv",)),
    "budgets:run_new": Row(any_keeper),
    "budgets:run_new_stages": Row(keeper, moves_on=True, **PROFILE),
    "budgets:run_detail": Row(of_house, about=one("budget_run"), sees=of_house),
    "budgets:run_confirm": Row(keeper, about=one("budget_run"), sees=of_house, post=True),
    "budgets:run_take_back": Row(keeper, about=one("budget_run"), sees=of_house),
    "budgets:profile_list": Row(any_keeper),
    "budgets:profile_sample": Row(any_keeper),
    "budgets:profile_new": Row(any_keeper, moves_on=True),
    "budgets:profile_edit": Row(keeper, **PROFILE),
    "budgets:profile_retire": Row(keeper, post=True, **PROFILE),
    "budgets:year_list": Row(any_keeper),
    **{
        f"budgets:{name}": Row(any_keeper, about=one("own_code"), args=in_2026)
        for name in ("year_edit", "year_close", "year_reopen")
    },
    **{
        f"budgets:{name}": Row(any_keeper, about=one("own_code"), args=in_2026, post=True)
        for name in ("year_publish", "year_withdraw")
    },
}  # fmt: skip

OPERATIONS = {
    "GET /programmes": Operation(everybody),
    "GET /programmes/{key}": Operation(may_read, **PROGRAMMES),
    "GET /budget-codes": Operation(everybody),
}
