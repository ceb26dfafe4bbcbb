"""Writing scenarios, working them out, adjusting them by hand with a reason, and recording the choice."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.evaluation.envelopes.access import envelope_access
from enishi.evaluation.envelopes.gathering import grounds, unit_costs
from enishi.evaluation.envelopes.models import EnvelopeRow, EnvelopeScenario, ScenarioState
from enishi.evaluation.envelopes.sharing import STANDARD_POINTS, Measure, share
from enishi.foundation import sentences, trail
from enishi.foundation.forms import clean_text
from enishi.foundation.refusals import RefusedError, StaleVersionError
from enishi.organizations.models import Organization

WRITABLE = (
    "title",
    "fiscal_year",
    "plan_version",
    "depth",
    "base_fy",
    "base_stage",
    "outcome_fy",
    "growth_bp",
    "pool_bp",
)
MOST_POINTS = 100


@transaction.atomic
def write_scenario(
    *,
    values: Mapping[str, Any],
    points: Mapping[str, int],
    actor: Person,
    at: dt.datetime,
    organization: Organization | None = None,
    scenario_id: int | None = None,
    version: int = 0,
    is_demo: bool = False,
) -> EnvelopeScenario:
    """Write a scenario and work it out at once. What was decided on is not rewritten."""
    if scenario_id is None:
        assert organization is not None
        row = EnvelopeScenario(organization=organization, created_at=at, version=0, is_demo=is_demo)
        _require(actor, "create", organization.pk)
    else:
        row = _locked(scenario_id)
        _require(actor, "edit", row)
        if row.version != version:
            raise StaleVersionError(opened=version, current=row.version)
        _require_draft(row)
    before = trail.values(row) if row.pk else {}
    for name in WRITABLE:
        if name in values:
            setattr(row, name, values[name])
    row.title = clean_text(row.title).strip()[:120]
    row.points = {status: int(points.get(status, worth)) for status, worth in STANDARD_POINTS.items()}
    _require_sense(row)
    row.version += 1
    row.updated_at, row.updated_by = at, actor
    row.save()
    _work_out(row, at)
    _note(row, "edit" if before else "create", actor, at, before)
    return row


def _require_sense(row: EnvelopeScenario) -> None:
    if row.base_fy >= row.fiscal_year or row.outcome_fy >= row.fiscal_year:
        raise RefusedError(_("もとにする年度と成果を見る年度は、予算の年度より前にしてください。"))
    if not 0 <= row.pool_bp <= 10_000 or not -10_000 <= row.growth_bp <= 10_000:
        raise RefusedError(_("割合は100%までで書いてください。"))
    if any(not 0 <= worth <= MOST_POINTS for worth in row.points.values()):
        raise RefusedError(_("状況ごとの重みは0から100までの整数で書いてください。"))
    if row.plan_version.plan.organization_id != row.organization_id:
        raise RefusedError(_("この団体の計画から選んでください。"))


def _work_out(row: EnvelopeScenario, at: dt.datetime) -> None:
    """Compute every row anew; what was added by hand stays with its reason."""
    found = grounds(row)
    if not found:
        raise RefusedError(_("選んだ計画に、その階層の枝がありません。階層を確かめてください。"))
    if not any(ground.base_yen for ground in found):
        raise RefusedError(
            _(
                "もとにする年度・段階の予算が、この計画の事業に一円も配賦されていません。年度と段階を確かめてください。"
            )
        )
    by_hand = {each.node_id: (each.adjust_yen, each.adjust_reason) for each in row.rows.exclude(adjust_yen=0)}
    shares = share(
        [Measure(ground.node.pk, ground.base_yen, ground.standings) for ground in found],
        growth_bp=row.growth_bp,
        pool_bp=row.pool_bp,
        points=row.points,
    )
    row.rows.all().delete()
    EnvelopeRow.objects.bulk_create(
        EnvelopeRow(
            scenario=row,
            node=ground.node,
            order=order,
            base_yen=each.base_yen,
            grown_yen=each.grown_yen,
            kept_yen=each.kept_yen,
            outcome_yen=each.outcome_yen,
            adjust_yen=by_hand.get(ground.node.pk, (0, ""))[0],
            adjust_reason=by_hand.get(ground.node.pk, (0, ""))[1],
            total_yen=each.total_yen + by_hand.get(ground.node.pk, (0, ""))[0],
            standings=dict(ground.standings),
            unit_costs=unit_costs(ground),
            explanation=sentences.in_source(each.explanation),
            said=sentences.in_other_languages(explanation=each.explanation),
        )
        for order, (ground, each) in enumerate(zip(found, shares, strict=True))
    )
    row.computed_at = at
    row.save(update_fields=["computed_at"])


@transaction.atomic
def adjust(*, row_id: int, adjust_yen: int, reason: str, actor: Person, at: dt.datetime) -> EnvelopeRow:
    """Add or take yen by hand, with the reason for it."""
    line = EnvelopeRow.objects.select_for_update().get(pk=row_id)
    scenario = _locked(line.scenario_id)
    _require(actor, "edit", scenario)
    _require_draft(scenario)
    said = clean_text(reason).strip()[:300]
    if adjust_yen and not said:
        raise RefusedError(_("手で加えるときは、理由を書いてください。"))
    total = line.kept_yen + line.outcome_yen + adjust_yen
    if total < 0:
        raise RefusedError(_("枠がマイナスになります。減らす額を小さくしてください。"))
    before = {"adjust_yen": line.adjust_yen, "adjust_reason": line.adjust_reason}
    line.adjust_yen, line.adjust_reason, line.total_yen = adjust_yen, said if adjust_yen else "", total
    line.save(update_fields=["adjust_yen", "adjust_reason", "total_yen"])
    after = {"adjust_yen": line.adjust_yen, "adjust_reason": line.adjust_reason}
    trail.record(
        trail.Act(
            actor,
            "adjust",
            scenario,
            at,
            organization_id=scenario.organization_id,
            changes=trail.differences(before, after),
            note=str(line.node),
        )
    )
    return line


@transaction.atomic
def choose(*, scenario_id: int, reason: str, actor: Person, at: dt.datetime) -> EnvelopeScenario:
    """Record which scenario was chosen and why; the year's others are set aside."""
    row = _locked(scenario_id)
    _require(actor, "choose", row)
    _require_draft(row)
    said = clean_text(reason, lines=True).strip()[:2_000]
    if not said:
        raise RefusedError(_("採用する理由を書いてください。"))
    others = EnvelopeScenario.objects.select_for_update().filter(
        organization_id=row.organization_id,
        fiscal_year=row.fiscal_year,
        state=ScenarioState.DRAFT,
        deleted_at__isnull=True,
    )
    if EnvelopeScenario.objects.filter(
        organization_id=row.organization_id,
        fiscal_year=row.fiscal_year,
        state=ScenarioState.CHOSEN,
        deleted_at__isnull=True,
    ).exists():
        raise RefusedError(_("この年度の枠配分は、もう決まっています。"))
    for other in others.exclude(pk=row.pk):
        words = _("「%(title)s」を採用したため。") % {"title": row.title}
        _decided(other, ScenarioState.SET_ASIDE, words, actor, at)
    return _decided(row, ScenarioState.CHOSEN, said, actor, at)


