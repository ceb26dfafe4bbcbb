"""From what was judged to what is decided: drafted, confirmed, decided by three, followed up, replaced when need be."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.evaluation.access import decision_access, subject_access
from enishi.evaluation.enums import (
    CONTINUED,
    DATED,
    REDUCING,
    DecisionState,
    Direction,
    FollowUpState,
    Place,
)
from enishi.evaluation.errors import OwnWorkError, RefusedError, StageOrderError
from enishi.evaluation.models import FollowUp, ImprovementDecision, Subject
from enishi.evaluation.services.writing import (
    assign,
    changed,
    locked_subject,
    move,
    require_version,
    tell,
    tell_decision,
    write_down,
)
from enishi.foundation import trail

VALUES = (
    "direction",
    "content",
    "budget_relevant",
    "budget_reason",
    "expected_delta_yen",
    "target_fy",
    "merges_into",
    "owner_section",
    "owner",
)


@transaction.atomic
def propose(
    *, subject_id: int, values: Mapping[str, Any], actor: Person, at: dt.datetime
) -> ImprovementDecision:
    """Draft the decision of a sheet whose stages are through."""
    subject = locked_subject(subject_id)
    subject_access.require(actor, "propose", subject)
    if subject.place != Place.DECISION:
        raise StageOrderError(str(subject.get_place_display()))
    if subject.decisions.current().exists():
        raise RefusedError(_("このシートには、もう決定の案があります。"))
    decision = ImprovementDecision(
        subject=subject,
        organization_id=subject.organization_id,
        programme_id=subject.programme_id,
        node_id=subject.node_id,
        proposed_by=actor,
        proposed_at=at,
    )
    _fill(decision, values)
    decision.save()
    write_down(subject, "propose_decision", actor=actor, at=at, row=decision)
    tell(subject)
    return decision


@transaction.atomic
def edit(
    *, decision_id: int, values: Mapping[str, Any], version: int, actor: Person, at: dt.datetime
) -> ImprovementDecision:
    """Rewrite a draft. What was confirmed falls back to a draft: it was another text that was confirmed."""
    decision = _locked(decision_id)
    _refuse_decided(decision)
    decision_access.require(actor, "edit", decision)
    require_version(decision, version)
    before = trail.values(decision)
    _fill(decision, values)
    decision.state = DecisionState.PROPOSED
    decision.proposed_by, decision.proposed_at = actor, at
    decision.confirmed_by = decision.confirmed_at = None
    _save(decision)
    write_down(
        decision.subject, "edit_decision", actor=actor, at=at, changes=changed(before, decision), row=decision
    )
    return decision


def _fill(decision: ImprovementDecision, values: Mapping[str, Any]) -> None:
    assign(decision, values, VALUES)
    wrong = _wrong(decision)
    if wrong:
        raise ValidationError(wrong)


def _wrong(decision: ImprovementDecision) -> dict[str, str]:
    """The rules of a decision in words; the database holds the same ones (E2)."""
    wrong: dict[str, str] = {}
    if not decision.content:
        wrong["content"] = _("何をどう改めるかを書いてください。")
    _wrong_merger(decision, wrong)
    if decision.direction in DATED and not decision.target_fy:
        wrong["target_fy"] = _("「%(direction)s」には、いつの年度からかを書いてください。") % {
            "direction": decision.direction
        }
    elif decision.budget_relevant and not decision.target_fy:
        wrong["target_fy"] = _("予算に関わる決定には、どの年度の予算かを書いてください。")
    if decision.target_fy and decision.target_fy <= decision.subject.cycle.evaluated_fy:
        wrong["target_fy"] = _("反映する年度は、評価する年度より後にしてください。")
    if not decision.budget_relevant and not decision.budget_reason:
        wrong["budget_reason"] = _("予算に関わらない理由を書いてください。")
    _wrong_money(decision, wrong)
    return wrong


def _wrong_merger(decision: ImprovementDecision, wrong: dict[str, str]) -> None:
    if decision.direction != Direction.MERGE:
        decision.merges_into = None
    elif decision.merges_into is None:
        wrong["merges_into"] = _("統合先の事務事業を選んでください。")
    elif decision.merges_into_id == decision.programme_id:
        wrong["merges_into"] = _("統合先には、この事業とは別の事務事業を選んでください。")
    elif decision.merges_into.organization_id != decision.organization_id:
        wrong["merges_into"] = _("統合先は、この団体の事務事業から選んでください。")


def _wrong_money(decision: ImprovementDecision, wrong: dict[str, str]) -> None:
    delta = decision.expected_delta_yen
    if delta is None:
        if decision.budget_relevant and decision.direction not in CONTINUED:
            wrong["expected_delta_yen"] = _(
                "予算の増減の見込みを円で書いてください。減らすときは △1,000,000 のように書きます。"
            )
        return
    if decision.direction == Direction.EXPAND and delta < 0:
        wrong["expected_delta_yen"] = _("拡充なのに減額になっています。方向か金額を直してください。")
    if decision.direction in REDUCING and delta > 0:
        wrong["expected_delta_yen"] = _(
            "%(direction)sなのに増額になっています。方向か金額を直してください。"
        ) % {"direction": decision.direction}


@transaction.atomic
def confirm(*, decision_id: int, actor: Person, at: dt.datetime) -> ImprovementDecision:
    """行革 says that the draft is complete and in order."""
    decision = _locked(decision_id)
    decision_access.require(actor, "confirm", decision)
    if decision.state != DecisionState.PROPOSED:
        raise RefusedError(_("確認できるのは案の段階だけです。"))
    if actor.pk == decision.proposed_by_id:
        raise OwnWorkError
    decision.state = DecisionState.CONFIRMED
    decision.confirmed_by, decision.confirmed_at = actor, at
    _save(decision)
    write_down(decision.subject, "confirm_decision", actor=actor, at=at, row=decision)
    return decision


@transaction.atomic
def decide(*, decision_id: int, actor: Person, at: dt.datetime) -> ImprovementDecision:
    """首長・庁議 decide what somebody else confirmed. From here on it can only be replaced."""
    decision = _locked(decision_id)
    decision_access.require(actor, "decide", decision)
    if decision.state != DecisionState.CONFIRMED:
        raise RefusedError(_("決定できるのは、行革担当が確認した案だけです。"))
    if actor.pk in {decision.confirmed_by_id, decision.proposed_by_id}:
        raise OwnWorkError
    _replace(decision.supersedes_id)
    decision.state = DecisionState.DECIDED
    decision.decided_by, decision.decided_at = actor, at
    _save(decision)
    subject = decision.subject
    if subject.place == Place.DECISION:
        move(subject, Place.DECIDED, at)
    write_down(subject, "decide", actor=actor, at=at, row=decision)
    tell(subject)
    tell_decision(decision)
    return decision


@transaction.atomic
def supersede(
    *, decision_id: int, values: Mapping[str, Any], reason: str, actor: Person, at: dt.datetime
) -> ImprovementDecision:
    """Draft another decision in place of a decided one, which stands until the new one is decided."""
    old = _locked(decision_id)
    decision_access.require(actor, "supersede", old)
    if old.state != DecisionState.DECIDED:
        raise RefusedError(_("改められるのは決定したものだけです。案はそのまま書き直せます。"))
    if old.subject.decisions.drafted().exists():
        raise RefusedError(_("この決定を改める案が、もうあります。その案を書き直してください。"))
    if not reason.strip():
        raise ValidationError({"superseding_reason": _("決定を改める理由を書いてください。")})
    new = ImprovementDecision(
        subject=old.subject,
        organization_id=old.organization_id,
        programme_id=old.programme_id,
        node_id=old.node_id,
        proposed_by=actor,
        proposed_at=at,
        supersedes=old,
    )
    assign(new, {"superseding_reason": reason}, ["superseding_reason"])
    _fill(new, values)
    new.save()
    move(new.subject, Place.DECISION, at)
    write_down(new.subject, "supersede_decision", actor=actor, at=at, row=new, note=reason[:300])
    tell(new.subject)
    return new


def _replace(old_id: int | None) -> None:
    """What is decided now takes the place of what stood till now; the old one stays readable."""
    if old_id is None:
        return
    old = _locked(old_id)
    old.state = DecisionState.SUPERSEDED
    _save(old)
    tell_decision(old)


def _locked(decision_id: int) -> ImprovementDecision:
    rows = ImprovementDecision.objects.select_for_update(of=("self",))
    return rows.select_related("subject__cycle").get(pk=decision_id)


def _refuse_decided(decision: ImprovementDecision) -> None:
    if decision.state in {DecisionState.DECIDED, DecisionState.SUPERSEDED}:
        raise RefusedError(
            _("決定したものは書き換えられません。改めるときは「決定を改める」を使ってください。")
        )


def _save(decision: ImprovementDecision) -> None:
    decision.version += 1
    decision.save()


# --- Following up -------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_follow_up(
    *, decision_id: int, what: str, due_on: dt.date, owner: Person | None, actor: Person, at: dt.datetime
) -> FollowUp:
    """One thing to be done because of the decision."""
    decision = _locked(decision_id)
    decision_access.require(actor, "follow_up", decision)
    if decision.state != DecisionState.DECIDED:
        raise RefusedError(_("フォローを付けられるのは、決定したものだけです。"))
    row = FollowUp(decision=decision, due_on=due_on, owner=owner, made_at=at)
    assign(row, {"what": what}, ["what"])
    if not row.what:
        raise ValidationError({"what": _("することを書いてください。")})
    row.save()
    write_down(
        decision.subject, "add_follow_up", actor=actor, at=at, changes={"what": ("", row.what)}, row=row
    )
    return row


@transaction.atomic
def end_follow_up(
    *, follow_up_id: int, state: str, evidence: str, on: dt.date, actor: Person, at: dt.datetime
) -> FollowUp:
    """Done, or dropped: with what shows it, or why."""
    row = (
        FollowUp.objects.select_for_update(of=("self",))
        .select_related("decision__subject__cycle")
        .get(pk=follow_up_id)
    )
    decision_access.require(actor, "follow_up", row.decision)
    if row.state != FollowUpState.OPEN:
        raise RefusedError(_("このフォローは、もう終わっています。"))
    if state not in {FollowUpState.DONE, FollowUpState.DROPPED}:
        raise ValidationError({"state": _("「完了」か「取りやめ」を選んでください。")})
    row.state, row.ended_by, row.ended_on = state, actor, on
    assign(row, {"evidence": evidence}, ["evidence"])
    if not row.evidence:
        raise ValidationError(
            {"evidence": _("したことと、それが分かる資料を書いてください。取りやめたときはその理由を。")}
        )
    row.save()
    write_down(
        row.decision.subject,
        "end_follow_up",
        actor=actor,
        at=at,
        changes={"state": (FollowUpState.OPEN.value, state), "evidence": ("", row.evidence)},
        row=row,
    )
    return row


def draft_values(subject: Subject) -> dict[str, Any]:
    """What the decision form begins with: the words of the last stage that spoke, the year and the section of the cycle."""
    stages = {each.stage: each for each in subject.evaluations.all()}
    spoken = [stages[stage] for stage in ("external", "second", "first") if stage in stages]
    if not spoken:
        return {}
    last, first = spoken[0], stages["first"]
    content = next((each.improvement for each in spoken if each.improvement), last.comment)
    amounts = [each.expected_delta_yen for each in spoken if each.direction == last.direction]
    delta = next((yen for yen in amounts if yen is not None), None)
    return {
        "direction": last.direction,
        "content": content,
        "budget_relevant": last.direction not in CONTINUED,
        "expected_delta_yen": delta,
        "target_fy": subject.cycle.decision_fy,
        "merges_into": last.merges_into or first.merges_into,
        "owner_section": subject.section,
        "owner": subject.officer,
    }
