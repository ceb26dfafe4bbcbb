"""Questions about reviews. Nothing here writes."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.evaluation.access import fills, staffed_ids, subject_access
from enishi.evaluation.enums import (
    CycleState,
    DecisionState,
    EvaluationState,
    FollowUpState,
    Judgement,
    Place,
    Stage,
    Trigger,
)
from enishi.evaluation.facts.freezing import living_facts
from enishi.evaluation.facts.shapes import filled_and_blank
from enishi.evaluation.models import (
    Evaluation,
    EvaluationCycle,
    FollowUp,
    ImprovementDecision,
    Subject,
)
from enishi.evaluation.papers.composing import Sheet
from enishi.evaluation.reflection.models import Reflection
from enishi.evaluation.services.sheets import judged_criteria
from enishi.foundation.access import Actor
from enishi.foundation.money import yen_in_words
from enishi.indicators.offices import Office, acts_as
from enishi.organizations.enums import Role
from enishi.organizations.visibility import reach_of

ASKED = 5
"""Fields of the first stage besides the graded criteria: judgement, comment, direction, improvement, amount."""


# --- One sheet ----------------------------------------------------------------------------------------------------------


def stages_of(subject: Subject) -> dict[str, Evaluation]:
    """Every stage somebody wrote on, by its name."""
    rows = subject.evaluations.select_related("facts", "evaluator", "approved_by", "merges_into")
    return {each.stage: each for each in rows}


def handed_in(stages: Mapping[str, Evaluation]) -> dict[str, Evaluation]:
    return {name: each for name, each in stages.items() if each.is_handed_in}


def decision_of(subject: Subject) -> ImprovementDecision | None:
    """The decision that stands; before there is one, its draft."""
    rows = subject.decisions.current().select_related(
        "merges_into", "owner_section", "owner", "subject__cycle"
    )
    return rows.first()


def sheet_of(subject: Subject, *, on: dt.date, living: bool = True) -> Sheet:
    """What papers and pages are made of. Frozen facts once handed in; before, the living records, for those who may."""
    stages = stages_of(subject)
    first = stages.get(Stage.FIRST)
    frozen = first.facts if first is not None and first.is_handed_in else None
    if frozen is not None:
        facts: Mapping[str, Any] = frozen.facts
    elif living:
        facts = living_facts(subject.cycle, [subject], on=on)[subject.pk]
    else:
        raise LookupError("nothing frozen to show")
    return Sheet(subject, facts, frozen, handed_in(stages), decision_of(subject), on)


def sheets_of(subjects: Sequence[Subject], cycle: EvaluationCycle, *, on: dt.date) -> list[Sheet]:
    """The same for many of one cycle, in a number of questions that does not grow with them."""
    keys = [subject.pk for subject in subjects]
    stages: dict[int, dict[str, Evaluation]] = {key: {} for key in keys}
    rows = Evaluation.objects.filter(subject__in=keys)
    for each in rows.select_related("facts", "evaluator", "approved_by", "merges_into"):
        stages[each.subject_id][each.stage] = each
    decided = ImprovementDecision.objects.current().filter(subject__in=keys)
    decisions: dict[int, ImprovementDecision] = {}
    for row in decided.select_related("merges_into", "owner_section"):
        decisions.setdefault(row.subject_id, row)
    live = [
        subject
        for subject in subjects
        if (first := stages[subject.pk].get(Stage.FIRST)) is None or not first.is_handed_in
    ]
    living = living_facts(cycle, live, on=on) if live else {}
    found = []
    for subject in subjects:
        mine = stages[subject.pk]
        first = mine.get(Stage.FIRST)
        frozen = first.facts if first is not None and first.is_handed_in else None
        facts: Any = frozen.facts if frozen is not None else living[subject.pk]
        found.append(Sheet(subject, facts, frozen, handed_in(mine), decisions.get(subject.pk), on))
    return found


@dataclass(frozen=True)
class Filled:
    """How much of the official form the records fill: ``records`` of ``boxes``, the rest people type or nobody knows."""

    records: int
    blank: int
    typed: int
    missing: Sequence[str] = ()
    """The names of the blank boxes, each once: what to write down so that the next sheet has it."""

    @property
    def boxes(self) -> int:
        return self.records + self.blank + self.typed


def filled(facts: Any, cycle: EvaluationCycle) -> Filled:
    records, blank = filled_and_blank(facts)
    return Filled(records, len(blank), typed_fields(cycle), list(dict.fromkeys(blank)))


def typed_fields(cycle: EvaluationCycle) -> int:
    """How many fields a person types on the first stage; never more than eight."""
    return len(judged_criteria(cycle)) + ASKED


# --- Lists and counts ---------------------------------------------------------------------------------------------------


def counts_by_place(actor: Actor, cycle: EvaluationCycle) -> dict[str, int]:
    rows = subject_access.visible(actor).filter(cycle=cycle, included=True).order_by()
    return dict(rows.values_list("place").annotate(n=Count("pk")))


def counts_by_judgement(cycle: EvaluationCycle) -> dict[str, dict[str, int]]:
    """How many sheets each stage judged A, B, C, D."""
    rows = (
        Evaluation.objects.filter(
            subject__cycle=cycle,
            subject__included=True,
            state__in=[EvaluationState.SUBMITTED, EvaluationState.APPROVED],
        )
        .order_by()
        .values_list("stage", "judgement")
        .annotate(n=Count("pk"))
    )
    found: dict[str, dict[str, int]] = {}
    for stage, judgement, n in rows:
        found.setdefault(stage, {})[judgement] = n
    return {
        stage: {letter: found[stage].get(letter, 0) for letter in Judgement.values}
        for stage in Stage.values
        if stage in found
    }


def trigger_words(cycle: EvaluationCycle) -> list[str]:
    """What this cycle asks of each programme, with its own numbers."""
    words = {
        Trigger.NEW: _("始めて%(years)d年以上で未評価") % {"years": cycle.new_after_years},
        Trigger.LONG_AGO: _("前の評価から%(years)d年以上") % {"years": cycle.review_after_years},
        Trigger.OFF_TRACK: _("指標の遅れ"),
        Trigger.COST_UP: _("費用の%(percent)d%%以上かつ%(yen)s以上の増")
        % {"percent": cycle.cost_up_percent, "yen": yen_in_words(cycle.cost_up_yen)},
        Trigger.PROPOSED: _("見直しの提案"),
    }
    return [words[trigger] for trigger in Trigger if trigger in cycle.triggers]


def counts_by_trigger(cycle: EvaluationCycle) -> list[tuple[str, str, int]]:
    """How many were chosen by each trigger, and how many somebody took in by hand."""
    rows = cycle.subjects.filter(included=True)
    found = Counter(
        str(why["trigger"])
        for whys in rows.filter(why_by_hand="").values_list("why", flat=True)
        for why in whys
    )
    counted = [(each.value, str(each.label), found[each]) for each in Trigger if each in cycle.triggers]
    by_hand = rows.exclude(why_by_hand="").count()
    return [*counted, ("", _("手で加えたもの"), by_hand)] if by_hand else counted


def counts_by_direction(cycle: EvaluationCycle) -> dict[str, int]:
    rows = ImprovementDecision.objects.decided().filter(subject__cycle=cycle).order_by()
    return dict(rows.values_list("direction").annotate(n=Count("pk")))


def late(
    rows: QuerySet[Subject, Subject], cycle: EvaluationCycle, today: dt.date
) -> QuerySet[Subject, Subject]:
    """Sheets that lie at a station whose day is past."""
    past = [place.value for place in cycle.places if (day := cycle.due_on(place)) is not None and day < today]
    if not cycle.is_running:
        return rows.none()
    return rows.filter(included=True, place__in=past)


def with_first(rows: QuerySet[Subject, Subject]) -> QuerySet[Subject, Subject]:
    """Subjects with what a list shows of them, in two more questions."""
    decided = ImprovementDecision.objects.current()
    return rows.select_related("cycle", "section", "officer").prefetch_related(
        Prefetch("evaluations", Evaluation.objects.order_by("stage")),
        Prefetch("decisions", decided, to_attr="standing_decisions"),
    )


def unreflected(
    rows: QuerySet[ImprovementDecision, ImprovementDecision],
) -> QuerySet[ImprovementDecision, ImprovementDecision]:
    """Decided ones for the budget without any row of reflection yet (E4)."""
    has_row = Reflection.objects.filter(decision=OuterRef("pk"))
    return rows.filter(state=DecisionState.DECIDED, budget_relevant=True).filter(~Exists(has_row))


# --- Whose turn it is ---------------------------------------------------------------------------------------------------


def waiting_for(actor: Actor, limit: int) -> list[Subject]:
    """Sheets that wait for this person: to fill, to approve, to judge again, to judge from outside."""
    if not actor.pk:
        return []
    reach = reach_of(actor)
    running = Subject.objects.open()
    turns = Q(place=Place.FIRST, officer_id=actor.pk)
    sections = Q(section_id__in=reach.section_ids)
    for house, role in reach.roles:
        own = Q(organization_id=house)
        if role in (Role.OFFICER, Role.MANAGER):
            turns |= own & sections & Q(place=Place.FIRST, officer__isnull=True)
        if role == Role.MANAGER:
            turns |= own & sections & Q(place=Place.APPROVAL) & ~Q(Exists(_first_by(evaluator_id=actor.pk)))
    for house in staffed_ids(actor):
        if acts_as(actor, house, Office.REVIEW):
            turns |= Q(organization_id=house) & _turn_of_review(actor)
    turns |= Q(place=Place.EXTERNAL, cycle__panelists__person_id=actor.pk)
    mine = subject_access.visible(actor).filter(pk__in=running.filter(turns).values("pk"))
    rows = mine.select_related("cycle", "section").prefetch_related("evaluations")
    return list(rows.order_by("place", "code", "pk")[:limit])


def _first_by(**who: Any) -> QuerySet[Evaluation, Evaluation]:
    return Evaluation.objects.filter(subject=OuterRef("pk"), stage=Stage.FIRST, **who)


def _turn_of_review(actor: Actor) -> Q:
    """The second stage of what others wrote and approved; a decision to be drafted, or another's draft to be confirmed."""
    wrote = Exists(_first_by().filter(Q(evaluator_id=actor.pk) | Q(approved_by_id=actor.pk)))
    standing = ImprovementDecision.objects.current().filter(subject=OuterRef("pk"))
    drafted = standing.filter(state=DecisionState.PROPOSED).exclude(proposed_by_id=actor.pk)
    to_decide = Q(place=Place.DECISION) & (~Exists(standing) | Exists(drafted))
    return (Q(place=Place.SECOND) & ~wrote) | to_decide


