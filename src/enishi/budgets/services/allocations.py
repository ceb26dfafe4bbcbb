"""Which programmes a code pays for. All of a code's shares are written together, so that they can be judged together."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.budgets import sharing
from enishi.budgets.access import may_steer
from enishi.budgets.dividing import WHOLE_BP
from enishi.budgets.enums import AllocationMethod, Stage
from enishi.budgets.errors import RefusedError
from enishi.budgets.models import Allocation, BudgetCode, CodeTotal, Programme
from enishi.budgets.services.programmes import require_begun, year_of
from enishi.budgets.services.years import require_open, tell_money
from enishi.foundation import trail
from enishi.foundation.money import in_yen
from enishi.organizations.models import Organization


@dataclass(frozen=True)
class NewShare:
    """A programme's share in basis points, or its fixed amount."""

    programme_id: int
    share_bp: int | None = None
    fixed_yen: int | None = None
    method: str = AllocationMethod.DIRECT
    note: str = ""


@transaction.atomic
def allocate(
    *, code_id: int, shares: Sequence[NewShare], actor: Person, at: dt.datetime, share_out: bool = True
) -> list[Allocation]:
    """Say anew which programmes a code pays for; what is left over stays as 未配賦 (B4).

    ``share_out=False`` leaves the dividing to whoever writes many codes and divides the year once.
    """
    code = BudgetCode.objects.get(pk=code_id)
    Organization.objects.select_for_update().get(pk=code.organization_id)
    require_steering(actor, code.organization_id)
    require_open(code.organization_id, code.fiscal_year)
    programmes = _programmes(code, shares)
    check_shares(code, shares, programmes)
    _refuse_twice(code, shares)
    before = _as_said(code)
    old = {row.programme_year.programme_id: row for row in _rows(code)}
    touched = {row.programme_year_id for row in old.values()}
    wanted = {share.programme_id for share in shares}
    Allocation.objects.filter(pk__in=[row.pk for key, row in old.items() if key not in wanted]).delete()
    made = []
    for share in shares:
        row = old.get(share.programme_id) or Allocation(
            code=code, programme_year=year_of(programmes[share.programme_id], code.fiscal_year, at)
        )
        row.share_bp, row.fixed_yen = share.share_bp, share.fixed_yen
        row.method, row.note, row.updated_at = share.method, share.note.strip()[:300], at
        row.save()
        made.append(row)
    after = _as_said(code)
    if before != after:
        trail.record(
            trail.Act(
                actor,
                "allocate",
                code,
                at,
                organization_id=code.organization_id,
                changes={"allocations": (before, after)},
            )
        )
    if share_out:
        sharing.share_out_around(code)
        sharing.write_money(touched, code.organization_id, code.fiscal_year)
        tell_money(code.organization_id, code.fiscal_year)
    return made


def require_steering(actor: Person, organization_id: int) -> None:
    if not may_steer(actor, organization_id):
        raise PermissionDenied(_("配賦を決められるのは、財政か企画の担当です。"))


def _rows(code: BudgetCode) -> list[Allocation]:
    return list(
        Allocation.objects.select_for_update().filter(code=code).select_related("programme_year__programme")
    )


def _as_said(code: BudgetCode) -> list[str]:
    rows = Allocation.objects.filter(code=code).select_related("programme_year__programme").order_by("pk")
    return [f"{row.programme_year.programme} {row.part_in_words}" for row in rows]


def _programmes(code: BudgetCode, shares: Sequence[NewShare]) -> dict[int, Programme]:
    keys = [share.programme_id for share in shares]
    found = {
        row.pk: row for row in Programme.objects.filter(pk__in=keys, organization_id=code.organization_id)
    }
    if len(found) != len(set(keys)):
        raise RefusedError(_("配賦できるのは、この団体の事務事業です。一覧から選び直してください。"))
    return found


def check_shares(code: BudgetCode, shares: Sequence[NewShare], programmes: Mapping[int, Programme]) -> None:
    """Whether these shares of one code can stand, whatever lies on the codes above and below (B4)."""
    if len(shares) != len({share.programme_id for share in shares}):
        raise RefusedError(_("同じ事業が二度書かれています。一行にまとめてください。"))
    whole = sum(share.share_bp or 0 for share in shares)
    if whole > WHOLE_BP:
        raise RefusedError(
            _(
                "「%(code)s」の割合の合計が %(sum)s%% です。100%% を %(over)s%% 超えているので、どれかを減らしてください。"
            )
            % {"code": code.label, "sum": f"{whole / 100:g}", "over": f"{(whole - WHOLE_BP) / 100:g}"}
        )
    for share in shares:
        if (share.share_bp is None) == (share.fixed_yen is None):
            raise RefusedError(
                _("「%(programme)s」には、割合か金額のどちらか一つを書いてください。")
                % {"programme": programmes[share.programme_id]}
            )
        if share.share_bp is not None and not 1 <= share.share_bp <= WHOLE_BP:
            raise RefusedError(_("割合は 0.01%% から 100%% までで書いてください。") % {})
        require_begun(programmes[share.programme_id], code.fiscal_year)
        if programmes[share.programme_id].zero_budget:
            raise RefusedError(
                _("「%(programme)s」はゼロ予算事業です。予算を配賦するときは、先にその印を外してください。")
                % {"programme": programmes[share.programme_id]}
            )
    _refuse_more_than_there_is(code, shares)


def _refuse_more_than_there_is(code: BudgetCode, shares: Sequence[NewShare]) -> None:
    """Fixed amounts beyond the code's largest amount are a slip of the pen; a later 減額 cuts them in proportion."""
    fixed = sum(share.fixed_yen or 0 for share in shares)
    if not fixed:
        return
    total = CodeTotal.objects.filter(pk=code.pk).first()
    known = [total.current_yen, *(total.amount(stage.value) for stage in Stage)] if total else []
    most = max((amount for amount in known if amount is not None), default=None)
    if most is not None and fixed > most:
        raise RefusedError(
            _("決まった額の合計 %(fixed)s が「%(code)s」の額 %(most)s を %(over)s 超えています。")
            % {
                "fixed": in_yen(fixed),
                "code": code.label,
                "most": in_yen(most),
                "over": in_yen(fixed - most),
            }
        )


def _refuse_twice(code: BudgetCode, shares: Sequence[NewShare]) -> None:
    """The same yen must not be given away at two levels of the tree."""
    if not shares:
        return
    parts = code.path.split("-")
    above = ["-".join(parts[:depth]) for depth in range(2, len(parts))]
    rows = Allocation.objects.filter(
        code__organization_id=code.organization_id, code__fiscal_year=code.fiscal_year
    ).select_related("code")
    other = (rows.filter(code__path__in=above) | rows.filter(code__path__startswith=f"{code.path}-")).first()
    if other is not None:
        raise RefusedError(twice(other.code.path, other.code.name))


def twice(path: str, name: str) -> str:
    return _(
        "「%(code)s」に配賦があります。上と下の科目の両方に配賦すると同じお金を二度数えるので、どちらか一方にしてください。"
    ) % {"code": f"{path} {name}".strip()}
