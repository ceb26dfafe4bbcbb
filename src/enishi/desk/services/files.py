"""Files of a proposal."""

import datetime as dt
import hashlib
from collections.abc import Iterable

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.desk.access import proposal_access
from enishi.desk.enums import Origin, ProposalStatus
from enishi.desk.errors import RefusedError
from enishi.desk.models import Proposal, ProposalFile
from enishi.desk.services import flow
from enishi.exchange import files
from enishi.exchange.errors import AttachmentRefusedError
from enishi.foundation.access import Actor


@transaction.atomic
def attach(
    *,
    proposal_id: int,
    name: str,
    content: bytes,
    is_confidential: bool,
    actor: Actor | None,
    at: dt.datetime,
) -> ProposalFile:
    """Keep a file with the proposal; its type is told from its first bytes. ``actor`` is ``None`` for a proved visitor."""
    proposal = _writable(proposal_id, actor)
    name = files.safe_name(name)
    found = files.sniffed(content, name)
    if proposal.files.kept().count() >= files.MOST_FILES:
        raise AttachmentRefusedError(
            _("添付は%(limit)d個までです。使わないものを外してから加えてください。")
            % {"limit": files.MOST_FILES}
        )
    person = actor if isinstance(actor, Person) else None
    file = ProposalFile(
        proposal=proposal,
        name=name,
        content_type=found.content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        is_confidential=is_confidential,
        added_by=person,
        added_at=at,
    )
    file.file.save("file", ContentFile(content), save=False)
    file.save()
    flow.record(proposal, "attach", actor=person, at=at, note=str(file))
    return file


def carry(files: Iterable[ProposalFile], *, to: Proposal, at: dt.datetime) -> None:
    """Copies of files beside another proposal: what happens to one does not touch the other."""
    for file in files:
        with file.file.open() as stored:
            content = ContentFile(stored.read())
        copy = ProposalFile(
            proposal=to,
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            sha256=file.sha256,
            added_by=file.added_by,
            added_at=at,
        )
        copy.file.save("file", content, save=False)
        copy.save()


@transaction.atomic
def remove_file(*, file_id: int, actor: Actor | None, at: dt.datetime) -> ProposalFile:
    """Take a file off; from a draft it is gone for good."""
    file = ProposalFile.objects.select_for_update(of=("self",)).select_related("proposal").get(pk=file_id)
    proposal = _writable(file.proposal_id, actor)
    if proposal.stage == ProposalStatus.DRAFT:
        file.delete()
        stored, name = file.file.storage, str(file.file.name)
        transaction.on_commit(lambda: stored.delete(name))
    elif file.removed_at is None:
        file.removed_at = at
        file.save(update_fields=["removed_at"])
    flow.record(proposal, "detach", actor=actor if isinstance(actor, Person) else None, at=at, note=str(file))
    return file


def _writable(proposal_id: int, actor: Actor | None) -> Proposal:
    """A draft is its writer's; after the receipt the proposer adds to it while it is open."""
    proposal = flow.locked(proposal_id)
    if actor is None:
        if not proposal.is_from_visitor or proposal.origin == Origin.ON_BEHALF:
            raise RefusedError(_("この提案は、サインインして書いてください。"))
    else:
        draft = proposal.stage == ProposalStatus.DRAFT
        proposal_access.require(actor, "edit" if draft else "supplement", proposal)
    if not proposal.stage.is_open and proposal.stage != ProposalStatus.DRAFT:
        raise RefusedError(_("この提案は終わっているので、ファイルは変えられません。"))
    return proposal
