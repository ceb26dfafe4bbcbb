"""Accounts and codes that a file names and the year does not have yet."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from enishi.budgets import totals
from enishi.budgets.enums import Level
from enishi.budgets.models import Account, BudgetCode, BudgetImport
from enishi.budgets.transfer.model import Place, Reading
from enishi.indicators.bulk import insert_rows

NAMES = ("organization", "fiscal_year", "account", "parent", "level", "code", "path", "name")


def open_places(run: BudgetImport, reading: Reading) -> list[int]:
    """The key of each place's code, missing ones made level by level."""
    names = reading.names()
    codes = _keys(run)
    before = len(codes)
    # A line that only names something, or has money of another stage, opens nothing.
    used = [reading.places[index] for index in sorted(set(reading.place_of))]
    accounts = _accounts(run, used)
    for level in Level:
        wanted = {}
        for place in used:
            if place.codes[level - 1]:
                path, parent = _path(place, level)
                if path not in codes:
                    wanted[path] = (place, parent)
        insert_rows(
            BudgetCode,
            NAMES,
            [
                (
                    run.organization_id,
                    run.fiscal_year,
                    accounts[place.account],
                    codes[parent] if "-" in parent else None,
                    int(level),
                    place.codes[level - 1],
                    path,
                    names.get(path) or _("(名称なし)"),
                )
                for path, (place, parent) in sorted(wanted.items())
            ],
        )
        if wanted:
            codes = _keys(run)
    if len(codes) > before:
        totals.begin(
            BudgetCode.objects.filter(
                organization_id=run.organization_id, fiscal_year=run.fiscal_year, total__isnull=True
            )
        )
    return [codes.get(place.path, 0) for place in reading.places]


def _keys(run: BudgetImport) -> dict[str, int]:
    rows = BudgetCode.objects.filter(organization_id=run.organization_id, fiscal_year=run.fiscal_year)
    return dict(rows.values_list("path", "pk"))


def _path(place: Place, level: Level) -> tuple[str, str]:
    """The path of a place down to a level, and of what stands above that."""
    above = "-".join([place.account, *(code for code in place.codes[: level - 1] if code)])
    return f"{above}-{place.codes[level - 1]}", above


def _accounts(run: BudgetImport, places: Sequence[Place]) -> dict[str, int]:
    rows = Account.objects.filter(organization_id=run.organization_id)
    known = dict(rows.values_list("code", "pk"))
    for place in places:
        if place.account not in known:
            is_general = place.account == "01"
            name = place.account_name or (_("一般会計") if is_general else place.account)
            account = Account.objects.create(
                organization_id=run.organization_id,
                code=place.account,
                name=name,
                kind="general" if is_general else "special",
            )
            known[place.account] = account.pk
    return known
