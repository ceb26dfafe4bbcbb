"""Many programmes and their years at once, as a sheet or a whole plan brings them: all or none."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.budgets import sharing
from enishi.budgets.access import programme_access
from enishi.budgets.errors import RefusedError
from enishi.budgets.models import Allocation, BudgetCode, Programme, ProgrammeYear
from enishi.budgets.services.allocations import NewShare, check_shares, require_steering, twice
from enishi.budgets.services.programmes import ProgrammeValues
from enishi.budgets.services.years import YearValues, require_open, tell_money
from enishi.budgets.signals import programmes_changed
from enishi.budgets.transfer.model import ancestors
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
    shares: Mapping[str, Sequence[NewShare]],
    actor: Person,
    at: dt.datetime,
) -> None:
    """Say anew, by the paths of the codes, which programmes these pay for: all of them or none."""
    Organization.objects.select_for_update().get(pk=organization.pk)
    require_steering(actor, organization.pk)
    require_open(organization.pk, fiscal_year)
    codes = {
        row.path: row
        for row in BudgetCode.objects.filter(
            organization=organization, fiscal_year=fiscal_year, path__in=list(shares)
        )
    }
    programmes = {row.pk: row for row in Programme.objects.filter(organization=organization)}
    for path, several in shares.items():
        if path not in codes:
            raise RefusedError(_("科目 %(path)s はこの年度にありません。") % {"path": path})
        check_shares(codes[path], several, programmes)
    rows = Allocation.objects.filter(code__organization=organization, code__fiscal_year=fiscal_year)
    old = list(rows.select_related("code", "programme_year__programme").order_by("pk"))
    before = _as_said((row.code.path, row) for row in old if row.code.path in codes)
    refuse_two_levels({row.code.path for row in old}, shares)
    rows.filter(code__in=[code.pk for code in codes.values()]).delete()
    years = _years_of(organization, programmes, shares, fiscal_year, at)
    made = Allocation.objects.bulk_create(
        Allocation(
            code=codes[path],
            programme_year=years[share.programme_id],
            share_bp=share.share_bp,
            fixed_yen=share.fixed_yen,
            method=share.method,
            note=share.note.strip()[:300],
            updated_at=at,
        )
        for path, several in shares.items()
        for share in several
    )
    after = _as_said((row.code.path, row) for row in made)
    trail.record(
        *(
            trail.Act(
                actor,
                "allocate",
                codes[path],
                at,
                organization_id=organization.pk,
                changes={"allocations": (before.get(path, []), after.get(path, []))},
            )
            for path in shares
            if before.get(path) != after.get(path)
        )
    )
    sharing.share_out(organization.pk, fiscal_year)
    sharing.write_money({row.programme_year_id for row in old}, organization.pk, fiscal_year)
    tell_money(organization.pk, fiscal_year)


def refuse_two_levels(given: Collection[str], shares: Mapping[str, Sequence[NewShare]]) -> None:
    """The same yen must not be given away at two levels of the tree. ``given`` are the paths that have shares now."""
    paths = {path for path in given if path not in shares} | {path for path, some in shares.items() if some}
    for path in sorted(paths):
        above = next((each for each in ancestors(path)[1:] if each in paths), None)
        if above is not None:
            raise RefusedError(twice(path if above in shares else above, ""))


def _as_said(rows: Iterable[tuple[str, Allocation]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path, row in rows:
        found.setdefault(path, []).append(f"{row.programme_year.programme} {row.part_in_words}")
    return found


def _years_of(
    organization: Organization,
    programmes: Mapping[int, Programme],
    shares: Mapping[str, Sequence[NewShare]],
    fiscal_year: int,
    at: dt.datetime,
) -> dict[int, ProgrammeYear]:
    """The programmes' facets of the year; those that are not there yet are made."""
    wanted = {share.programme_id for several in shares.values() for share in several}
    rows = ProgrammeYear.objects.filter(programme__organization=organization, fiscal_year=fiscal_year)
    found = {row.programme_id: row for row in rows.select_related("programme")}
    made = ProgrammeYear.objects.bulk_create(
        ProgrammeYear(programme=programmes[key], fiscal_year=fiscal_year, updated_at=at)
        for key in sorted(wanted - set(found))
    )
    return found | {row.programme_id: row for row in made}
