"""The desk of あおば市 with thirty proposals at all stages: made through the room's own services, dated over the past year."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from enishi.accounts.models import Person
from enishi.config.demo.files import lines
from enishi.desk import cases, services
from enishi.desk.decisions import services as deciding
from enishi.desk.decisions.enums import FirstVerdict
from enishi.desk.enums import CallerWay, ConsultationAnswer, MailState, Origin, ProposalKind, ProposalStatus
from enishi.desk.models import Consultation, DeskSettings, Letter, Proposal, ReplyTemplate, SectionMailbox
from enishi.desk.services import links
from enishi.exchange.models import Challenge, Field
from enishi.notifications.enums import MailState as NoticeMail
from enishi.notifications.models import Notice
from enishi.organizations.enums import PARTNER_ROLES, Role
from enishi.organizations.models import Membership, Organization, Section

Sections = Mapping[tuple[str, str], Section]
MORNING = dt.time(9, 40)
TEMPLATES = (
    (
        "受付のお礼と、次の日程",
        "received",
        "{提案者} 様\n\n「{題名}」({受付番号})をお送りいただき、ありがとうございます。窓口で読ませていただき、関わりのある課に照会します。二週間以内に、進み方をお知らせします。\n\n{自治体} 窓口",
    ),
    (
        "もう少し教えてほしいこと",
        "checking",
        "{提案者} 様\n\n「{題名}」について、次のことを教えてください。分かる範囲で構いません。\n・費用をどちらがどれだけ持つか\n・市に用意してほしいもの\n・いつから始めたいか\n\n{自治体} 窓口",
    ),
    (
        "お話を聞く日のご相談",
        "in_dialogue",
        "{提案者} 様\n\n「{題名}」について、関心を持った課と一緒にお話を伺いたく、ご都合のよい日を三つほどお知らせください。\n\n{自治体} 窓口",
    ),
)


def fill(
    organizations: Mapping[str, Organization],
    sections: Sections,
    people: Mapping[str, Person],
    at: dt.datetime,
) -> None:
    """Make every proposal go its way, day by day; no letter goes out to anybody."""
    latest = Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    _settings(organizations["aoba"], sections)
    filler = _Filler(organizations, sections, people, at)
    # As they came: the receipt numbers follow the days.
    for row in sorted(lines("desk"), key=lambda each: -each["days_ago"]):
        filler.make(row)
    Letter.objects.filter(state=MailState.WAITING).update(state=MailState.SENT, sent_at=at)
    Notice.objects.filter(pk__gt=latest).update(mail=NoticeMail.NONE)
    cases.refresh(Proposal.objects.filter(pk__in=filler.made), at=at)


def _settings(town: Organization, sections: Sections) -> None:
    DeskSettings.objects.get_or_create(
        organization=town,
        defaults={
            "greeting": "相談だけでも構いません。まとまっていないアイデアも、窓口の者が一緒に整理します。",
            "hourly_cost_yen": 3_400,
            "hourly_cost_source": "見本の値(架空)",
        },
    )
    for order, (title, stage, body) in enumerate(TEMPLATES):
        ReplyTemplate.objects.get_or_create(
            organization=town, title=title, defaults={"stage": stage, "body": body, "order": order}
        )
    for code, address in (("040100", "kourei"), ("070200", "douro"), ("060100", "shoukou")):
        SectionMailbox.objects.get_or_create(
            section=sections["aoba", code], defaults={"email": f"{address}@city.aoba.example.jp"}
        )


class _Filler:
    def __init__(
        self,
        organizations: Mapping[str, Organization],
        sections: Sections,
        people: Mapping[str, Person],
        at: dt.datetime,
    ) -> None:
        self.organizations, self.sections, self.at = organizations, sections, at
        self.town, self.desk = organizations["aoba"], people["planner"]
        self.today = timezone.localdate(at)
        self.people = people
        self.fields = {field.name: field.pk for field in Field.objects.all()}
        self.made: list[int] = []

    def make(self, row: Mapping[str, Any]) -> None:
        received = self._moment(-row["days_ago"])
        proposal = self._receive(row, received)
        self.made.append(proposal.pk)
        if row["officer"]:
            self._assign(proposal, row, received)
        for days, happen in self._happenings(proposal, row):
            moment = min(self.at, received + dt.timedelta(days=days, hours=1))
            happen(moment)
        Proposal.objects.filter(pk=proposal.pk).update(
            is_demo=True,
            started_on=None
            if row["start"] is None
            else timezone.localdate(received) + dt.timedelta(days=row["start"]),
        )

    def _moment(self, days: int) -> dt.datetime:
        return timezone.make_aware(dt.datetime.combine(self.today + dt.timedelta(days=days), MORNING))

    def _receive(self, row: Mapping[str, Any], at: dt.datetime) -> Proposal:
        person, house = self._proposer(row["by"])
        origin = Origin.ON_BEHALF if row["behalf"] else Origin.CALL if row["challenge"] else Origin.FREE
        actor = self.desk if row["behalf"] else person
        proposal = services.start_draft(
            organization=self.town,
            kind=ProposalKind(row["kind"]),
            actor=actor,
            at=at,
            origin=origin,
            proposer=house,
            challenge=Challenge.objects.filter(import_key=row["challenge"]).first()
            if row["challenge"]
            else None,
        )
        self._write(proposal, row, actor, at)
        if actor is not None:
            return services.submit(proposal_id=proposal.pk, actor=actor, at=at)
        link = links.status_link(proposal, at=at)
        return services.receive_verified(link_id=link.pk, at=at)

    def _proposer(self, key: str) -> tuple[Person | None, Organization | None]:
        """The person who sends it and the house they speak for; ``("", …)`` is a visitor."""
        if not key:
            return None, None
        if key in self.people:
            place = Membership.objects.filter(person=self.people[key], role__in=PARTNER_ROLES).first()
            assert place is not None
            return self.people[key], place.organization
        house = (
            self.organizations.get(key)
            or self.organizations[{"shiokaze": "shiokazeshinkin", "satoyama": "satoyamajuku"}[key]]
        )
        place = (
            Membership.objects.filter(organization=house, role__in=PARTNER_ROLES)
            .select_related("person")
            .first()
        )
        return (place.person if place else self._somebody_of(house)), house

    def _somebody_of(self, house: Organization) -> Person:
        """A house nobody has signed in for yet gets somebody who sent the proposal; they cannot sign in."""
        person = Person.objects.create_user(f"house{house.pk}@demo.example", None, name=f"{house.name} 担当")
        Membership.objects.create(
            person=person, organization=house, role=Role.PARTNER_ADMINISTRATOR, valid_from=dt.date(2024, 4, 1)
        )
        return person

    def _write(
        self, proposal: Proposal, row: Mapping[str, Any], actor: Person | None, at: dt.datetime
    ) -> None:
        values = {
            name: row[name]
            for name in ("title", "summary", "effects", "requests", "schedule", "track_record", "cost_note")
        }
        values |= {"cost_yen": row["cost_yen"], "agrees_to_onward": True}
        if row["field"] in self.fields:
            values["fields"] = [self.fields[row["field"]]]
        if row["visitor"]:
            name, person, email = row["visitor"]
            values |= {"proposer_name": name, "name": person, "email": email}
        if row["behalf"]:
            way, name = row["behalf"]
            values |= {"proposer_name": name, "way": CallerWay(way)}
        if not actor and not row["visitor"]:
            values |= {"proposer_name": "市民の方", "name": "匿名", "email": "someone@example.jp"}
        services.save_draft(
            proposal_id=proposal.pk,
            values=values,
            parts=[tuple(row["sealed"])] if row["sealed"] else [],
            actor=actor,
            at=at,
        )

    def _assign(self, proposal: Proposal, row: Mapping[str, Any], at: dt.datetime) -> None:
        if not row["way"]:
            return
        willing = [code for _day, code, answer, _why, _after in row["ask"] if answer == "interested"]
        services.assign(
            proposal_id=proposal.pk,
            officer=self.desk,
            section=self.sections["aoba", willing[0]] if willing else None,
            actor=self.desk,
            at=at + dt.timedelta(hours=1),
        )

    def _happenings(self, proposal: Proposal, row: Mapping[str, Any]) -> list[tuple[float, Any]]:
        """Everything that happened after the receipt, in the order of its days."""
        found: list[tuple[float, Any]] = []
        asks = row["ask"]
        for days, stage, reason in row["way"]:
            asked = [ask for ask in asks if ask[0] == days] if stage == "consulting" else []
            found.append((days, self._going(proposal, stage, reason, asked)))
        if "first" in row:
            found.append((row["first"][0] + 0.1, self._first_word(proposal, *row["first"][1:])))
        for days, code, answer, why, after in asks:
            if answer:
                found.append((days + after, self._answering(proposal, code, answer, why)))
        for number, (side, body) in enumerate(row["talk"]):
            found.append((max(1, row["days_ago"] // 3) + number, self._talking(proposal, side, body)))
        for stage, minutes in row["minutes"]:
            day = next((days for days, name, _reason in row["way"] if name == stage), 1)
            found.append((day + 0.2, self._timing(proposal, minutes)))
        return sorted(found, key=lambda pair: pair[0])

    def _first_word(
        self, proposal: Proposal, verdict: str, reasons: list[str], sentence: str, text: str
    ) -> Any:
        def happen(moment: dt.datetime) -> None:
            deciding.reply_first(
                proposal_id=proposal.pk,
                verdict=FirstVerdict(verdict),
                reasons=reasons,
                sentence=sentence,
                text=text,
                actor=self.desk,
                at=moment,
            )

        return happen

    def _going(self, proposal: Proposal, stage: str, reason: str, asks: list[Any]) -> Any:
        def happen(moment: dt.datetime) -> None:
            if asks:
                services.consult(
                    proposal_id=proposal.pk,
                    sections=[self.sections["aoba", ask[1]] for ask in asks],
                    actor=self.desk,
                    at=moment,
                    question="できそうか、似た取り組みがあるか、心配な点は何かを教えてください。",
                )
            if Proposal.objects.get(pk=proposal.pk).status != stage:
                services.move(
                    proposal_id=proposal.pk,
                    status=ProposalStatus(stage),
                    actor=self.desk,
                    at=moment,
                    reason=reason,
                )

        return happen

    def _answering(self, proposal: Proposal, code: str, answer: str, why: str) -> Any:
        def happen(moment: dt.datetime) -> None:
            waiting = Consultation.objects.waiting().filter(
                proposal=proposal, section=self.sections["aoba", code]
            )
            for consultation in waiting:
                services.answer(
                    consultation_id=consultation.pk,
                    verdict=ConsultationAnswer(answer),
                    reason=why,
                    actor=self.desk,
                    at=moment,
                )

        return happen

    def _talking(self, proposal: Proposal, side: str, body: str) -> Any:
        def happen(moment: dt.datetime) -> None:
            current = Proposal.objects.get(pk=proposal.pk)
            if side == "desk":
                services.reply(proposal_id=proposal.pk, body=body, actor=self.desk, at=moment)
            else:
                services.write_to_desk(
                    proposal_id=proposal.pk, body=body, actor=current.submitted_by, at=moment
                )

        return happen

    def _timing(self, proposal: Proposal, minutes: int) -> Any:
        def happen(moment: dt.datetime) -> None:
            services.record_time(proposal_id=proposal.pk, minutes=minutes, actor=self.desk, at=moment)

        return happen
