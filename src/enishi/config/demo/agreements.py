"""The region's agreements, drafted, approved, signed and kept through the room's own doors."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.agreements import services
from enishi.agreements.calculations import due_days
from enishi.agreements.enums import ApprovalKind, AsleepReason, DisputeStage, Outcome
from enishi.agreements.forms_rows import linked
from enishi.agreements.knowledge import standard_risks
from enishi.agreements.models import Agreement
from enishi.agreements.services.drafting import standard_row
from enishi.config.demo.files import lines, title_of
from enishi.desk.models import Proposal
from enishi.exchange.models import Field
from enishi.notifications.enums import MailState
from enishi.notifications.models import Notice
from enishi.organizations.models import Membership, Organization, Section

WRITTEN_ON = dt.date(2026, 11, 22)
"""The day the file was written for: every date moves with the day the region is filled."""


def fill(
    organizations: Mapping[str, Organization],
    sections: Mapping[tuple[str, str], Section],
    people: Mapping[str, Person],
    at: dt.datetime,
) -> None:
    """Bring in all agreements; nobody gets mail about what happened before the region was there."""
    teller = _Teller(organizations, sections, people, at)
    for row in lines("agreements"):
        teller.tell(row)
    transaction.on_commit(lambda: Notice.objects.filter(at__lt=at).update(mail=MailState.NONE))


class _Teller:
    """Tells one agreement after the other as it went."""

    def __init__(
        self,
        organizations: Mapping[str, Organization],
        sections: Mapping[tuple[str, str], Section],
        people: Mapping[str, Person],
        at: dt.datetime,
    ) -> None:
        self.organizations, self.sections, self.people, self.at = organizations, sections, people, at
        self.shift = timezone.localdate(at) - WRITTEN_ON
        self.fields = {field.name: field.pk for field in Field.objects.filter(parent__isnull=True)}

    def day(self, text: str | None) -> dt.date | None:
        return dt.date.fromisoformat(text) + self.shift if text else None

    def on(self, text: str) -> dt.date:
        day = self.day(text)
        assert day is not None
        return day

    def moment(self, text: str, *, later: int = 0) -> dt.datetime:
        """Ten in the morning of that day (or some days later), but never after now."""
        day = self.on(text) + dt.timedelta(days=later)
        return min(timezone.make_aware(dt.datetime.combine(day, dt.time(10, 0))), self.at)

    def tell(self, row: Mapping[str, Any]) -> None:
        agreement = self._draft(row)
        state = row.get("state", "active")
        if state != "draft":
            self._approve(row, agreement, until=state)
        if state in {"active", "ended"}:
            signed = max(row["signed_on"], row["begun"])
            services.sign(
                agreement_id=agreement.pk,
                signed_on=self.on(row["signed_on"]),
                actor=self.people[row["drafter"]],
                at=self.moment(signed, later=14),
            )
            for event in sorted(row["did"], key=_day_of):
                getattr(self, f"_{event[0]}")(row, agreement, *event[1:])
        self._finish(row, agreement, state)
        Agreement.objects.filter(pk=agreement.pk).update(is_demo=True)

    def _draft(self, row: Mapping[str, Any]) -> Agreement:
        drafter, at = self.people[row["drafter"]], self.moment(row["begun"])
        section = self.sections.get((row["organization"], row["section"]))
        names = "title number kind scheme purpose contents costs renewal renewal_months notice_months publication".split()
        values = {name: row[name] for name in names} | {
            "visibility": row["visibility"],
            "section_id": section.pk if section else None,
            "starts_on": self.day(row["starts"]),
            "ends_on": self.day(row["ends"]),
            "personal_data": row["personal"],
            "personal_data_note": row["personal_note"],
            "payment": row.get("payment_kind", "none"),
            "confidentiality": "",
            "field_ids": [self.fields[name] for name in row["fields"]],
            "proposal_id": Proposal.objects.filter(title=title_of("desk", row, "proposal"))
            .values_list("pk", flat=True)
            .first(),
        }
        agreement = services.create(
            organization=self.organizations[row["organization"]],
            values=values,
            parties=list(self._parties(row)),
            actor=drafter,
            at=at,
        )
        self._rows(row, agreement, drafter, at)
        return agreement

    def _parties(self, row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        for side, key, representative, role in row["parties"]:
            name = self.organizations[key].name
            yield {
                "side": side,
                "name": name,
                "representative": representative,
                "role": role,
                **linked({"name": name}),
            }

    def _rows(self, row: Mapping[str, Any], agreement: Agreement, drafter: Person, at: dt.datetime) -> None:
        if row["obligations"]:
            rows = [
                {"bearer": bearer, "text": text, "due_on": self.day(due), "every_months": every}
                for bearer, text, due, every in row["obligations"]
            ]
            services.save_obligations(
                agreement_id=agreement.pk, rows=rows, version=agreement.version, actor=drafter, at=at
            )
            agreement.refresh_from_db()
        if row["risks"]:
            risks = [standard_row(risk) for risk in standard_risks() if risk["id"] in row["risks"]]
            services.save_risks(
                agreement_id=agreement.pk, rows=risks, version=agreement.version, actor=drafter, at=at
            )

    def _approve(self, row: Mapping[str, Any], agreement: Agreement, *, until: str) -> None:
        turns = [services.Turn(ApprovalKind.CONSULT, self.people[key]) for key in row["consults"]]
        turns.append(services.Turn(ApprovalKind.DECIDE, self.people[row["decide"]]))
        at = self.moment(row["begun"], later=3)
        version = services.submit(
            agreement_id=agreement.pk, turns=turns, actor=self.people[row["drafter"]], at=at
        )
        if until in {"in_approval", "abandoned"}:
            return
        for later, approval in enumerate(version.approvals.order_by("order"), start=4):
            services.answer(
                approval_id=approval.pk,
                approve=True,
                actor=approval.person,
                at=self.moment(row["begun"], later=later),
                comment="",
            )

    def _fulfil(
        self,
        row: Mapping[str, Any],
        agreement: Agreement,
        place: int,
        due: str,
        outcome: str,
        done: str,
        note: str,
    ) -> None:
        obligation = agreement.versions.get(state="in_force").obligations.all()[place]
        # Months are no fixed number of days: of the moved series, the day nearest to the moved one is meant.
        wanted = self.on(due)
        days = due_days(obligation, wanted + dt.timedelta(days=45))
        services.fulfil(
            agreement_id=agreement.pk,
            key=obligation.key,
            due_on=min(days, key=lambda day: abs((day - wanted).days)),
            outcome=Outcome(outcome),
            done_on=self.on(done),
            note=note,
            actor=self.people[row["drafter"]],
            at=self.moment(done),
        )

    def _activity(self, row: Mapping[str, Any], agreement: Agreement, on: str, text: str) -> None:
        services.record_activity(
            agreement_id=agreement.pk,
            on=self.on(on),
            text=text,
            actor=self.people[row["drafter"]],
            at=self.moment(on),
        )

    def _incident(
        self, row: Mapping[str, Any], agreement: Agreement, on: str, title: str, *rest: Any
    ) -> None:
        risk_key, detail, response, cost_yen, settled = rest
        services.report_incident(
            agreement_id=agreement.pk,
            values={
                "title": title,
                "happened_on": self.on(on),
                "risk_key": risk_key,
                "detail": detail,
                "response": response,
                "cost_yen": cost_yen,
                "settled_on": self.day(settled),
            },
            actor=self.people[row["drafter"]],
            at=self.moment(settled),
        )

    def _change(
        self, row: Mapping[str, Any], agreement: Agreement, title: str, reason: str, *impact: Any
    ) -> None:
        on_terms, cost_yen, on_schedule, on_risks, _answer = impact
        drafter, at = self.people[row["drafter"]], self.at - dt.timedelta(days=20)
        change = services.request_change(
            agreement_id=agreement.pk, title=title, reason=reason, actor=drafter, at=at
        )
        values = {
            "on_terms": on_terms,
            "on_cost_yen": cost_yen,
            "on_schedule": on_schedule,
            "on_risks": on_risks,
        }
        services.assess(change_id=change.pk, values=values, actor=drafter, at=at)
        services.ask_consent(change_id=change.pk, actor=drafter, at=at)
        for consent in change.consents.all():
            who = self._somebody_of(consent.organization_id) or drafter
            if consent.organization_id == agreement.organization_id:
                who = drafter
            services.consent(
                consent_id=consent.pk,
                agree=True,
                comment="打合せで確かめた",
                actor=who,
                at=at + dt.timedelta(days=6),
            )

    def _somebody_of(self, organization_id: int | None) -> Person | None:
        if organization_id is None:
            return None
        place = (
            Membership.objects.filter(organization_id=organization_id, person__is_active=True)
            .select_related("person")
            .order_by("pk")
            .first()
        )
        return place.person if place else None

    def _dispute(self, row: Mapping[str, Any], agreement: Agreement, title: str, on: str, *rest: Any) -> None:
        text, due, steps = rest
        actor = self.people[row["drafter"]]
        dispute = services.open_dispute(
            agreement_id=agreement.pk,
            title=title,
            opened_on=self.on(on),
            text=text,
            due_on=self.day(due),
            actor=actor,
            at=self.moment(on),
        )
        for stage, day, told, next_due in steps:
            services.move_dispute(
                dispute_id=dispute.pk,
                stage=DisputeStage(stage),
                on=self.on(day),
                text=told,
                due_on=self.day(next_due),
                actor=actor,
                at=self.moment(day),
            )

    def _finish(self, row: Mapping[str, Any], agreement: Agreement, state: str) -> None:
        actor = self.people[row["drafter"]]
        if state == "ended":
            services.end(
                agreement_id=agreement.pk,
                ended_on=self.on(row["ended_on"]),
                reason=row["end_reason"],
                actor=actor,
                at=self.moment(row["ended_on"], later=1),
            )
        elif state == "abandoned":
            services.abandon(
                agreement_id=agreement.pk,
                reason=row["end_reason"],
                actor=actor,
                at=self.moment(row["begun"], later=60),
            )
        elif row.get("asleep"):
            reason, note = row["asleep"]
            services.explain_sleep(
                agreement_id=agreement.pk, reason=AsleepReason(reason), note=note, actor=actor, at=self.at
            )


def _day_of(event: list[Any]) -> str:
    """The day by which events are put in order; a change is asked for last."""
    if event[0] == "change":
        return "9999"
    if event[0] == "fulfil":
        return str(event[4])
    return str(event[2] if event[0] == "dispute" else event[1])
