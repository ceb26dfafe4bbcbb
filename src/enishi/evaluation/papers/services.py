"""Own forms: kept after their marks were understood, and taken out of use."""

import datetime as dt
import hashlib

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.evaluation import selectors
from enishi.evaluation.access import cycle_access, subject_access
from enishi.evaluation.errors import RefusedError
from enishi.evaluation.models import Subject
from enishi.evaluation.papers import own
from enishi.evaluation.papers.composing import Paper, compose
from enishi.evaluation.papers.forms import FORMS
from enishi.evaluation.papers.models import WORD, OwnForm
from enishi.evaluation.papers.xlsx import xlsx_of
from enishi.foundation import trail
from enishi.foundation.forms import file_name
from enishi.foundation.spreadsheets import UnreadableTableError
from enishi.organizations.models import Organization

MOST_BYTES = 2_000_000
LOOKED_AT = 3
"""Sheets whose labels a form is checked against: of programmes and of measures, in work and decided."""


def own_form(organization_id: int, form: str) -> OwnForm | None:
    return OwnForm.objects.in_use().filter(organization_id=organization_id, form=form).first()


def has_word_form(organization_id: int) -> bool:
    return OwnForm.objects.in_use().of_word().filter(organization_id=organization_id).exists()


def file_of(paper: Paper, own_of: OwnForm | None, format: str) -> bytes:
    """The paper as xlsx or docx: in the municipality's own form where it has one of this kind."""
    if own_of is not None and own_of.kind == format:
        return own.fill(bytes(own_of.content), paper)
    return xlsx_of([paper])


def example_papers(organization: Organization, form: str, actor: Person) -> list[Paper]:
    """Papers of a few sheets, in Japanese as the forms are: the labels that marks may name."""
    subjects: list[Subject] = []
    rows = subject_access.visible(actor).filter(organization=organization, included=True)
    for unit in ("programme", "node"):
        of_unit = rows.filter(cycle__unit=unit).select_related(
            "cycle", "programme__section", "node__level", "section", "officer"
        )
        subjects += of_unit.order_by("-place", "-pk")[:LOOKED_AT]
    with translation.override("ja"):
        return [
            compose(FORMS[form], selectors.sheet_of(subject, on=timezone.localdate())) for subject in subjects
        ]


@transaction.atomic
def keep(
    *, organization: Organization, form: str, content: bytes, name: str, actor: Person, at: dt.datetime
) -> OwnForm:
    """Let this file stand in for the official form, once every mark in it is understood."""
    _require(actor, organization)
    if len(content) > MOST_BYTES:
        raise RefusedError(_("ファイルは2MBまでです。"))
    papers = example_papers(organization, form, actor)
    if not papers:
        raise RefusedError(
            _("印を確かめるための評価シートがまだありません。評価の周期を始めてから登録してください。")
        )
    known = {mark: value for paper in papers for mark, value in own.answers(paper).items()}
    try:
        with translation.override("ja"):
            marks, faults = own.check(content, known)
    except UnreadableTableError as unreadable:
        raise RefusedError(str(unreadable)) from unreadable
    if faults:
        raise RefusedError(" ".join(f"{fault.column}: {fault.reason}" for fault in faults[:10]))
    if not marks:
        raise RefusedError(
            _("「{{所管課}}」のような印が一つもありません。見本のファイルから作ってください。")
        )
    Organization.objects.select_for_update().get(pk=organization.pk)
    OwnForm.objects.in_use().filter(organization=organization, form=form).update(retired_at=at)
    made = OwnForm.objects.create(
        organization=organization,
        form=form,
        filename=_named(name, WORD if own.is_word(content) else ".xlsx"),
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        marks=marks,
        added_by=actor,
        added_at=at,
    )
    trail.record(
        trail.Act(actor, "keep_form", made, at, organization_id=organization.pk, note=str(FORMS[form].title))
    )
    return made


def _named(name: str, ending: str) -> str:
    """The file's name with the ending of what it is, whatever it was called."""
    plain = file_name(name, unnamed=f"form{ending}")
    return plain if plain.endswith(ending) else plain[: 150 - len(ending)] + ending


@transaction.atomic
def retire(*, organization: Organization, form: str, actor: Person, at: dt.datetime) -> None:
    """Go back to the form that comes with the product."""
    _require(actor, organization)
    row = OwnForm.objects.in_use().select_for_update().filter(organization=organization, form=form).first()
    if row is None:
        raise RefusedError(_("この様式には、団体のファイルが登録されていません。"))
    row.retired_at = at
    row.save(update_fields=["retired_at"])
    trail.record(
        trail.Act(actor, "retire_form", row, at, organization_id=organization.pk, note=str(FORMS[form].title))
    )


def _require(actor: Person, organization: Organization) -> None:
    if not cycle_access.allows(actor, "create", organization):
        raise PermissionDenied(_("様式を登録できるのは、自治体の行革の担当です。"))
