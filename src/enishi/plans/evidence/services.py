"""Everything that writes evidence: the claim, the look at the original, and where it is used."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.budgets.models import Programme
from enishi.foundation import trail
from enishi.foundation.forms import clean_text
from enishi.organizations.models import Organization
from enishi.plans import owned
from enishi.plans.errors import PlanError
from enishi.plans.evidence.access import evidence_access
from enishi.plans.evidence.enums import Use, Verification
from enishi.plans.models import Evidence, EvidenceCheck, EvidenceUse, NodeIdentity
from enishi.plans.owned import assign, saved, told

FIELDS = (
    "claim",
    "figure",
    "source_title",
    "publisher",
    "year",
    "locator",
    "url",
    "kind",
    "level",
    "section",
    "visibility",
)
CHECKED_FIELDS = frozenset({"claim", "figure", "source_title", "publisher", "year", "locator", "url"})
"""What somebody compared with the original. Written anew, it is unverified again."""


@transaction.atomic
def create_evidence(
    *,
    organization: Organization,
    values: Mapping[str, Any],
    actor: Person,
    at: dt.datetime,
    is_demo: bool = False,
) -> Evidence:
    evidence_access.require(actor, "create", organization)  # type: ignore[arg-type]
    row = Evidence(
        organization=organization,
        created_by=actor,
        created_at=at,
        updated_at=at,
        updated_by=actor,
        is_demo=is_demo,
    )
    assign(row, values, FIELDS)
    _require_claim(row)
    row.save()
    told(row, "create", actor=actor, at=at)
    return row


def _require_claim(row: Evidence) -> None:
    if not row.claim:
        raise PlanError(_("主張を書いてください。何を裏付ける文かが分からないと使えません。"))


@transaction.atomic
def edit_evidence(
    *, evidence_id: int, values: Mapping[str, Any], version: int | None, actor: Person, at: dt.datetime
) -> Evidence:
    """Write it anew. What was compared with the original and changed needs a new look."""
    row = owned.locked(evidence_access, evidence_id, "edit", actor, version=version)
    before = trail.values(row)
    assign(row, values, FIELDS)
    _require_claim(row)
    changed = set(trail.differences(before, trail.values(row)))
    if changed & CHECKED_FIELDS:
        row.verification, row.checked_at, row.checked_by = Verification.UNVERIFIED, None, None
    saved(row, actor=actor, at=at)
    told(row, "edit", actor=actor, at=at, before=before)
    return row


@transaction.atomic
def check_evidence(
    *, evidence_id: int, result: str, found: str, note: str, actor: Person, at: dt.datetime
) -> EvidenceCheck:
    """Say what the original says. A mismatch names what stands there instead."""
    row = owned.locked(evidence_access, evidence_id, "check", actor)
    found, note = clean_text(found).strip()[:500], clean_text(note).strip()[:500]
    if result == Verification.MISMATCH and not (found or note):
        raise PlanError(_("不一致のときは、原典にあった値か文を書いてください。例: 原典では32.4%"))
    if result == Verification.VERIFIED and not (row.source_title or row.url):
        raise PlanError(
            _("出典の名前か番地がないため、原典確認済にできません。先に「書き直す」で出典を入れてください。")
        )
    look = EvidenceCheck.objects.create(
        evidence=row, verification=result, found=found, note=note, by=actor, at=at
    )
    before = trail.values(row)
    row.verification = result
    row.checked_at, row.checked_by = (None, None) if result == Verification.UNVERIFIED else (at, actor)
    saved(row, actor=actor, at=at)
    told(row, "check", actor=actor, at=at, before=before, note=found or note)
    return look


@transaction.atomic
def use_evidence(
    *,
    evidence_id: int,
    owner: NodeIdentity | Programme,
    purpose: str,
    actor: Person,
    at: dt.datetime,
) -> EvidenceUse:
    """Say what rests on it. Used there already, only its purpose changes."""
    row = owned.locked(evidence_access, evidence_id, "edit", actor)
    house = owner.plan.organization_id if isinstance(owner, NodeIdentity) else owner.organization_id
    if house != row.organization_id:
        raise PlanError(_("ほかの団体の計画や事業には結べません。"))
    where = {"identity": owner} if isinstance(owner, NodeIdentity) else {"programme": owner}
    use, _made = EvidenceUse.objects.update_or_create(
        evidence=row, **where, defaults={"purpose": Use(purpose)}
    )
    saved(row, actor=actor, at=at)
    told(row, "use", actor=actor, at=at, note=str(owner))
    return use


@transaction.atomic
def stop_using(*, use_id: int, actor: Person, at: dt.datetime) -> None:
    use = EvidenceUse.objects.select_related("identity", "programme").get(pk=use_id)
    row = owned.locked(evidence_access, use.evidence_id, "edit", actor)
    note = str(use.programme or use.identity)
    use.delete()
    saved(row, actor=actor, at=at)
    told(row, "stop_using", actor=actor, at=at, note=note)


def delete_evidence(*, evidence_id: int, actor: Person, at: dt.datetime) -> Evidence:
    return owned.discard(evidence_access, evidence_id, actor=actor, at=at)


def restore_evidence(*, evidence_id: int, actor: Person, at: dt.datetime) -> Evidence:
    return owned.restore(evidence_access, evidence_id, actor=actor, at=at)
