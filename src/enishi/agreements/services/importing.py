"""Existing agreements from a municipality's own list (協定一覧): read, shown, taken over all or nothing, undone."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.agreements.access import agreement_access
from enishi.agreements.calculations import seal
from enishi.agreements.enums import AgreementStatus, Renewal, VersionState
from enishi.agreements.errors import RefusedError
from enishi.agreements.forms_rows import linked
from enishi.agreements.models import Activity, Agreement, AgreementImport
from enishi.agreements.register_reading import MOST_REMARK, RegisterReader, key_of
from enishi.agreements.services import drafting
from enishi.agreements.services.records import finish, mirror
from enishi.exchange.files import safe_name
from enishi.foundation import trail
from enishi.foundation.sentences import gettext as _
from enishi.foundation.spreadsheets import Table
from enishi.organizations.models import Organization

UNDO_WITHIN = dt.timedelta(days=30)


@transaction.atomic
def read(
    *, organization: Organization, name: str, table: Table, actor: Person, at: dt.datetime
) -> AgreementImport:
    """Read the sheet and keep what it would bring, with every fault by row, column, value and reason."""
    agreement_access.require(actor, "create", organization)  # type: ignore[arg-type]
    found = RegisterReader(organization, timezone.localdate(at)).table(table)
    if not found.rows and not found.faults:
        raise RefusedError(
            _("取り込む行がありません。見出しの下にデータの行があるファイルを選んでください。")
        )
    return AgreementImport.objects.create(
        organization=organization,
        person=actor,
        name=safe_name(name),
        rows=[] if found.faults else found.rows,
        faults=found.faults[:500],
        notes=found.notes,
        made_at=at,
    )


def known_keys(organization: Organization, rows: list[dict[str, Any]]) -> set[str]:
    """Which of the rows are here already: they are left as they are."""
    keys = [key_of(row) for row in rows]
    there = Agreement.objects.filter(organization=organization)
    found = set(there.filter(import_key__in=keys).values_list("import_key", flat=True))
    numbers = [row["number"] for row in rows if row["number"]]
    return found | {
        f"no-{number}"
        for number in there.filter(number__in=numbers, deleted_at__isnull=True).values_list(
            "number", flat=True
        )
    }


@transaction.atomic
def apply(*, import_id: int, actor: Person, at: dt.datetime) -> AgreementImport:
    """Take the rows over, all or nothing; those that are here already are left alone."""
    batch = (
        AgreementImport.objects.select_for_update(of=("self",))
        .select_related("organization")
        .get(pk=import_id)
    )
    agreement_access.require(actor, "create", batch.organization)  # type: ignore[arg-type]
    if batch.applied_at is not None:
        raise RefusedError(_("この取り込みは、もう済んでいます。"))
    if batch.faults or not batch.rows:
        raise RefusedError(_("直すところが残っています。ファイルを直して、もう一度選んでください。"))
    known = known_keys(batch.organization, batch.rows)
    made = [_make(batch.organization, row, actor, at).pk for row in batch.rows if key_of(row) not in known]
    batch.applied_at, batch.made = at, made
    batch.save(update_fields=["applied_at", "made"])
    return batch


def _make(organization: Organization, row: Mapping[str, Any], actor: Person, at: dt.datetime) -> Agreement:
    """One past agreement: concluded long ago, so it has one version, in force and sealed as it was brought in."""
    days = {
        name: dt.date.fromisoformat(row[name]) if row[name] else None
        for name in ("signed_on", "starts_on", "ends_on")
    }
    signed_on = days["signed_on"] or days["starts_on"]
    assert signed_on is not None
    has_renewal = row["renewal"] != Renewal.NONE and days["ends_on"] is not None
    values = {
        "number": row["number"],
        "section_id": row["section_id"],
        "title": row["title"],
        "kind": row["kind"],
        "scheme": row["scheme"],
        "purpose": row["purpose"],
        "starts_on": days["starts_on"] or signed_on,
        "ends_on": days["ends_on"],
        "renewal": row["renewal"] if has_renewal else Renewal.NONE,
        "renewal_months": (row.get("renewal_months") or 12) if has_renewal else None,
        "notice_months": row["notice_months"] if has_renewal else None,
        "field_ids": [row["field_id"]] if row["field_id"] else [],
    }
    names = [name.strip() for name in row["counterparts"].replace("，", "、").replace(",", "、").split("、")]
    parties: list[dict[str, Any]] = [
        {"side": "public", "organization_id": organization.pk, "name": organization.name}
    ]
    parties += [{"side": "partner", "name": name[:150], **linked({"name": name})} for name in names if name]
    agreement = drafting.create(
        organization=organization, values=values, parties=parties, actor=actor, at=at, import_key=key_of(row)
    )
    version = agreement.versions.get()
    version.sha256 = seal(version)
    version.state, version.approved_at, version.in_force_from = VersionState.IN_FORCE, at, values["starts_on"]
    version.save(update_fields=["state", "approved_at", "in_force_from", "sha256"])
    agreement.status, agreement.signed_on, agreement.last_activity_on = (
        AgreementStatus.ACTIVE,
        signed_on,
        signed_on,
    )
    over = days["ends_on"] is not None and days["ends_on"] < timezone.localdate(at) and not has_renewal
    if over:
        agreement.status, agreement.ended_on, agreement.end_reason = (
            AgreementStatus.ENDED,
            days["ends_on"],
            _("期間の満了"),
        )
    if row.get("remark"):
        words = _("取り込んだ一覧の記載") + "\n" + row["remark"]
        Activity.objects.create(
            agreement=agreement, on=timezone.localdate(at), text=words[:MOST_REMARK], by=actor, at=at
        )
    mirror(agreement, version)
    finish(agreement, "import", actor=actor, at=at)
    return agreement


@transaction.atomic
def undo(*, import_id: int, actor: Person, at: dt.datetime) -> int:
    """Take back what an import made, as long as nobody worked on it since."""
    batch = (
        AgreementImport.objects.select_for_update(of=("self",))
        .select_related("organization")
        .get(pk=import_id)
    )
    agreement_access.require(actor, "create", batch.organization)  # type: ignore[arg-type]
    if batch.applied_at is None or batch.undone_at is not None or at - batch.applied_at > UNDO_WITHIN:
        raise RefusedError(_("取り消せるのは、取り込んでから30日のあいだ、一度だけです。"))
    rows = list(Agreement.objects.select_for_update().filter(pk__in=batch.made, deleted_at__isnull=True))
    touched = [row for row in rows if row.updated_at > batch.applied_at]
    if touched:
        names = _("、").join(row.title for row in touched[:3])
        raise RefusedError(
            _("取り込みの後に書き直された協定(%(names)s)があるため、まとめて取り消せません。")
            % {"names": names}
        )
    for row in rows:
        before = trail.values(row)
        row.deleted_at, row.import_key = at, ""
        finish(row, "delete", actor=actor, at=at, before=before, note=_("取り込みの取り消し"))
    batch.undone_at = at
    batch.save(update_fields=["undone_at"])
    return len(rows)
