"""Recording what the budget made of a decision, and approving it. Amounts are read from the budget, never typed."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.evaluation.enums import DecisionState
from enishi.evaluation.models_decisions import ImprovementDecision
from enishi.evaluation.reflection import selectors
from enishi.evaluation.reflection.access import reflection_access
from enishi.evaluation.reflection.comparing import Comparison, refusal
from enishi.evaluation.reflection.enums import ReflectionStatus, Side
from enishi.evaluation.reflection.models import Reflection, ReflectionEvidence
from enishi.evaluation.reflection.selectors import Moment
from enishi.foundation import trail
from enishi.foundation.forms import clean_text
from enishi.foundation.refusals import RefusedError, StaleVersionError


@dataclass(frozen=True)
class Said:
    """What a person says of one decision at one stage."""

    status: str
    reason: str = ""


@transaction.atomic
def record_reflection(
    *,
    decision_id: int,
    moment: Moment,
    said: Said,
    actor: Person,
    at: dt.datetime,
    version: int | None = None,
) -> Reflection:
    """Write the row of a decision at a stage, with the codes and entries behind it. Writing again asks for approval again."""
    decision = ImprovementDecision.objects.select_for_update().get(pk=decision_id)
    _require(actor, "record", decision.organization_id)
    comparison = selectors.comparisons([decision], moment)[decision.pk]
    return _written(decision, moment, said, comparison, actor, at, version)


@transaction.atomic
def record_many(*, house: int, moment: Moment, said: dict[int, Said], actor: Person, at: dt.datetime) -> int:
    """All of a filled-in table, or nothing of it."""
    _require(actor, "record", house)
    rows = list(
        ImprovementDecision.objects.select_for_update(of=("self",))
        .filter(pk__in=said, organization_id=house)
        .order_by("pk")
    )
    found = selectors.comparisons(rows, moment)
    for row in rows:
        _written(row, moment, said[row.pk], found[row.pk], actor, at, None)
    return len(rows)


def _written(
    decision: ImprovementDecision,
    moment: Moment,
    said: Said,
    comparison: Comparison,
    actor: Person,
    at: dt.datetime,
    version: int | None,
) -> Reflection:
    _require_sense(decision, moment, said, comparison)
    place = {"fiscal_year": moment.fiscal_year, "stage": moment.stage, "round_no": moment.round_no}
    row = Reflection.objects.select_for_update().filter(decision=decision, **place).first()
    if row is not None and version is not None and row.version != version:
        raise StaleVersionError(opened=version, current=row.version)
    before = trail.values(row) if row else {}
    row = row or Reflection(decision=decision, organization_id=decision.organization_id, version=0, **place)
    row.direction = decision.direction
    row.before_yen, row.after_yen = comparison.before_yen, comparison.after_yen
    row.delta_yen = comparison.delta_yen
    row.status, row.reason = said.status, clean_text(said.reason, lines=True).strip()[:1_000]
    row.version += 1
    row.recorded_by, row.recorded_at = actor, at
    row.approved_by = row.approved_at = None
    row.save()
    _keep_evidence(row, moment, comparison)
    changes = trail.differences(before, trail.values(row)) if before else {}
    _note(row, "record_reflection", actor, at, changes)
    return row


def _require_sense(decision: ImprovementDecision, moment: Moment, said: Said, comparison: Comparison) -> None:
    if decision.state != DecisionState.DECIDED or not decision.budget_relevant or decision.is_continued:
        raise RefusedError(_("反映を記録するのは、決定済みで予算に関わる決定です(継続は除きます)。"))
    if decision.target_fy is not None and moment.fiscal_year < decision.target_fy:
        raise RefusedError(
            _("この決定は%(year)sの予算に表すものです。それより前の年度には記録しません。")
            % {"year": decision.target_year}
        )
    if said.status not in ReflectionStatus.values:
        raise RefusedError(_("反映の状況を選んでください。"))
    counted = said.status in (ReflectionStatus.FULL, ReflectionStatus.PARTIAL)
    if counted and comparison.problem:
        raise RefusedError(
            _("「%(status)s」と記録するには、予算の前後が比べられることが要ります。%(problem)s")
            % {"status": said.status, "problem": comparison.problem}
        )
    sentence = refusal(
        direction=decision.direction,
        status=said.status,
        delta_yen=comparison.delta_yen,
        after_yen=comparison.after_yen,
        reason=said.reason.strip(),
    )
    if sentence:
        raise RefusedError(sentence)


def _keep_evidence(row: Reflection, moment: Moment, comparison: Comparison) -> None:
    """The codes of both sides and the entries they sum, so that one walks from the decision to the yen and back."""
    row.evidence.all().delete()
    if comparison.problem:
        return
    for side, lines, until in (
        (Side.BEFORE, comparison.before, _moment_before(moment)),
        (Side.AFTER, comparison.after, moment),
    ):
        entries = selectors.entries_behind([line.code.pk for line in lines], until)
        for line in lines:
            made = ReflectionEvidence.objects.create(
                reflection=row,
                side=side,
                code_id=line.code.pk,
                share_yen=line.share_yen,
                code_yen=line.code.total_yen,
                note=line.note,
            )
            made.entries.set(entries.get(line.code.pk, []))


def _moment_before(moment: Moment) -> Moment:
    if not moment.is_supplement:
        return moment
    return Moment(moment.fiscal_year, moment.stage, moment.round_no - 1)


@transaction.atomic
def approve(*, reflection_ids: Sequence[int], actor: Person, at: dt.datetime) -> int:
    """Approve rows that somebody else recorded (R3). One's own among them are refused, and none is approved."""
    rows = list(
        Reflection.objects.select_for_update(of=("self",))
        .filter(pk__in=reflection_ids, approved_at__isnull=True)
        .select_related("decision__subject")
        .order_by("pk")
    )
    for row in rows:
        _require(actor, "approve", row.organization_id)
        if row.recorded_by_id == actor.pk:
            raise RefusedError(
                _("自分が記録した反映を、自分で承認することはできません。財政のほかの人に頼んでください。")
            )
        row.approved_by, row.approved_at = actor, at
        row.version += 1
        row.save(update_fields=["approved_by", "approved_at", "version"])
        _note(row, "approve_reflection", actor, at, {})
    return len(rows)


def _require(actor: Person, action: str, house: int) -> None:
    if not reflection_access.allows(actor, action, house):
        raise PermissionDenied(
            _("予算への反映を記録・承認できるのは、財政の課の人です。設定は企画の人に頼んでください。")
        )


def _note(
    row: Reflection, action: str, actor: Person, at: dt.datetime, changes: dict[str, tuple[object, object]]
) -> None:
    trail.record(
        trail.Act(
            actor,
            action,
            row,
            at,
            organization_id=row.organization_id,
            changes=changes,
            note=f"{row.decision.subject.title} {row.year_in_words} {row.stage_in_words}: {row.status}",
        )
    )
