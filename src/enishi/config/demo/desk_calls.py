"""The region's calls, reviews and decisions, and its sounding: made through the same doors as anybody's, dated over the past months."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from enishi.accounts.models import Person
from enishi.config.demo.files import lines
from enishi.desk import services as desk
from enishi.desk.calls import services as calls
from enishi.desk.calls.enums import CallStatus
from enishi.desk.calls.models import Call
from enishi.desk.decisions import learning, onward
from enishi.desk.decisions import services as deciding
from enishi.desk.decisions.enums import FirstVerdict, Verdict
from enishi.desk.dialogue import services as dialogue
from enishi.desk.dialogue.services import Promise
from enishi.desk.enums import MailState, ProposalKind, Speaker
from enishi.desk.models import Letter, Posting, Proposal
from enishi.desk.review import judging, seats
from enishi.desk.review import services as reviews
from enishi.desk.review.models import Review, Score
from enishi.desk.soundings import services as soundings
from enishi.desk.soundings import summaries
from enishi.desk.soundings.enums import Consent, SoundingStatus
from enishi.desk.soundings.models import Sounding, SoundingApplication
from enishi.exchange.models import Challenge
from enishi.notifications.enums import MailState as NoticeMail
from enishi.notifications.models import Notice
from enishi.organizations.enums import Visibility
from enishi.organizations.models import Organization

HOUR = dt.time(10, 15)
WORKS_FOR = {
    "company": "hoshikawa", "npo": "hidamari", "university": "aobanouniv", "university2": "aobanouniv",
    "community": "midorigaoka", "hidamari": "hidamari",
}  # fmt: skip
"""Where the people of the region work, where that is not their own key."""


def fill(organizations: Mapping[str, Organization], people: Mapping[str, Person], at: dt.datetime) -> None:
    """Bring in everything. Nobody is written to: the people of the region have no mailboxes."""
    before = Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    filler = _Filler(organizations, people, at)
    for row in lines("desk_calls"):
        filler.call(row)
    for row in lines("desk_soundings"):
        filler.sounding(row)
    Notice.objects.filter(pk__gt=before).update(mail=NoticeMail.NONE)
    Letter.objects.filter(state=MailState.WAITING).update(state=MailState.SENT, sent_at=at)
    Posting.objects.filter(state=MailState.WAITING).update(state=MailState.SENT, sent_at=at)


class _Filler:
    def __init__(
        self, organizations: Mapping[str, Organization], people: Mapping[str, Person], at: dt.datetime
    ) -> None:
        self.organizations, self.people, self.today = organizations, people, timezone.localdate(at)
        self.town, self.planner = organizations["aoba"], people["planner"]

    def _at(self, days: int, hour: dt.time = HOUR) -> dt.datetime:
        return timezone.make_aware(dt.datetime.combine(self._day(days), hour))

    def _day(self, days: int) -> dt.date:
        return self.today + dt.timedelta(days=days)

    def _house(self, key: str) -> Organization:
        return self.organizations[WORKS_FOR.get(key, key)]

    def _challenges(self, keys: list[str]) -> list[Challenge]:
        return list(Challenge.objects.filter(import_key__in=[f"demo-{key}" for key in keys]))

    # --- Calls -----------------------------------------------------------------------------------------------------------

    def call(self, row: Mapping[str, Any]) -> None:
        opened = self._at(row["opened"])
        call = calls.create_call(
            organization=self.town,
            values={
                **{name: row[name] for name in ("title", "purpose", "asks", "conditions", "flow")},
                "challenges": self._challenges(row["challenges"]),
                "budget_yen": row["budget"],
                "deadline": self._at(row["deadline"], dt.time(17, 0)),
                **{name: self._day(row[name]) for name in ("questions_until", "answers_by", "result_by")},
                "contact_name": row["contact"],
                "section": None,
                "visibility": Visibility.PUBLIC,
            },
            actor=self.planner,
            at=opened - dt.timedelta(days=3),
            is_demo=True,
        )
        rows = [(name, description, weight) for name, description, weight in row["criteria"]]
        calls.set_criteria(call_id=call.pk, rows=rows, actor=self.planner, at=opened)
        call = calls.open_call(call_id=call.pk, actor=self.planner, at=opened)
        self._talk_about(call, row)
        proposals = [self._proposal(call, each) for each in row["proposals"]]
        if row["deadline"] < 0:
            calls.close_due(call.deadline)
        if "review" in row:
            review = self._review(call, row["review"], row["proposals"])
            self._decide(review, row["proposals"], proposals)
            if any("decision" in each for each in row["proposals"]):
                calls.change_status(
                    call_id=call.pk,
                    status=CallStatus.DECIDED,
                    reason="",
                    actor=self.planner,
                    at=self._at(-88),
                )

    def _talk_about(self, call: Call, row: Mapping[str, Any]) -> None:
        for day, text, answer in row["questions"]:
            question = calls.ask(call_id=call.pk, text=text, name="", email="", person=None, at=self._at(day))
            if answer:
                calls.answer(
                    question_id=question.pk,
                    text=answer,
                    public_text=text,
                    actor=self.planner,
                    at=self._at(day + 2),
                )
        for day, text in row["addenda"]:
            calls.add(call_id=call.pk, text=text, actor=self.planner, at=self._at(day))

    def _proposal(self, call: Call, row: Mapping[str, Any]) -> Proposal:
        person, house, at = self.people[row["who"]], self._house(row["who"]), self._at(row["received"])
        draft = desk.start_draft(
            organization=self.town,
            kind=ProposalKind.PROPOSAL,
            actor=person,
            proposer=house,
            challenge=call.challenges.order_by("pk").first(),
            call=call,
            at=at,
        )
        values = {
            **{name: row[name] for name in ("title", "summary", "effects")},
            "cost_yen": row["cost"],
            "schedule": "協定のあと、準備に二か月、実証に六か月を見込みます。",
            "proposer_name": house.name,
            "agrees_to_publication": bool(row.get("publish")),
            "agrees_to_onward": bool(row.get("onward")),
            "name": person.name,
            "email": person.email,
        }
        parts = [(heading, text) for heading, text in row["parts"]]
        desk.save_draft(proposal_id=draft.pk, values=values, parts=parts, actor=person, at=at)
        proposal = desk.submit(proposal_id=draft.pk, actor=person, at=at)
        Proposal.objects.filter(pk=proposal.pk).update(is_demo=True, officer=self.planner)
        if "reply" in row:
            day, verdict, reasons, sentence, text = row["reply"]
            deciding.reply_first(
                proposal_id=proposal.pk,
                verdict=FirstVerdict(verdict),
                reasons=reasons,
                sentence=sentence,
                text=text,
                actor=self.planner,
                at=self._at(day),
            )
            self._meet(proposal, row, day + 1)
        return proposal

    def _meet(self, proposal: Proposal, row: Mapping[str, Any], day: int) -> None:
        talk = row["talk"]
        dialogue.write_meeting(
            proposal_id=proposal.pk,
            meeting_id=None,
            values={
                "held_on": self._day(day),
                "place": talk["place"],
                "attendees": f"{proposal.proposer_name}、企画課",
                "minutes": talk["minutes"],
                "decisions": talk["decisions"],
                "internal_note": talk["note"],
                "is_shared": True,
            },
            promises=[
                Promise(
                    Speaker.PROPOSER, proposal.proposer_name, talk["proposer"], self._day(day + talk["by"])
                ),
                Promise(Speaker.DESK, "企画課", talk["desk"], self._day(day + talk["by"] + 2)),
            ],
            actor=self.planner,
            at=self._at(day, dt.time(16, 30)),
        )

    # --- Reviews and decisions -------------------------------------------------------------------------------------------

    def _review(self, call: Call, row: Mapping[str, Any], proposals: list[Mapping[str, Any]]) -> Review:
        values = {"title": row["title"], "scoring_due_on": self._day(row["due"])}
        review = reviews.prepare(
            call=call, values=values, actor=self.planner, at=self._at(row["prepared"]), is_demo=True
        )
        judges = [[row["chair"], "委員長", 0], *row["reviewers"]]
        for key, affiliation, is_external in judges:
            seats.seat(
                review_id=review.pk,
                person=self.people[key],
                affiliation=affiliation,
                is_chair=key == row["chair"],
                is_external=bool(is_external),
                actor=self.planner,
                at=self._at(row["prepared"]),
            )
        at = self._at(row["opened"])
        reviews.open_scoring(review_id=review.pk, actor=self.planner, at=at)
        entries = list(review.entries.all())
        by_who = dict(zip([each["who"] for each in proposals], entries, strict=True))
        for key in [*row["scores"], *row["ties"]]:
            who, tie, details = row["ties"].get(key, ("", "", ""))
            answers = {
                entry.pk: (([tie], details) if entry is by_who.get(who) else ([], "")) for entry in entries
            }
            judging.declare(review_id=review.pk, answers=answers, actor=self.people[key], at=at)
        criteria = list(review.criteria.all())
        for key, table in row["scores"].items():
            for entry, points in zip(entries, table, strict=True):
                given = {each.pk: (value, "") for each, value in zip(criteria, points, strict=True)}
                judging.score(entry_id=entry.pk, points=given, actor=self.people[key], at=at)
        for key in row["submitted"]:
            judging.submit(review_id=review.pk, actor=self.people[key], at=at)
        if "closed" in row:
            self._discuss(review, row)
        return review

    def _discuss(self, review: Review, row: Mapping[str, Any]) -> None:
        chair, at = self.people[row["chair"]], self._at(row["discussed"])
        reviews.discuss(review_id=review.pk, reason="", actor=chair, at=at)
        key, entry, criterion, points, reason = row["revised"]
        score = Score.objects.get(
            reviewer__review=review,
            reviewer__person=self.people[key],
            entry=review.entries.all()[entry],
            criterion=review.criteria.all()[criterion],
        )
        judging.revise(score_id=score.pk, points=points, reason=reason, actor=self.people[key], at=at)
        reviews.close(
            review_id=review.pk, conclusion=row["conclusion"], actor=chair, at=self._at(row["closed"])
        )

    def _decide(self, review: Review, rows: list[Mapping[str, Any]], proposals: list[Proposal]) -> None:
        for number, (row, proposal) in enumerate(zip(rows, proposals, strict=True), 1):
            if "decision" not in row:
                continue
            day, verdict, reasons, sentence, conditions, public, names = row["decision"]
            decision = deciding.decide(
                proposal_id=proposal.pk,
                verdict=Verdict(verdict),
                reasons=reasons,
                sentence=sentence,
                conditions=conditions,
                letter_number=f"青住第{40 + number}号",
                signatory="あおば市長",
                actor=self.planner,
                at=self._at(day),
            )
            deciding.publish_result(
                decision_id=decision.pk,
                public_text=public,
                names_proposer=bool(names),
                actor=self.planner,
                at=self._at(day + 4),
            )
            self._after(proposal, row)

    def _after(self, proposal: Proposal, row: Mapping[str, Any]) -> None:
        if "learned" in row:
            day, title, tried, why, advice = row["learned"]
            learned = learning.write_learned(
                proposal_id=proposal.pk,
                values={
                    "title": title,
                    "tried": tried,
                    "why": why,
                    "advice": advice,
                    "reasons": row["decision"][2],
                },
                actor=self.planner,
                at=self._at(day),
            )
            learning.publish_learned(
                learned_id=learned.pk, has_looked=True, actor=self.planner, at=self._at(day + 1)
            )
        if "offer" in row:
            day, key, why = row["offer"]
            (challenge,) = self._challenges([key])
            onward.offer(
                proposal_id=proposal.pk,
                challenge_id=challenge.pk,
                why=why,
                actor=self.planner,
                at=self._at(day),
            )

    # --- The sounding ----------------------------------------------------------------------------------------------------

    def sounding(self, row: Mapping[str, Any]) -> None:
        opened = self._at(row["opened"])
        sounding = soundings.create_sounding(
            organization=self.town,
            values={
                **{name: row[name] for name in ("title", "purpose", "topics", "eligibility", "place")},
                "challenges": self._challenges(row["challenges"]),
                "contact_name": row["contact"],
                "apply_until": self._at(row["apply_until"], dt.time(17, 0)),
                "section": None,
                "visibility": Visibility.PUBLIC,
                "summary": "参加した5者との対話から、次のような考えをうかがいました。",
            },
            actor=self.planner,
            at=opened,
            is_demo=True,
        )
        self._move(sounding, SoundingStatus.OPEN, row["opened"])
        soundings.add_slots(
            sounding_id=sounding.pk,
            day=self._day(row["talked"] - 4),
            first=dt.time(9, 0),
            last=dt.time(16, 0),
            minutes=60,
            place="市役所3階",
            actor=self.planner,
            at=opened,
        )
        applications = [
            self._application(sounding, each, place, row) for place, each in enumerate(row["applications"])
        ]
        self._move(sounding, SoundingStatus.TALKING, row["talked"] - 5)
        for application, each in zip(applications, row["applications"], strict=True):
            self._minutes(application, each, row["talked"])
        self._summary(sounding, applications, row)

    def _application(
        self, sounding: Sounding, row: Mapping[str, Any], place: int, whole: Mapping[str, Any]
    ) -> SoundingApplication:
        key = {"hidamari": "npo"}.get(row.get("who", ""), row.get("who", ""))
        person = self.people[key] if key else None
        house = self._house(key) if key else None
        at = self._at(whole["opened"] + 6 + place)
        made = soundings.apply(
            sounding_id=sounding.pk,
            values={
                "company": house.name if house else row["company"],
                "contact_name": person.name if person else row["name"],
                "email": row.get("mail", ""),
                "message": "校舎の使い方について話したいことがあります。",
            },
            person=person,
            organization=house,
            at=at,
        )
        soundings.verify(application_id=made.pk, at=at)
        slot = sounding.slots.all()[place]
        return soundings.book(application_id=made.pk, slot_id=slot.pk, at=at, actor=person)

    def _minutes(self, application: SoundingApplication, row: Mapping[str, Any], day: int) -> None:
        values = {
            "held_on": self._day(day - 4),
            "attendees": "財産活用課2名、企画課1名",
            "text": row["minutes"],
            "know_how": row["know"],
        }
        soundings.write_minutes(
            application_id=application.pk, values=values, actor=self.planner, at=self._at(day)
        )

    def _summary(
        self, sounding: Sounding, applications: list[SoundingApplication], row: Mapping[str, Any]
    ) -> None:
        paragraphs = [
            summaries.write_paragraph(
                sounding_id=sounding.pk,
                paragraph_id=None,
                heading=heading,
                text=text,
                application_ids=[applications[place].pk for place in places],
                actor=self.planner,
                at=self._at(row["confirming"] - 2),
            )
            for heading, text, places in row["paragraphs"]
        ]
        summaries.ask_consents(
            sounding_id=sounding.pk, has_looked=True, actor=self.planner, at=self._at(row["confirming"])
        )
        for who, paragraph, consent, comment in row["consents"]:
            basis = applications[who].bases.get(paragraph=paragraphs[paragraph])
            soundings.answer_consent(
                basis_id=basis.pk,
                application_id=applications[who].pk,
                consent=Consent(consent),
                comment=comment,
                at=self._at(row["confirming"] + 3),
            )

    def _move(self, sounding: Sounding, status: SoundingStatus, day: int) -> None:
        soundings.change_status(sounding_id=sounding.pk, status=status, actor=self.planner, at=self._at(day))
