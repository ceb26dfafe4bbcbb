"""Everything that writes checklists, their versions, what they found and what people decided."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import sentences
from enishi.foundation.forms import clean_text
from enishi.knowledge.checks.access import batch_access, checklist_access, run_access
from enishi.knowledge.checks.enums import Decision, Verdict
from enishi.knowledge.checks.rules import Form, Rule, evaluate
from enishi.knowledge.models import CheckBatch, Checklist, ChecklistVersion, CheckRun
from enishi.knowledge.staff import keeping
from enishi.knowledge.staff.errors import RefusedError
from enishi.organizations.enums import Visibility
from enishi.organizations.models import Organization

MOST_RULES = 60
LONGEST_VALUE = 2_000


@transaction.atomic
def create_checklist(
    *,
    organization: Organization,
    title: str,
    purpose: str,
    section_id: int | None,
    visibility: str,
    actor: Person,
    at: dt.datetime,
    is_demo: bool = False,
) -> Checklist:
    checklist = Checklist(
        organization=organization,
        title=title,
        purpose=purpose,
        section_id=section_id,
        visibility=visibility,
        is_demo=is_demo,
    )
    keeping.begin(checklist, access=checklist_access, actor=actor, at=at)
    return checklist


@transaction.atomic
def edit_checklist(
    *,
    checklist_id: int,
    title: str,
    purpose: str,
    section_id: int | None,
    visibility: str,
    is_active: bool,
    version: int,
    actor: Person,
    at: dt.datetime,
) -> Checklist:
    checklist, before = keeping.open_for_change(
        Checklist, checklist_id, access=checklist_access, actor=actor, version=version
    )
    checklist.title, checklist.purpose, checklist.is_active = title, purpose, is_active
    checklist.section_id, checklist.visibility = section_id, visibility
    keeping.save(checklist, "edit", before, actor=actor, at=at)
    return checklist


@transaction.atomic
def write_rules(
    *,
    checklist_id: int,
    rules: Sequence[Rule],
    note: str,
    version: int | None,
    actor: Person,
    at: dt.datetime,
) -> ChecklistVersion:
    """Write the rules as a new version; what was checked before keeps the version it was checked with."""
    checklist, before = keeping.open_for_change(
        Checklist, checklist_id, access=checklist_access, actor=actor, version=version
    )
    if not rules:
        raise RefusedError(_("決まりを一つは書いてください。"))
    if len(rules) > MOST_RULES:
        raise RefusedError(_("決まりは%(limit)d個までです。点検表を分けてください。") % {"limit": MOST_RULES})
    latest = checklist.versions.first()
    stored = [rule.stored() for rule in rules]
    if latest is not None and latest.rules == stored:
        return latest
    made = ChecklistVersion.objects.create(
        checklist=checklist,
        number=latest.number + 1 if latest else 1,
        rules=stored,
        note=clean_text(note).strip()[:300],
        made_by=actor,
        made_at=at,
    )
    keeping.save(checklist, "write_rules", before, actor=actor, at=at, note=str(made))
    return made


@transaction.atomic
def delete_checklist(*, checklist_id: int, actor: Person, at: dt.datetime) -> Checklist:
    return keeping.throw_away(Checklist, checklist_id, access=checklist_access, actor=actor, at=at)


@transaction.atomic
def restore_checklist(*, checklist_id: int, actor: Person, at: dt.datetime) -> Checklist:
    return keeping.bring_back(Checklist, checklist_id, access=checklist_access, actor=actor, at=at)


@transaction.atomic
def check(
    *,
    version: ChecklistVersion,
    title: str,
    form: Form,
    filename: str = "",
    batch: CheckBatch | None = None,
    actor: Person,
    at: dt.datetime,
    is_demo: bool = False,
) -> CheckRun:
    """Hold a form against the checklist and keep what was found. The file itself is not kept."""
    checklist = version.checklist
    if not checklist_access.allows(actor, "view", checklist):
        raise RefusedError(_("この点検表は使えません。担当課に頼んでください。"))
    rules = [Rule.read(stored) for stored in version.rules]
    findings = evaluate(rules, form)
    verdicts = [finding.verdict for finding in findings]
    run = CheckRun(
        organization=checklist.organization,
        section=checklist.section,
        visibility=Visibility.SECTION
        if checklist.section_id and checklist.visibility == Visibility.SECTION
        else Visibility.INTERNAL,
        version_used=version,
        batch=batch,
        title=clean_text(title).strip()[:150] or _("名前のない申請"),
        filename=filename[:150],
        attachments=[name[:150] for name in form.attachments[:50]],
        values={
            name: _kept({"text": value.text[:LONGEST_VALUE], "place": value.place}, "place")
            for name, value in form.values.items()
        },
        findings=[_kept(finding.__dict__, "reason", "place") for finding in findings],
        met=verdicts.count(Verdict.MET.value),
        not_met=verdicts.count(Verdict.NOT_MET.value),
        unread=verdicts.count(Verdict.UNREAD.value),
        is_demo=is_demo,
    )
    keeping.begin(run, access=run_access, actor=actor, at=at)
    return run


def _kept(told: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """What was found, with the sentences of ours in every language the site speaks: whoever reads it later may speak another."""
    said = sentences.in_other_languages(**{name: told[name] for name in names})
    return {**told, **{name: sentences.in_source(told[name]) for name in names}, "said": said}


@transaction.atomic
def decide(*, run_id: int, decision: Decision, note: str, actor: Person, at: dt.datetime) -> CheckRun:
    """What a person decided. To turn down or to ask for more needs a reason the applicant can be told."""
    run, before = keeping.open_for_change(CheckRun, run_id, access=run_access, actor=actor)
    note = clean_text(note, lines=True).strip()[:500]
    if decision in {Decision.ASKED, Decision.DECLINED} and not note:
        raise RefusedError(_("理由を書いてください。申請した人に伝えるときのもとになります。"))
    run.decision, run.decision_note = decision.value, note
    run.decided_by = actor if decision != Decision.NONE else None
    run.decided_at = at if decision != Decision.NONE else None
    keeping.save(run, "decide_check", before, actor=actor, at=at)
    return run


@transaction.atomic
def delete_run(*, run_id: int, actor: Person, at: dt.datetime) -> CheckRun:
    return keeping.throw_away(CheckRun, run_id, access=run_access, actor=actor, at=at)


@transaction.atomic
def restore_run(*, run_id: int, actor: Person, at: dt.datetime) -> CheckRun:
    return keeping.bring_back(CheckRun, run_id, access=run_access, actor=actor, at=at)


@transaction.atomic
def delete_batch(*, batch_id: int, actor: Person, at: dt.datetime) -> CheckBatch:
    return keeping.throw_away(CheckBatch, batch_id, access=batch_access, actor=actor, at=at)


@transaction.atomic
def restore_batch(*, batch_id: int, actor: Person, at: dt.datetime) -> CheckBatch:
    return keeping.bring_back(CheckBatch, batch_id, access=batch_access, actor=actor, at=at)


def latest_version(checklist: Checklist) -> Any:
    """The version in use, or ``None`` before the first rules."""
    return checklist.versions.first()
