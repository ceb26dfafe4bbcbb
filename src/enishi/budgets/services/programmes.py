"""Programmes: registered with a number for good, written on, merged, brought to an end."""

import datetime as dt
from dataclasses import asdict, dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.budgets.access import programme_access
from enishi.budgets.enums import LegalKind, Origin
from enishi.budgets.errors import RefusedError, StaleVersionError
from enishi.budgets.models import Programme, ProgrammeYear
from enishi.budgets.signals import programme_changed
from enishi.foundation import trail
from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.organizations.enums import Visibility
from enishi.organizations.models import Organization, Section


@dataclass(frozen=True)
class ProgrammeValues:
    """What a person writes about a programme. The number is not among them."""

    title: str
    start_fy: int
    summary: str = ""
    section_id: int | None = None
    legal_basis: str = ""
    legal_kind: str = LegalKind.OWN
    delivery: str = ""
    origin: str = Origin.STAFF
    end_fy: int | None = None
    end_reason: str = ""
    zero_budget: bool = False
    output_indicator_id: int | None = None
    visibility: str = Visibility.PUBLIC


def next_uid(organization: Organization) -> str:
    """A number nobody has had: one above the highest."""
    last = (
        Programme.objects.filter(organization=organization)
        .order_by("-uid")
        .values_list("uid", flat=True)
        .first()
    )
    return f"{int(last) + 1:06d}" if last and last.isdecimal() else "100001"


@transaction.atomic
def register_programme(
    *, organization: Organization, uid: str, values: ProgrammeValues, actor: Person, at: dt.datetime
) -> Programme:
    """Give a programme its number and write it down."""
    Organization.objects.select_for_update().get(pk=organization.pk)
    programme_access.require(actor, "create", organization)  # type: ignore[arg-type]
    taken = Programme.objects.filter(organization=organization, uid=uid).first()
    if taken is not None:
        raise RefusedError(
            _(
                "事業番号 %(uid)s は「%(title)s」に付いています。番号は使い回せません。空いている番号は %(free)s です。"
            )
            % {"uid": uid, "title": taken.title, "free": next_uid(organization)}
        )
    programme = Programme(organization=organization, uid=uid, created_at=at, updated_at=at, updated_by=actor)
    _fill(programme, values)
    programme.save()
    trail.record(trail.Act(actor, "create", programme, at, organization_id=organization.pk))
    _tell(programme.pk)
    return programme


@transaction.atomic
def edit_programme(
    *, programme_id: int, values: ProgrammeValues, version: int, actor: Person, at: dt.datetime
) -> Programme:
    """Write anew what is known of a programme; its number stays."""
    programme = _locked(programme_id)
    programme_access.require(actor, "edit", programme)
    if programme.version != version:
        raise StaleVersionError(opened=version, current=programme.version)
    before = trail.values(programme)
    _fill(programme, values)
    _save(programme, before, "edit", actor, at)
    return programme


@transaction.atomic
def end_programme(
    *, programme_id: int, end_fy: int, reason: str, actor: Person, at: dt.datetime
) -> Programme:
    """Set the year a programme ends with (サンセット), and why."""
    programme = _locked(programme_id)
    programme_access.require(actor, "edit", programme)
    if not reason.strip():
        raise RefusedError(_("終える理由を書いてください。あとから見る人に、なぜ終えたかが伝わります。"))
    before = trail.values(programme)
    programme.end_fy, programme.end_reason = end_fy, reason.strip()
    programme.full_clean(exclude=["parties"])
    _save(programme, before, "end", actor, at)
    return programme


@transaction.atomic
def merge_programmes(
    *, programme_id: int, into_id: int, last_fy: int, reason: str, actor: Person, at: dt.datetime
) -> Programme:
    """Let a programme go on within another one. Its number, years and money stay where they were."""
    rows = {
        row.pk: row for row in Programme.objects.select_for_update().filter(pk__in=[programme_id, into_id])
    }
    programme, into = rows.get(programme_id), rows.get(into_id)
    if programme is None or into is None:
        raise RefusedError(_("統合する事業が見つかりません。一覧から選び直してください。"))
    programme_access.require(actor, "merge", programme)
    _refuse_merge(programme, into, reason)
    before = trail.values(programme)
    programme.merged_into, programme.end_fy, programme.end_reason = into, last_fy, reason.strip()
    programme.full_clean(exclude=["parties"])
    _save(programme, before, "merge", actor, at)
    return programme


def _refuse_merge(programme: Programme, into: Programme, reason: str) -> None:
    if programme.pk == into.pk:
        raise RefusedError(_("自分自身には統合できません。統合する先の事業を選んでください。"))
    if programme.organization_id != into.organization_id:
        raise RefusedError(_("統合できるのは、同じ団体の事業どうしです。"))
    if programme.merged_into_id is not None:
        raise RefusedError(_("この事業は、すでに統合されています。"))
    if into.merged_into_id is not None:
        raise RefusedError(
            _("「%(title)s」はほかの事業に統合されています。その統合先を選んでください。") % {"title": into}
        )
    if not reason.strip():
        raise RefusedError(_("統合する理由を書いてください。"))


def _locked(programme_id: int) -> Programme:
    return Programme.objects.select_for_update().select_related("organization").get(pk=programme_id)


def _fill(programme: Programme, values: ProgrammeValues) -> None:
    for name, value in asdict(values).items():
        setattr(programme, name, value)
    faults = {}
    if values.section_id is not None:
        ours = Section.objects.filter(pk=values.section_id, organization_id=programme.organization_id)
        if not ours.exists():
            faults["section_id"] = _("この団体の課ではありません。")
    if programme.pk and programme.years.filter(fiscal_year__lt=values.start_fy).exists():
        faults["start_fy"] = _("開始年度より前の年度の記録があります。開始年度を早めてください。")
    if values.end_fy is not None and values.end_fy < values.start_fy:
        faults["end_fy"] = _("終了年度は、開始年度と同じか後にしてください。")
    if faults:
        raise ValidationError(faults)
    programme.full_clean(exclude=["parties"], validate_constraints=False)
    programme.validate_constraints()


def _save(
    programme: Programme, before: dict[str, object], action: str, actor: Person, at: dt.datetime
) -> None:
    changes = trail.differences(before, trail.values(programme))
    programme.version += 1
    programme.updated_at, programme.updated_by = at, actor
    programme.save()
    trail.record(
        trail.Act(actor, action, programme, at, organization_id=programme.organization_id, changes=changes)
    )
    _tell(programme.pk)


def _tell(programme_id: int) -> None:
    transaction.on_commit(lambda: programme_changed.send_robust(Programme, programme_id=programme_id))


def require_begun(programme: Programme, fiscal_year: int) -> None:
    if programme.start_fy > fiscal_year:
        raise RefusedError(
            _("「%(title)s」は%(start)sに始まる事業です。%(year)sには結び付けられません。")
            % {
                "title": programme,
                "start": fiscal_year_in_words(FiscalYear(programme.start_fy)),
                "year": fiscal_year_in_words(FiscalYear(fiscal_year)),
            }
        )


def year_of(programme: Programme, fiscal_year: int, at: dt.datetime) -> ProgrammeYear:
    """The programme's facet of a year, made when it is first needed."""
    require_begun(programme, fiscal_year)
    row, _made = ProgrammeYear.objects.get_or_create(
        programme=programme, fiscal_year=fiscal_year, defaults={"updated_at": at}
    )
    return row
