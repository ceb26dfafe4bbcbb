"""Logic models, evidence, scorings and a document to confirm, of あおば市: made through the room's own doors, with their own days."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from importlib import resources
from typing import Any

from django.utils import timezone

from enishi.accounts.models import Person
from enishi.budgets.models import Programme
from enishi.config.demo.files import lines
from enishi.foundation.jobs import Progress
from enishi.indicators.models import Indicator
from enishi.organizations.models import Organization, Section
from enishi.plans import selectors
from enishi.plans.evidence import services as evidence
from enishi.plans.logic import services as logic
from enishi.plans.models import Evidence, LogicModel, LogicNode, Plan, PlanNode, Reading, ScoringRound
from enishi.plans.priorities import services as priorities
from enishi.plans.priorities.enums import USUAL_CRITERIA
from enishi.plans.reading import services as reading
from enishi.plans.reading import tasks


def fill(
    organizations: Mapping[str, Organization],
    sections: Mapping[tuple[str, str], Section],
    people: Mapping[str, Person],
    at: dt.datetime,
) -> None:
    """After the plans: everything here hangs from their branches."""
    town = organizations["aoba"]
    plan = Plan.objects.filter(organization=town, kind="basic").first()
    version = selectors.version_in_force(plan, timezone.localdate(at)) if plan else None
    if version is None:
        return
    teller = _Teller(
        town, plan, {each.code: each for each in version.nodes.select_related("identity")}, people, at
    )
    teller.sections = {code: section for (house, code), section in sections.items() if house == "aoba"}
    for row in lines("plan_evidence"):
        teller.evidence(row)
    for row in lines("plan_logic"):
        teller.logic(row)
    for row in lines("plan_scoring"):
        teller.scoring(row)
    teller.document()


class _Teller:
    """Tells each record with the days on which it happened."""

    sections: Mapping[str, Section]

    def __init__(
        self,
        town: Organization,
        plan: Plan | None,
        nodes: Mapping[str, PlanNode],
        people: Mapping[str, Person],
        at: dt.datetime,
    ) -> None:
        self.town, self.plan, self.nodes, self.people, self.at = town, plan, nodes, people, at
        self.work = {each.uid: each for each in Programme.objects.filter(organization=town)}
        self.yardsticks = {each.name: each for each in Indicator.objects.filter(organization=town)}
        self.known: dict[str, Evidence] = {}

    def moment(self, day: str) -> dt.datetime:
        return min(timezone.make_aware(dt.datetime.fromisoformat(f"{day}T14:00:00")), self.at)

    def owner(self, name: str) -> PlanNode | Programme | None:
        return self.nodes.get(name) or self.work.get(name)

    def evidence(self, row: Mapping[str, Any]) -> None:
        names = ("claim", "figure", "source_title", "publisher", "year", "locator", "kind", "level")
        values = {name: row[name] for name in names} | {
            "section": self.sections[row["section"]],
            "visibility": "public",
        }
        at, actor = self.moment(row["on"]), self.people["planner"]
        made = evidence.create_evidence(
            organization=self.town, values=values, actor=actor, at=at, is_demo=True
        )
        self.known[row["key"]] = made
        if row["check"]:
            result, found, note = row["check"]
            evidence.check_evidence(
                evidence_id=made.pk,
                result=result,
                found=found,
                note=note,
                actor=self.people["planner2"],
                at=min(at + dt.timedelta(days=6), self.at),
            )
        for place, purpose in row["uses"]:
            owner = self.owner(place)
            if owner is not None:
                evidence.use_evidence(
                    evidence_id=made.pk,
                    owner=owner.identity if isinstance(owner, PlanNode) else owner,
                    purpose=purpose,
                    actor=actor,
                    at=at,
                )

    def logic(self, row: Mapping[str, Any]) -> None:
        owner, at, writer = self.owner(row["owner"]), self.moment(row["on"]), self.people[row["writer"]]
        if owner is None:
            return
        model = logic.start_model(owner=owner, actor=writer, at=at, propose=bool(row.get("propose")))
        LogicModel.objects.filter(pk=model.pk).update(is_demo=True)
        if row.get("propose"):
            return
        values = {
            "problem_statement": row["problem"],
            "target_population": row["population"],
            "visibility": row["visibility"],
        }
        logic.edit_model(model_id=model.pk, values=values, version=None, actor=writer, at=at)
        boxes = [self._box(model, each, writer, at) for each in row["nodes"]]
        for source, target, assumption, level, confidence, known in row["edges"]:
            logic.put_edge(
                model_id=model.pk,
                source=boxes[source - 1],
                target=boxes[target - 1],
                values={"assumption": assumption, "evidence_level": level, "confidence": confidence},
                evidence=[self.known[key] for key in known],
                actor=writer,
                at=at,
            )
        if row.get("review") or row.get("approver"):
            logic.submit_model(model_id=model.pk, actor=writer, at=at)
        if row.get("approver"):
            logic.approve_model(
                model_id=model.pk,
                actor=self.people[row["approver"]],
                at=self.moment(row["approved_on"]),
                note=row.get("note", ""),
            )

    def _box(self, model: LogicModel, told: Sequence[Any], writer: Person, at: dt.datetime) -> LogicNode:
        stage, text, more = told
        serves = self.nodes.get(more.get("serves", ""))
        return logic.put_node(
            model_id=model.pk,
            values={
                "stage": stage,
                "text": text,
                "expected_lag_months": more.get("lag"),
                "programme": self.work.get(more.get("programme", "")),
                "fte": Decimal(more["fte"]) if "fte" in more else None,
                "serves": serves.identity if serves else None,
            },
            indicators=[
                self.yardsticks[name] for name in more.get("indicators", []) if name in self.yardsticks
            ],
            actor=writer,
            at=at,
        )

    def scoring(self, row: Mapping[str, Any]) -> None:
        at, writer = self.moment(row["on"]), self.people[row["writer"]]
        values = {
            "title": row["title"],
            "purpose": row["purpose"],
            "plan": self.plan,
            "due_on": dt.date.fromisoformat(row["due_on"]),
            "section": self.sections["010100"],
        }
        made = priorities.create_round(
            organization=self.town, values=values, actor=writer, at=at, is_demo=True
        )
        criteria = [
            (str(label), str(words), weight)
            for (label, words), weight in zip(USUAL_CRITERIA, row["weights"], strict=True)
        ]
        priorities.set_criteria(round_id=made.pk, rows=criteria, actor=writer, at=at)
        measures: list[tuple[str, str, str | None]] = [
            (str(node), "", node.uid) for code in row["nodes"] if (node := self.nodes.get(code))
        ]
        measures += [(title, note, None) for title, note in row["others"]]
        priorities.set_measures(round_id=made.pk, rows=measures, actor=writer, at=at)
        scorers = [self.people[key] for key in row["scorers"]]
        priorities.set_scorers(round_id=made.pk, people=scorers, actor=writer, at=at)
        priorities.open_round(round_id=made.pk, actor=writer, at=at)
        for day, (key, given) in enumerate(row["scorers"].items(), start=2):
            if given is not None:
                self._score(made, self.people[key], given, min(at + dt.timedelta(days=day), self.at))
        if row.get("closed_on"):
            priorities.close_round(
                round_id=made.pk, conclusion=row["conclusion"], actor=writer, at=self.moment(row["closed_on"])
            )

    def _score(self, row: ScoringRound, person: Person, given: Sequence[Any], at: dt.datetime) -> None:
        measures, criteria = list(row.measures.all()), list(row.criteria.all())
        points = {
            (measure.pk, criterion.pk): value
            for measure, told in zip(measures, given, strict=False)
            for criterion, value in zip(criteria, told[:-1], strict=True)
        }
        reasons = {
            (measure.pk, criteria[0].pk): told[-1] for measure, told in zip(measures, given, strict=False)
        }
        priorities.save_scores(
            round_id=row.pk, points=points, reasons=reasons, actor=person, at=at, submit=True
        )

    def document(self) -> None:
        """One document that was read and waits for somebody to confirm it."""
        text = (resources.files("enishi.config.demo") / "plan_document.txt").read_bytes()
        made = reading.bring_in(
            organization=self.town,
            section=self.sections["080100"],
            title="不登校の子どもの学びと居場所(素案)",
            name="不登校支援 素案.txt",
            content=text,
            actor=self.people["planner"],
            at=self.at - dt.timedelta(days=2),
        )
        Reading.objects.filter(pk=made.pk).update(is_demo=True)
        assert made.job is not None
        tasks.read_document(made.job, Progress(made.job))
        items = Reading.objects.get(pk=made.pk).items.filter(kind="measures").order_by("order")
        first = items.first()
        if first is not None:
            reading.choose(item_id=first.pk, choice="accepted", actor=self.people["planner"], at=self.at)
