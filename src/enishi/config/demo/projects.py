"""The region's projects, from the first plan to what came of them, made through the room's own doors."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.agreements.models import Agreement
from enishi.config.demo.files import lines, title_of
from enishi.desk.models import Proposal
from enishi.exchange.models import Challenge, Contact
from enishi.notifications.enums import MailState
from enishi.notifications.models import Notice
from enishi.organizations.models import Organization, Section
from enishi.projects import services
from enishi.projects.enums import GateDecision, ProjectStatus, TaskState
from enishi.projects.models import Expense, Measure, Participant, Project, Risk, Task, Trial

WRITTEN_ON = dt.date(2026, 11, 22)
"""The day the file was written for: every date moves with the day the region is filled."""


def fill(
    organizations: Mapping[str, Organization],
    sections: Mapping[tuple[str, str], Section],
    people: Mapping[str, Person],
    at: dt.datetime,
) -> None:
    """Bring in all projects; nobody gets mail about what happened before the region was there."""
    teller = _Teller(organizations, sections, people, at)
    for row in lines("projects"):
        teller.tell(row)
    transaction.on_commit(lambda: Notice.objects.filter(at__lt=at).update(mail=MailState.NONE))


class _Teller:
    """Tells one project after the other as it went."""

    def __init__(
        self,
        organizations: Mapping[str, Organization],
        sections: Mapping[tuple[str, str], Section],
        people: Mapping[str, Person],
        at: dt.datetime,
    ) -> None:
        self.organizations, self.sections, self.people = organizations, sections, people
        self.at = at
        self.shift = timezone.localdate(at) - WRITTEN_ON
        self.made: dict[str, Project] = {}

    def day(self, text: str | None) -> dt.date | None:
        return dt.date.fromisoformat(text) + self.shift if text else None

    def moment(self, text: str | None) -> dt.datetime:
        """Ten in the morning of that day, but never after now."""
        day = self.day(text) or timezone.localdate(self.at)
        return min(timezone.make_aware(dt.datetime.combine(day, dt.time(10, 0))), self.at)

    def tell(self, row: Mapping[str, Any]) -> None:
        author = self.people[row["author"]]
        project = self._create(row, author)
        self.made[row["key"]] = project
        places = self._participants(project, row, author)
        measures = self._measures(project, row, author, places)
        trials = self._trials(project, row, author, measures)
        self._tasks(project, row, author, places)
        self._risks(project, row, author, places)
        self._approve_and_start(project, row, author)
        self._values(row, measures, author)
        self._consents(trials, row, author)
        self._incidents(project, row, author)
        self._meetings(project, row, author, places)
        self._money(project, row, author, places)
        self._decide(trials, row, project)
        self._end(project, row, author)

    def _create(self, row: Mapping[str, Any], author: Person) -> Project:
        challenge = Challenge.objects.get(import_key=f"demo-{row['challenge']}")
        contact = Contact.objects.filter(
            challenge=challenge, resource__import_key=f"demo-{row.get('resource', '')}"
        ).first()
        proposal = Proposal.objects.filter(title=title_of("desk", row, "proposal")).first()
        if proposal is not None and contact is not None:
            Proposal.objects.filter(pk=proposal.pk).update(contact=contact)
        values = {
            "title": row["title"],
            "purpose": row["purpose"],
            "content": row["content"],
            "is_trial": row["is_trial"],
            "section": self.sections.get((row["organization"], row["section"] or "")),
            "visibility": row["visibility"],
            "starts_on": self.day(row["starts_on"]),
            "ends_on": self.day(row["ends_on"]),
            "challenge": challenge,
            "contact": contact,
            "proposal": proposal,
            "agreement": Agreement.objects.filter(title=title_of("agreements", row, "agreement")).first(),
            "grown_from": self.made.get(row.get("grown_from", "")),
            "is_demo": True,
        }
        return services.create_project(
            organization=self.organizations[row["organization"]],
            values=values,
            fields=list(challenge.fields.all()),
            actor=author,
            at=self.moment(row["created_on"]),
        )

    def _participants(
        self, project: Project, row: Mapping[str, Any], author: Person
    ) -> dict[str, Participant]:
        at = self.moment(row["created_on"])
        places = {row["organization"]: project.participants.get(organization=project.organization)}
        for each in row["participants"]:
            house = self.organizations[each["organization"]] if "organization" in each else None
            known = project.participants.filter(organization=house).first() if house else None
            values = {
                "role": each["role"],
                "part": each.get("part", ""),
                "in_kind_yen": each.get("in_kind_yen", 0),
                "in_kind_hours": Decimal(each.get("in_kind_hours", "0")),
                "provided_yen": each.get("provided_yen", 0),
                "provided_hours": Decimal(each.get("provided_hours", "0")),
                "contribution_note": each.get("note", ""),
            }
            people = [self.people[key] for key in each.get("people", [])]
            if known is not None:
                place = services.edit_participant(
                    participant_id=known.pk, values=values, people=people, actor=author, at=at
                )
            else:
                values |= {"organization": house, "name": each.get("name", "")}
                place = services.add_participant(
                    project_id=project.pk, values=values, people=people, actor=author, at=at
                )
            places[each.get("organization", each.get("name", ""))] = place
        return places

    def _measures(
        self,
        project: Project,
        row: Mapping[str, Any],
        author: Person,
        places: Mapping[str, Participant],
    ) -> dict[str, Measure]:
        made = {}
        for each in row["measures"]:
            values: dict[str, Any] = {
                name: each[name] for name in "title kind tier unit direction source frequency".split()
            }
            values |= {
                "definition": each.get("definition", ""),
                "baseline_missing": each.get("baseline_missing", ""),
                "baseline_on": self.day(each.get("baseline_on")),
                "target_on": self.day(each["target_on"]),
                "participant": places.get(each.get("participant", "")),
                "next_due_on": self._next_value(each),
            }
            for name in ("baseline_value", "target_value", "tolerance"):
                values[name] = Decimal(each[name]) if name in each else None
            made[each["key"]] = services.add_measure(
                project_id=project.pk, values=values, actor=author, at=self.moment(row["created_on"])
            )
        return made

    def _next_value(self, each: Mapping[str, Any]) -> dt.date | None:
        """The first value is due on the day the file has it, or on the target's."""
        first = each["values"][0][0] if each["values"] else each["target_on"]
        return self.day(first)

    def _trials(
        self, project: Project, row: Mapping[str, Any], author: Person, measures: Mapping[str, Measure]
    ) -> list[Trial]:
        made = []
        for each in row.get("trials", []):
            success, stop = each["success"], each["stop"]
            values = {
                "hypothesis": each["hypothesis"],
                "place": each["place"],
                "starts_on": self.day(each["starts_on"]),
                "ends_on": self.day(each["ends_on"]),
                "measure": measures[each["measure"]],
                "success_comparator": success[0],
                "success_value": Decimal(success[1]),
                "judged_on": self.day(success[2]),
                "stop_measure": measures.get(each.get("stop_measure", "")),
                "stop_comparator": stop[0],
                "stop_value": Decimal(stop[1]),
                "stop_on": self.day(stop[2]),
            }
            made.append(
                services.plan_trial(
                    project_id=project.pk, values=values, actor=author, at=self.moment(row["created_on"])
                )
            )
        return made

    def _tasks(
        self,
        project: Project,
        row: Mapping[str, Any],
        author: Person,
        places: Mapping[str, Participant],
    ) -> None:
        created = self.moment(row["created_on"])
        for title, due_on, *done_on in row["milestones"]:
            values = {"title": title, "due_on": self.day(due_on)}
            if done_on:
                values["done_on"] = self.day(done_on[0])
            services.add_milestone(project_id=project.pk, values=values, actor=author, at=created)
        made: dict[str, Task] = {}
        for each in row["tasks"]:
            values = {
                "title": each["title"],
                "starts_on": self.day(each["starts_on"]),
                "due_on": self.day(each["due_on"]),
                "participant": places.get(each.get("participant", "")),
                "assignee": self.people.get(each.get("assignee", "")),
            }
            task = services.add_task(
                project_id=project.pk,
                values=values,
                predecessors=[made[key] for key in each.get("after", [])],
                actor=author,
                at=created,
            )
            made[each["key"]] = task
            self._progress(task, each, author)

    def _progress(self, task: Task, each: Mapping[str, Any], author: Person) -> None:
        done = self.day(each.get("done_on"))
        state = TaskState.DONE if done else TaskState(each.get("state", "todo"))
        if state != TaskState.TODO:
            at = self.moment(each.get("done_on") or each["starts_on"])
            services.move_task(task_id=task.pk, state=state, on=done, actor=author, at=at)

    def _risks(
        self,
        project: Project,
        row: Mapping[str, Any],
        author: Person,
        places: Mapping[str, Participant],
    ) -> None:
        for each in row["risks"]:
            values = {name: each[name] for name in ("title", "likelihood", "impact", "countermeasure")}
            values |= {"bearer": places.get(each["bearer"] or ""), "state": each.get("state", "watched")}
            services.add_risk(
                project_id=project.pk, values=values, actor=author, at=self.moment(row["created_on"])
            )

    def _approve_and_start(self, project: Project, row: Mapping[str, Any], author: Person) -> None:
        if row.get("approved_on") or row.get("ask_approval"):
            asked = self.moment(row["created_on"]) + dt.timedelta(hours=3)
            services.ask_approval(project_id=project.pk, actor=author, at=min(asked, self.at))
        if row.get("approved_on"):
            services.move_project(
                project_id=project.pk,
                status=ProjectStatus.APPROVED,
                actor=self.people[row["approver"]],
                at=self.moment(row["approved_on"]),
            )
        if row.get("started_on"):
            services.move_project(
                project_id=project.pk,
                status=ProjectStatus.RUNNING,
                actor=author,
                at=self.moment(row["started_on"]),
            )

    def _values(self, row: Mapping[str, Any], measures: Mapping[str, Measure], author: Person) -> None:
        for each in row["measures"]:
            for on, value, *reason in each["values"]:
                values = {
                    "on": self.day(on),
                    "value": Decimal(value) if value is not None else None,
                    "missing_reason": reason[0] if reason else "",
                }
                services.record_value(
                    measure_id=measures[each["key"]].pk, values=values, actor=author, at=self.moment(on)
                )

    def _consents(self, trials: Iterable[Trial], row: Mapping[str, Any], author: Person) -> None:
        for trial, each in zip(trials, row.get("trials", []), strict=True):
            if "consent" not in each:
                continue
            consent = services.write_consent_text(
                trial_id=trial.pk, text=each["consent"], actor=author, at=self.moment(row["approved_on"])
            )
            for name, role, on, method, *withdrawn in each["people"]:
                person = services.add_lab_participant(
                    trial_id=trial.pk,
                    values={
                        "name": name,
                        "role": role,
                        "consent": consent,
                        "consented_on": self.day(on),
                        "method": method,
                    },
                    actor=author,
                    at=self.moment(on),
                )
                if withdrawn:
                    services.withdraw_consent(
                        lab_participant_id=person.pk,
                        on=self.day(withdrawn[0]),
                        actor=author,
                        at=self.moment(withdrawn[0]),
                    )

    def _incidents(self, project: Project, row: Mapping[str, Any], author: Person) -> None:
        for each in row["incidents"]:
            values = {name: each[name] for name in ("title", "severity", "description", "response")}
            values |= {
                "happened_on": self.day(each["happened_on"]),
                "resolved_on": self.day(each.get("resolved_on")),
                "risk": Risk.objects.filter(project=project, title=each.get("risk", "")).first(),
            }
            services.record_incident(
                project_id=project.pk, values=values, actor=author, at=self.moment(each["happened_on"])
            )

    def _meetings(
        self,
        project: Project,
        row: Mapping[str, Any],
        author: Person,
        places: Mapping[str, Participant],
    ) -> None:
        for each in row["meetings"]:
            values = {
                name: each.get(name, "")
                for name in ("title", "place", "attendees", "minutes", "decisions", "promises")
            }
            values |= {"held_on": self.day(each["held_on"]), "next_on": self.day(each.get("next_on"))}
            services.write_minutes(
                project_id=project.pk,
                values=values,
                present=[places[key] for key in each["present"]],
                actor=author,
                at=self.moment(each["held_on"]),
            )

    def _money(
        self,
        project: Project,
        row: Mapping[str, Any],
        author: Person,
        places: Mapping[str, Participant],
    ) -> None:
        approver = self.people[row["approver"]]
        settled = {each[0]: index for index, each in enumerate(row["expenses"]) if each[-1] == "settled"}
        for index, (house, claimant, category, what, payee, spent_on, amount, state) in enumerate(
            row["expenses"]
        ):
            at = self.moment(spent_on if spent_on > row["approved_on"] else row["approved_on"])
            expense = services.claim_expense(
                project_id=project.pk,
                values={
                    "participant": places[house],
                    "category": category,
                    "what": what,
                    "payee": payee,
                    "spent_on": self.day(spent_on),
                    "amount_yen": amount,
                },
                receipt=("receipt.pdf", sample_receipt(f"{row['key']} {spent_on} {amount:,} yen")),
                actor=self.people[claimant] if claimant else author,
                at=at,
            )
            self._decide_expense(expense, state, approver, min(at + dt.timedelta(days=3), self.at))
            if settled.get(house) == index:
                # What is claimed later stays open.
                services.settle(
                    project_id=project.pk,
                    participant=places[house],
                    actor=approver,
                    at=min(at + dt.timedelta(days=10), self.at),
                )

    def _decide_expense(self, expense: Expense, state: str, approver: Person, at: dt.datetime) -> None:
        if state == "claimed":
            return
        services.decide_expense(
            expense_id=expense.pk,
            approve=state != "returned",
            note="支払先を書いてください。" if state == "returned" else "",
            actor=approver,
            at=at,
        )

    def _decide(self, trials: Iterable[Trial], row: Mapping[str, Any], project: Project) -> None:
        for trial, each in zip(trials, row.get("trials", []), strict=True):
            if "decision" in each:
                services.decide_trial(
                    trial_id=trial.pk,
                    decision=GateDecision(each["decision"]),
                    result=each["result"],
                    note=each["note"],
                    reason=each.get("decision_reason", ""),
                    actor=self.people[row["approver"]],
                    at=self.moment(each["decided_on"]),
                )

    def _end(self, project: Project, row: Mapping[str, Any], author: Person) -> None:
        if row["status"] in ("completed", "stopped"):
            services.move_project(
                project_id=project.pk,
                status=ProjectStatus(row["status"]),
                reason=row.get("reason", ""),
                end_reason=row.get("end_reason", ""),
                actor=author,
                at=self.moment(row["ended_on"]),
            )


def sample_receipt(words: str) -> bytes:
    """A small PDF that says what it is: a sample."""
    shown = f"BT /F1 14 Tf 40 90 Td (SAMPLE RECEIPT  {words}) Tj ET".encode("ascii")
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 460 160] /Contents 4 0 R "
        b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shown), shown),
    ]
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    return body + b"xref\n0 5\n0000000000 65535 f \n" + table + end
