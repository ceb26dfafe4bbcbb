"""Everything that writes in this room."""

from enishi.budgets.services.allocations import NewShare, allocate
from enishi.budgets.services.codes import link_codes, open_account, open_code, rename_code, unlink_codes
from enishi.budgets.services.entries import Typed, move_money, record_entry
from enishi.budgets.services.many import NewProgramme, allocate_many, register_many
from enishi.budgets.services.profiles import ProfileValues, retire_profile, save_profile
from enishi.budgets.services.programmes import (
    ProgrammeValues,
    edit_programme,
    end_programme,
    merge_programmes,
    next_uid,
    register_programme,
)
from enishi.budgets.services.years import (
    YearValues,
    close_year,
    publish_year,
    reopen_year,
    set_budget_year,
    set_programme_year,
    withdraw_year,
)

__all__ = [
    "NewProgramme",
    "NewShare",
    "ProfileValues",
    "ProgrammeValues",
    "Typed",
    "YearValues",
    "allocate",
    "allocate_many",
    "close_year",
    "edit_programme",
    "end_programme",
    "link_codes",
    "merge_programmes",
    "move_money",
    "next_uid",
    "open_account",
    "open_code",
    "publish_year",
    "record_entry",
    "register_many",
    "register_programme",
    "rename_code",
    "reopen_year",
    "retire_profile",
    "save_profile",
    "set_budget_year",
    "set_programme_year",
    "unlink_codes",
    "withdraw_year",
]
