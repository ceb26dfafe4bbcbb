"""Many programmes and their years at once, as a sheet or a whole plan brings them: all or none."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.budgets import sharing
from enishi.budgets.access import may_steer, programme_access
from enishi.budgets.enums import AllocationMethod
from enishi.budgets.errors import RefusedError
from enishi.budgets.models import Allocation, BudgetCode, Programme, ProgrammeYear
from enishi.budgets.services.programmes import ProgrammeValues
from enishi.budgets.services.years import YearValues, require_books, require_open, tell_money
from enishi.budgets.signals import programmes_changed
from enishi.foundation import trail
from enishi.organizations.models import Organization, Section


@dataclass(frozen=True)
class NewProgramme:
    """A programme with its number, its years, and the number of the one it went into."""

    uid: str
    values: ProgrammeValues
    years: Mapping[int, YearValues] = field(default_factory=dict)
    merged_into: str = ""
    is_demo: bool = False


@transaction.atomic
def register_many(
    *, organization: Organization, rows: Sequence[NewProgramme], actor: Person, at: dt.datetime
) -> dict[str, Programme]:
    """Register programmes that are not there yet, with their years. Answers them by number."""
    Organization.objects.select_for_update().get(pk=organization.pk)
    programme_access.require(actor, "create", organization)  # type: ignore[arg-type]
    _refuse_taken(organization, [row.uid for row in rows])
    _refuse_foreign_sections(organization, rows)
    made = {row.uid: _programme(organization, row, actor, at) for row in rows}
    Programme.objects.bulk_create(made.values())
    for row in rows:
        if row.merged_into:
            made[row.uid].merged_into = made[row.merged_into]
    merged = [made[row.uid] for row in rows if row.merged_into]
    Programme.objects.bulk_update(merged, ["merged_into"])
    ProgrammeYear.objects.bulk_create(
        ProgrammeYear(programme=made[row.uid], fiscal_year=year, updated_at=at, **asdict(values))
        for row in rows
        for year, values in sorted(row.years.items())
    )
    trail.record(
        *(trail.Act(actor, "create", each, at, organization_id=organization.pk) for each in made.values())
    )
    ids = [each.pk for each in made.values()]
    transaction.on_commit(lambda: programmes_changed.send_robust(Programme, ids=ids))
    return made


def _refuse_taken(organization: Organization, uids: Sequence[str]) -> None:
    twice = sorted({uid for uid in uids if uids.count(uid) > 1})
    known = Programme.objects.filter(organization=organization, uid__in=uids).values_list("uid", flat=True)
    taken = [*twice, *known]
    if taken:
        raise RefusedError(
            _("事業番号 %(uids)s は使われています。番号は使い回せません。")
            % {"uids": _("、").join(taken[:10])}
        )


def _refuse_foreign_sections(organization: Organization, rows: Sequence[NewProgramme]) -> None:
    wanted = {row.values.section_id for row in rows if row.values.section_id is not None}
    ours = set(Section.objects.filter(organization=organization, pk__in=wanted).values_list("pk", flat=True))
    if wanted - ours:
        raise ValidationError({"section_id": _("この団体の課ではありません。")})


def _programme(organization: Organization, row: NewProgramme, actor: Person, at: dt.datetime) -> Programme:
    made = Programme(
        organization=organization,
        uid=row.uid,
        created_at=at,
        updated_at=at,
        updated_by=actor,
        is_demo=row.is_demo,
        **asdict(row.values),
    )
    # The keys were looked up for all rows together.
    made.clean_fields(exclude=["organization", "section", "output_indicator", "updated_by", "merged_into"])
    return made


@transaction.atomic
def allocate_many(
    *,
    organization: Organization,
    fiscal_year: int,
    shares: Mapping[str, Mapping[str, int]],
    actor: Person,
    at: dt.datetime,
) -> None:
    """Give codes without shares their first ones: basis points by path and programme number."""
    Organization.objects.select_for_update().get(pk=organization.pk)
    if not may_steer(actor, organization.pk):
        require_books(actor, organization.pk)
    require_open(organization.pk, fiscal_year)
    codes = {
        row.path: row
        for row in BudgetCode.objects.filter(
            organization=organization, fiscal_year=fiscal_year, path__in=list(shares)
        )
    }
    years = {
        row.programme.uid: row
        for row in ProgrammeYear.objects.filter(
            programme__organization=organization, fiscal_year=fiscal_year
        ).select_related("programme")
    }
    _check_many(shares, codes, years)
    Allocation.objects.bulk_create(
        Allocation(
            code=codes[path],
            programme_year=years[uid],
            share_bp=share,
            method=AllocationMethod.DIRECT if len(several) == 1 else AllocationMethod.SHARED,
            updated_at=at,
        )
        for path, several in shares.items()
        for uid, share in several.items()
    )
    trail.record(
        *(
            trail.Act(
                actor,
                "allocate",
                codes[path],
                at,
                organization_id=organization.pk,
                changes={"allocations": ([], [f"{uid} {share / 100:g}%" for uid, share in several.items()])},
            )
            for path, several in shares.items()
        )
    )
    sharing.share_out(organization.pk, fiscal_year)
    tell_money(organization.pk, fiscal_year)


def _check_many(
    shares: Mapping[str, Mapping[str, int]],
    codes: Mapping[str, BudgetCode],
    years: Mapping[str, ProgrammeYear],
) -> None:
    given = set(
        Allocation.objects.filter(code__in=[code.pk for code in codes.values()]).values_list(
            "code__path", flat=True
        )
    )
    for path, several in shares.items():
        if path not in codes:
            raise RefusedError(_("科目 %(path)s はこの年度にありません。") % {"path": path})
        if path in given:
            raise RefusedError(_("科目 %(path)s には、もう配賦があります。") % {"path": path})
        if not 0 < sum(several.values()) <= 10_000 or min(several.values()) < 1:
            raise RefusedError(_("科目 %(path)s の割合の合計が100%% を超えています。") % {"path": path})
        unknown = [uid for uid in several if uid not in years]
        if unknown:
            raise RefusedError(
                _("事業 %(uids)s には、この年度の記録がありません。") % {"uids": _("、").join(unknown)}
            )
