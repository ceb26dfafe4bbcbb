"""Everything that writes scorings."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.foundation.sentences import gettext as _
from enishi.organizations.models import Organization
from enishi.plans import owned
from enishi.plans.errors import PlanError
from enishi.plans.models import MeasureScore, ScoredMeasure, Scorer, ScoringCriterion, ScoringRound
from enishi.plans.owned import assign, saved, told
from enishi.plans.priorities import selectors
from enishi.plans.priorities.access import scoring_access
from enishi.plans.priorities.enums import HIGHEST, LOWEST, USUAL_CRITERIA, RoundState

FIELDS = ("title", "purpose", "plan", "due_on", "section", "visibility")
MOST_MEASURES, MOST_CRITERIA, MOST_SCORERS = 120, 12, 40


@transaction.atomic
def create_round(
    *,
    organization: Organization,
    values: Mapping[str, Any],
    actor: Person,
    at: dt.datetime,
    is_demo: bool = False,
) -> ScoringRound:
    """A round with the five usual criteria, equally weighted until somebody agrees on weights."""
    scoring_access.require(actor, "create", organization)  # type: ignore[arg-type]
    row = ScoringRound(
        organization=organization,
        created_by=actor,
        created_at=at,
        updated_at=at,
        updated_by=actor,
        is_demo=is_demo,
    )
    assign(row, values, FIELDS)
    _check(row)
    row.save()
    ScoringCriterion.objects.bulk_create(
        ScoringCriterion(round=row, order=order, label=str(label), explanation=str(explanation))
        for order, (label, explanation) in enumerate(USUAL_CRITERIA, start=1)
    )
    told(row, "create", actor=actor, at=at)
    return row


def _check(row: ScoringRound) -> None:
    if not row.title:
        raise PlanError(_("名称を書いてください。例: 令和9年度 重点施策の採点"))
    if row.plan is not None and row.plan.organization_id != row.organization_id:
        raise PlanError(_("この団体の計画から選んでください。"))


@transaction.atomic
def edit_round(
    *, round_id: int, values: Mapping[str, Any], version: int | None, actor: Person, at: dt.datetime
) -> ScoringRound:
    row = owned.locked(scoring_access, round_id, "edit", actor, version=version)
    _refuse_closed(row)
    before = trail.values(row)
    assign(row, values, FIELDS)
    _check(row)
    saved(row, actor=actor, at=at)
    told(row, "edit", actor=actor, at=at, before=before)
    return row


def _refuse_closed(row: ScoringRound) -> None:
    if row.state == RoundState.CLOSED:
        raise PlanError(_("締め切った採点は変えられません。やり直すときは新しい採点を作ってください。"))


def _preparing(round_id: int, actor: Person) -> ScoringRound:
    row = owned.locked(scoring_access, round_id, "edit", actor)
    if row.state != RoundState.DRAFT:
        raise PlanError(_("採点が始まってからは、観点・施策・採点する人を変えられません。"))
    return row


@transaction.atomic
def set_criteria(
    *, round_id: int, rows: Sequence[tuple[str, str, int]], actor: Person, at: dt.datetime
) -> ScoringRound:
    """Label, explanation and weight, in order; what was there goes."""
    row = _preparing(round_id, actor)
    wanted = [(label.strip(), words.strip(), weight) for label, words, weight in rows if label.strip()]
    labels = [label for label, _words, _weight in wanted]
    if not wanted or len(wanted) > MOST_CRITERIA:
        raise PlanError(_("観点は1つから%(most)dまでで書いてください。") % {"most": MOST_CRITERIA})
    if len(set(labels)) != len(labels):
        raise PlanError(_("同じ名前の観点が二つあります。違う名前にしてください。"))
    if not any(weight for _label, _words, weight in wanted):
        raise PlanError(_("重みがすべて0です。少なくとも一つは1以上にしてください。"))
    row.criteria.all().delete()
    ScoringCriterion.objects.bulk_create(
        ScoringCriterion(round=row, order=order, label=label, explanation=words[:300], weight=weight)
        for order, (label, words, weight) in enumerate(wanted, start=1)
    )
    saved(row, actor=actor, at=at)
    told(
        row,
        "set_criteria",
        actor=actor,
        at=at,
        note="・".join(f"{label} {weight}" for label, _w, weight in wanted),
    )
    return row


@transaction.atomic
def set_measures(
    *, round_id: int, rows: Sequence[tuple[str, str, str | None]], actor: Person, at: dt.datetime
) -> ScoringRound:
    """Title, note and the identity of the branch, if it is one."""
    row = _preparing(round_id, actor)
    wanted: dict[str, tuple[str, str | None]] = {}
    for title, note, identity in rows:
        if title.strip():
            wanted.setdefault(title.strip()[:200], (note.strip()[:500], identity))
    if len(wanted) < 2 or len(wanted) > MOST_MEASURES:
        raise PlanError(
            _("採点する施策は2つから%(most)dまでにしてください。いまは%(count)dです。")
            % {"most": MOST_MEASURES, "count": len(wanted)}
        )
    row.measures.all().delete()
    ScoredMeasure.objects.bulk_create(
        ScoredMeasure(round=row, order=order, title=title, note=note, identity_id=identity)
        for order, (title, (note, identity)) in enumerate(wanted.items(), start=1)
    )
    saved(row, actor=actor, at=at)
    told(row, "set_measures", actor=actor, at=at, note=_("%(count)d件") % {"count": len(wanted)})
    return row


@transaction.atomic
def set_scorers(*, round_id: int, people: Sequence[Person], actor: Person, at: dt.datetime) -> ScoringRound:
    row = _preparing(round_id, actor)
    if len(people) > MOST_SCORERS:
        raise PlanError(_("採点する人は%(most)d人までです。") % {"most": MOST_SCORERS})
    row.scorers.all().delete()
    Scorer.objects.bulk_create(Scorer(round=row, person=person) for person in people)
    saved(row, actor=actor, at=at)
    told(row, "set_scorers", actor=actor, at=at, note="、".join(str(person) for person in people))
    return row


@transaction.atomic
def open_round(*, round_id: int, actor: Person, at: dt.datetime) -> ScoringRound:
    row = _preparing(round_id, actor)
    missing = [
        words
        for words, there in (
            (_("採点する施策(2つ以上)"), row.measures.count() >= 2),
            (_("採点する人"), row.scorers.exists()),
            (_("観点"), row.criteria.exists()),
        )
        if not there
    ]
    if missing:
        raise PlanError(
            _("まだ始められません。足りないもの: %(missing)s") % {"missing": _("、").join(missing)}
        )
    row.state, row.opened_at = RoundState.OPEN, at
    saved(row, actor=actor, at=at)
    told(row, "open", actor=actor, at=at)
    return row


@transaction.atomic
def save_scores(
    *,
    round_id: int,
    points: Mapping[tuple[int, int], int | None],
    reasons: Mapping[tuple[int, int], str],
    actor: Person,
    at: dt.datetime,
    submit: bool = False,
) -> Scorer:
    """What one scorer gives, by measure and criterion. Handed in, it is whole and stays."""
    row = owned.locked(scoring_access, round_id, "score", actor)
    scorer = Scorer.objects.select_for_update(of=("self",)).get(round=row, person=actor)
    if scorer.submitted_at is not None:
        raise PlanError(_("もう提出しています。提出した点は変えられません。"))
    measures = {each.pk: each for each in row.measures.all()}
    criteria = {each.pk: each for each in row.criteria.all()}
    wanted = {
        key: value
        for key, value in points.items()
        if value is not None and key[0] in measures and key[1] in criteria
    }
    if any(not LOWEST <= value <= HIGHEST for value in wanted.values()):
        raise PlanError(_("点は%(low)dから%(high)dまでです。") % {"low": LOWEST, "high": HIGHEST})
    lacking = [(m, c) for m in measures for c in criteria if (m, c) not in wanted]
    if submit and lacking:
        first = lacking[0]
        raise PlanError(
            _(
                "まだ点のないところが%(count)dか所あります。例: 「%(measure)s」の「%(criterion)s」。書きかけは保存されています。"
            )
            % {
                "count": len(lacking),
                "measure": measures[first[0]].title,
                "criterion": criteria[first[1]].label,
            }
        )
    scorer.scores.all().delete()
    MeasureScore.objects.bulk_create(
        MeasureScore(
            scorer=scorer,
            measure_id=key[0],
            criterion_id=key[1],
            points=value,
            reason=reasons.get(key, "").strip()[:300],
        )
        for key, value in wanted.items()
    )
    if submit:
        scorer.submitted_at = at
        scorer.save(update_fields=["submitted_at"])
        told(row, "submit_scores", actor=actor, at=at)
    return scorer


@transaction.atomic
def close_round(*, round_id: int, conclusion: str, actor: Person, at: dt.datetime) -> ScoringRound:
    """Keep the ranking as it is now, with its weights: later looks at other weights change nothing in it."""
    row = owned.locked(scoring_access, round_id, "close", actor)
    if row.state != RoundState.OPEN:
        raise PlanError(_("採点中のものだけを締め切れます。"))
    if not row.scorers.filter(submitted_at__isnull=False).exists():
        raise PlanError(_("まだだれも提出していません。一人以上が提出してから締め切ってください。"))
    row.state, row.closed_at, row.conclusion = RoundState.CLOSED, at, conclusion.strip()[:2_000]
    row.result = selectors.frozen_result(row)
    saved(row, actor=actor, at=at)
    told(row, "close", actor=actor, at=at, note=row.conclusion[:200])
    return row


@transaction.atomic
def delete_round(*, round_id: int, actor: Person, at: dt.datetime) -> ScoringRound:
    row = owned.locked(scoring_access, round_id, "delete", actor)
    if row.state == RoundState.CLOSED:
        raise PlanError(_("締め切った採点は記録として残します。消せません。"))
    return owned.discard(scoring_access, round_id, actor=actor, at=at)


def restore_round(*, round_id: int, actor: Person, at: dt.datetime) -> ScoringRound:
    return owned.restore(scoring_access, round_id, actor=actor, at=at)
