"""Signing, the signed copy, and starting over with what was approved but not signed."""

import datetime as dt
import hashlib

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.agreements.access import agreement_access
from enishi.agreements.enums import AgreementStatus, ChangeState, VersionState
from enishi.agreements.errors import RefusedError
from enishi.agreements.models import ChangeRequest, SignedCopy, Version
from enishi.agreements.services.drafting import next_version
from enishi.agreements.services.records import finish, in_force, mirror, required, touch
from enishi.exchange import files
from enishi.foundation import trail

MOST_COPIES = 20


@transaction.atomic
def sign(
    *,
    agreement_id: int,
    signed_on: dt.date,
    actor: Person,
    at: dt.datetime,
    in_force_from: dt.date | None = None,
) -> Version:
    """Note that all parties signed: the approved version is in force, the one before it is history."""
    agreement = required(agreement_id, "sign", actor)
    version = agreement.versions.filter(state=VersionState.APPROVED).first()
    if version is None:
        raise RefusedError(_("締結できるのは、決裁を経た版だけです。先に決裁に回してください。"))
    if signed_on > timezone.localdate(at):
        raise RefusedError(_("締結日は今日までの日にしてください。先の日付では記録できません。"))
    before = trail.values(agreement)
    old = in_force(agreement)
    if old is not None:
        old.state = VersionState.SUPERSEDED
        old.save(update_fields=["state"])
    version.state, version.in_force_from = VersionState.IN_FORCE, in_force_from or signed_on
    version.save(update_fields=["state", "in_force_from"])
    ChangeRequest.objects.filter(version=version).update(state=ChangeState.MADE, closed_at=at)
    agreement.status = AgreementStatus.ACTIVE
    agreement.signed_on = agreement.signed_on or signed_on
    touch(agreement, signed_on)
    mirror(agreement, version)
    finish(agreement, "sign", actor=actor, at=at, before=before)
    return version


@transaction.atomic
def reopen(*, agreement_id: int, reason: str, actor: Person, at: dt.datetime) -> Version:
    """Before signing, the partner asked for another wording: the approved version is dropped, a new draft begins."""
    agreement = required(agreement_id, "edit", actor)
    approved = agreement.versions.filter(state=VersionState.APPROVED).first()
    if approved is None:
        raise RefusedError(_("決裁済みで締結前の版がありません。"))
    if not reason.strip():
        raise RefusedError(_("直す理由を書いてください。新しい版に残ります。"))
    approved.state = VersionState.DROPPED
    approved.save(update_fields=["state"])
    draft = next_version(agreement, approved, reason.strip(), actor, at)
    ChangeRequest.objects.filter(version=approved).update(version=draft)
    before = trail.values(agreement)
    if in_force(agreement) is None:
        agreement.status = AgreementStatus.DRAFT
    finish(agreement, "reopen", actor=actor, at=at, before=before, note=reason.strip()[:500])
    return draft


@transaction.atomic
def attach_copy(
    *, agreement_id: int, name: str, content: bytes, actor: Person, at: dt.datetime
) -> SignedCopy:
    """Keep the signed paper as a file, with the sha256 it came in with."""
    agreement = required(agreement_id, "attach", actor)
    version = agreement.versions.filter(state__in=[VersionState.IN_FORCE, VersionState.APPROVED]).first() or (
        agreement.versions.exclude(sha256="").order_by("-number").first()
    )
    if version is None:
        raise RefusedError(_("写しを添えるのは、決裁を経た版ができてからです。"))
    if agreement.copies.count() >= MOST_COPIES:
        raise RefusedError(_("写しは%(most)d個までです。") % {"most": MOST_COPIES})
    name = files.safe_name(name)
    found = files.sniffed(content, name)
    copy = SignedCopy(
        agreement=agreement,
        version=version,
        name=name,
        content_type=found.content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        added_by=actor,
        added_at=at,
    )
    copy.file.save(name, ContentFile(content), save=False)
    copy.save()
    changes = {"signed_copy": ("", f"{name} sha256:{copy.sha256}")}
    finish(agreement, "attach", actor=actor, at=at, changes=changes, note=name)
    return copy


@transaction.atomic
def verify_copy(*, copy_id: int, actor: Person, at: dt.datetime) -> SignedCopy:
    """Take the file's sha256 again and keep whether it is still the same."""
    copy = SignedCopy.objects.select_for_update(of=("self",)).select_related("agreement").get(pk=copy_id)
    agreement_access.require(actor, "read_inside", copy.agreement)
    copy.is_intact, copy.verified_at = copy.digest_now() == copy.sha256, at
    copy.save(update_fields=["is_intact", "verified_at"])
    trail.record(
        trail.Act(
            actor,
            "verify_copy",
            copy.agreement,
            at,
            organization_id=copy.agreement.organization_id,
            note=copy.name,
            changes={"is_intact": (None, copy.is_intact)},
        )
    )
    return copy