def _decided(
    row: EnvelopeScenario, state: ScenarioState, reason: str, actor: Person, at: dt.datetime
) -> EnvelopeScenario:
    before = trail.values(row)
    row.state, row.chosen_by, row.chosen_at, row.chosen_reason = state, actor, at, reason
    row.version += 1
    row.updated_at, row.updated_by = at, actor
    row.save()
    _note(row, "choose" if state is ScenarioState.CHOSEN else "set_aside", actor, at, before)
    return row


def _locked(scenario_id: int) -> EnvelopeScenario:
    rows = EnvelopeScenario.objects.select_for_update(of=("self",)).select_related("plan_version__plan")
    return rows.get(pk=scenario_id, deleted_at__isnull=True)


def _require_draft(row: EnvelopeScenario) -> None:
    if not row.is_draft:
        raise RefusedError(_("決まった枠配分の案は書き換えられません。新しい案を作ってください。"))


def _require(actor: Person, action: str, instance: Any) -> None:
    if envelope_access.allows(actor, action, instance):
        return
    if action == "choose":
        raise PermissionDenied(_("枠配分を決められるのは、首長・庁議の人です。"))
    raise PermissionDenied(_("枠配分の案を書けるのは、財政か企画の課の人です。"))


def _note(row: EnvelopeScenario, action: str, actor: Person, at: dt.datetime, before: dict[str, Any]) -> None:
    changes = trail.differences(before, trail.values(row)) if before else {}
    trail.record(
        trail.Act(
            actor, action, row, at, organization_id=row.organization_id, changes=changes, note=row.title
        )
    )
