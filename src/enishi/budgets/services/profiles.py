"""Named readings of the financial system's files."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.budgets.enums import MoneyUnit
from enishi.budgets.models import MappingProfile
from enishi.budgets.services.years import require_books
from enishi.budgets.transfer.cells import UnreadableCellError
from enishi.budgets.transfer.columns import CODES, COLUMNS, FUNDS, MONEY, missing_columns
from enishi.budgets.transfer.joined_codes import JoinedCodes
from enishi.budgets.transfer.stages import STAGE_COLUMNS, read_words
from enishi.foundation import trail
from enishi.organizations.models import Organization


@dataclass(frozen=True)
class ProfileValues:
    """``columns`` maps our names to the headings of the file."""

    name: str
    columns: Mapping[str, str] = field(default_factory=dict)
    unit: int = MoneyUnit.YEN
    account_code: str = "01"
    code_layout: str = ""
    stage_words: str = ""
    note: str = ""


@transaction.atomic
def save_profile(
    *,
    organization: Organization,
    values: ProfileValues,
    actor: Person,
    at: dt.datetime,
    profile: MappingProfile | None = None,
) -> MappingProfile:
    """Make a profile, or write one anew. Files already read stay as they were read."""
    require_books(actor, organization.pk)
    Organization.objects.select_for_update().get(pk=organization.pk)
    _check(values.columns)
    _check_stages(values)
    if values.columns.get("whole"):
        _check_layout(values)
    namesakes = MappingProfile.objects.filter(organization=organization, name=values.name)
    if any(each != profile for each in namesakes):
        raise ValidationError(
            {"name": _("この名前の設定はもうあります。別の名前にするか、その設定を直してください。")}
        )
    row = profile or MappingProfile(organization=organization, created_by=actor, created_at=at)
    before = trail.values(row) if row.pk else {}
    for name, value in asdict(values).items():
        setattr(row, name, value)
    row.columns = {name: heading for name, heading in values.columns.items() if heading}
    row.updated_at, row.retired_at = at, None
    row.full_clean()
    row.save()
    trail.record(
        trail.Act(
            actor,
            "edit" if before else "create",
            row,
            at,
            organization_id=organization.pk,
            changes=trail.differences(before, trail.values(row)) if before else {},
        )
    )
    return row


def _check(columns: Mapping[str, str]) -> None:
    unknown = set(columns) - set(COLUMNS)
    if unknown:
        raise ValidationError(_("知らない項目があります: %(names)s") % {"names": "、".join(sorted(unknown))})
    lacking = missing_columns(columns)
    if lacking:
        raise ValidationError(
            _("次の項目がどの列か選んでください: %(names)s") % {"names": "、".join(lacking)}
        )
    used = [heading for name, heading in columns.items() if heading]
    twice = sorted({heading for heading in used if used.count(heading) > 1})
    money_twice = [heading for heading in twice if any(columns.get(name) == heading for name in MONEY)]
    if money_twice:
        raise ValidationError(
            _("列「%(heading)s」が二つの項目に使われています。金額の列は一つずつ選んでください。")
            % {"heading": money_twice[0]}
        )


def _check_layout(values: ProfileValues) -> None:
    """One column for the whole code leaves no others; how it is taken apart has to be said."""
    beside = [name for name in CODES if values.columns.get(name)]
    if beside:
        raise ValidationError(
            {
                "column_whole": _(
                    "「%(whole)s」を選んだときは、款・項・目などの列は選ばないでください(いま %(names)s が選ばれています)。"
                )
                % {
                    "whole": COLUMNS["whole"].label,
                    "names": "、".join(str(COLUMNS[name].label) for name in beside),
                }
            }
        )
    try:
        JoinedCodes(values.code_layout)
    except UnreadableCellError as unreadable:
        raise ValidationError({"code_layout": str(unreadable)}) from unreadable


def _check_stages(values: ProfileValues) -> None:
    """One amount, or one for each stage; of the latter nobody knows which one a column of funds pays for."""
    side_by_side = [name for name in STAGE_COLUMNS if values.columns.get(name)]
    others = [name for name in ("amount", "stage", *FUNDS) if values.columns.get(name)]
    if side_by_side and others:
        raise ValidationError(
            {
                f"column_{others[0]}": _(
                    "段階ごとの金額の列(%(stages)s)を選んだときは、「%(other)s」の列は選ばないでください。"
                )
                % {
                    "stages": "、".join(str(COLUMNS[name].label) for name in side_by_side),
                    "other": COLUMNS[others[0]].label,
                }
            }
        )
    if not values.columns.get("stage"):
        return
    try:
        words = read_words(values.stage_words)
    except UnreadableCellError as unreadable:
        raise ValidationError({"stage_words": str(unreadable)}) from unreadable
    if not words:
        raise ValidationError(
            {"stage_words": _("段階の列に何と書かれているかを、一行に一つ書いてください。例: 1 = 当初")}
        )


@transaction.atomic
def retire_profile(*, profile_id: int, actor: Person, at: dt.datetime) -> MappingProfile:
    """Take a profile out of the choices; the runs that used it keep it."""
    row = MappingProfile.objects.select_for_update().get(pk=profile_id)
    require_books(actor, row.organization_id)
    row.retired_at = at
    row.save(update_fields=["retired_at"])
    trail.record(trail.Act(actor, "retire", row, at, organization_id=row.organization_id))
    return row