def decisions_waiting_for(actor: Actor, limit: int) -> list[ImprovementDecision]:
    """What 首長・庁議 have to decide."""
    houses = [house for house in staffed_ids(actor) if acts_as(actor, house, Office.COUNCIL)]
    rows = ImprovementDecision.objects.filter(organization_id__in=houses, state=DecisionState.CONFIRMED)
    return list(rows.select_related("subject__cycle").order_by("confirmed_at", "pk")[:limit])


def follow_ups_waiting_for(actor: Actor, until: dt.date, limit: int) -> list[FollowUp]:
    if not actor.pk:
        return []
    reach = reach_of(actor)
    mine = Q(owner_id=actor.pk) | Q(owner__isnull=True, decision__subject__section_id__in=reach.section_ids)
    rows = FollowUp.objects.open().filter(mine, due_on__lte=until, decision__state=DecisionState.DECIDED)
    return list(rows.select_related("decision__subject").order_by("due_on", "pk")[:limit])


def officers_of(subject: Subject) -> QuerySet[Person, Person]:
    """Who may fill this sheet: the people of its section, or of the house where it has none."""
    today = timezone.localdate()
    places = Q(
        memberships__organization_id=subject.organization_id,
        memberships__role__in=[Role.OFFICER, Role.MANAGER],
        memberships__valid_from__lte=today,
    ) & (Q(memberships__valid_to__isnull=True) | Q(memberships__valid_to__gte=today))
    if subject.section_id:
        places &= Q(memberships__section_id=subject.section_id)
    return Person.objects.filter(places, is_active=True).distinct().order_by("name", "pk")


def next_to_fill(actor: Actor, after: Subject) -> Subject | None:
    """The next sheet of this cycle that this person can write on, so that one follows the other."""
    rows = subject_access.visible(actor).filter(
        cycle=after.cycle, included=True, place=Place.FIRST, cycle__state=CycleState.RUNNING
    )
    mine = rows.filter(Q(officer_id=actor.pk) | Q(officer__isnull=True)).exclude(pk=after.pk)
    candidates: Iterable[Subject] = mine.order_by("code", "pk")[:20]
    return next((each for each in candidates if fills(actor, each)), None)


def open_follow_ups(decision: ImprovementDecision) -> int:
    return decision.follow_ups.filter(state=FollowUpState.OPEN).count()
