"""Calls, soundings, dialogue, reviews and decisions in the small world; and who may open what of them."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django.utils import timezone

from enishi.desk.calls.models import Call, CallCriterion, CallQuestion
from enishi.desk.decisions.models import Decision, Learned, OnwardOffer
from enishi.desk.dialogue.models import Homework, InternalNote, Meeting
from enishi.desk.models import Proposal
from enishi.desk.review.models import InvitedReviewer, Review, ReviewCriterion, ReviewEntry, Reviewer, Score
from enishi.desk.soundings.models import (
    Sounding,
    SoundingApplication,
    SoundingMinutes,
    SoundingSlot,
    SummaryBasis,
    SummaryParagraph,
)
from enishi.desk.soundings.services import link_token
from enishi.organizations.enums import Role, Visibility
from enishi.organizations.models import Invitation
from tests.access_matrix.table import Row, everybody, signed_in
from tests.access_matrix.world import WORD, Somebody, World
from tests.factories import NOON, TODAY, ChallengeFactory

WHOLE = (Role.MANAGER, Role.PLANNER, Role.ADMINISTRATOR)
DESK = (Role.PLANNER, Role.ADMINISTRATOR)
DAY = dt.timedelta(days=1)


def furnish(world: World) -> None:
    town = world["a"]

    def inside(reader: Somebody) -> bool:
        return reader.is_of(town)

    def both(reader: Somebody) -> bool:
        return reader.is_of(town) or reader.is_of(world["p"])

    def office(reader: Somebody) -> bool:
        return runs(reader, town)

    later = timezone.now() + 400 * DAY
    owned = {"organization": town, "created_at": NOON, "updated_at": NOON}
    call = Call.objects.create(
        **owned, title=f"{WORD} 募集", purpose="目的", asks="求めること", deadline=later, status="open",
        published_at=NOON, visibility=Visibility.PUBLIC,
    )  # fmt: skip
    CallCriterion.objects.create(call=call, name="効果", weight=100)
    draft = Call.objects.create(
        **owned, title=f"{WORD} {world.plant(inside)}", purpose="目的", asks="求めること", deadline=later,
        visibility=Visibility.PUBLIC, section=world["a1"],
    )  # fmt: skip
    word = world.plant(office)
    world.things["question"] = CallQuestion.objects.create(
        call=call, asker_name=word, text=word, asked_at=NOON
    )
    world.things |= {"call": call, "draft_call": draft}
    _sounding(world, owned, office, later)
    proposal = Proposal.objects.create(
        **owned, kind="proposal", title=f"{WORD} {world.plant(both)}", summary=world.plant(both), proposer=world["p"],
        proposer_name="試験丙", submitted_by=world.somebody("p_member").person, status="declined", received_at=NOON,
        decided_at=NOON, visibility=Visibility.INTERNAL, agrees_to_onward=True, agrees_to_publication=True,
    )  # fmt: skip
    world.things["engaged_proposal"] = proposal
    _talk(world, proposal, inside, both)
    _review(world, proposal, town)
    _ending(world, proposal, both, inside)


def _sounding(world: World, owned: dict[str, Any], office: Any, later: dt.datetime) -> None:
    def office_or_applicant(reader: Somebody) -> bool:
        return office(reader) or reader.is_of(world["p"])

    sounding = Sounding.objects.create(
        **owned, title=f"{WORD} 対話", purpose="目的", topics="聞きたいこと", apply_until=later, status="confirming",
        published_at=NOON, visibility=Visibility.PUBLIC,
    )  # fmt: skip
    open_one = Sounding.objects.create(
        **owned, section=world["a1"], title=f"{WORD} 対話", purpose="目的", topics="聞きたいこと", apply_until=later, status="open",
        published_at=NOON, visibility=Visibility.PUBLIC,
    )  # fmt: skip
    slot = SoundingSlot.objects.create(
        sounding=sounding, starts_at=later, ends_at=later + dt.timedelta(hours=1)
    )
    partner = SoundingApplication.objects.create(
        sounding=sounding, organization=world["p"], person=world.somebody("p_member").person,
        company=world.plant(office_or_applicant), contact_name="丙", email="p@example.jp", status="applied", applied_at=NOON,
    )  # fmt: skip
    visitor = SoundingApplication.objects.create(
        sounding=sounding, company=world.plant(office), contact_name="客", email="v@example.jp", status="applied",
        applied_at=NOON, slot=slot,
    )  # fmt: skip
    for each in (partner, visitor):
        SoundingMinutes.objects.create(
            application=each, held_on=TODAY, text=world.plant(office), know_how=world.plant(office),
            written_by=world.somebody("a_planner").person, written_at=NOON,
        )  # fmt: skip
    # Nobody but the office and the one it rests on reads a paragraph before it is published.
    paragraph = SummaryParagraph.objects.create(
        sounding=sounding, heading="段落", text=world.plant(office_or_applicant)
    )
    SummaryBasis.objects.create(paragraph=paragraph, application=partner)
    free = SoundingSlot.objects.create(
        sounding=sounding, starts_at=later + DAY, ends_at=later + DAY + dt.timedelta(hours=1)
    )
    world.things |= {
        "sounding": sounding, "open_sounding": open_one, "slot": free, "application": partner,
        "unknown_application": SoundingApplication.objects.create(
            sounding=open_one, company="試験丁", contact_name="丁", email="w@example.jp", status="applied", applied_at=NOON
        ),
        "paragraph": paragraph,
    }  # fmt: skip


def _talk(world: World, proposal: Proposal, inside: Any, both: Any) -> None:
    writer = world.somebody("a_planner").person
    common = {
        "proposal": proposal,
        "held_on": TODAY,
        "attendees": "二人",
        "written_by": writer,
        "written_at": NOON,
    }
    shared = Meeting.objects.create(
        **common, minutes=world.plant(both), internal_note=world.plant(inside), is_shared=True
    )
    world.things["kept_meeting"] = Meeting.objects.create(**common, minutes=world.plant(inside))
    world.things["meeting"] = shared
    world.things["homework"] = Homework.objects.create(
        meeting=shared, side="desk", owner_name="窓口", what="調べる", due_on=TODAY
    )
    InternalNote.objects.create(proposal=proposal, body=world.plant(inside), author=writer, written_at=NOON)


def _review(world: World, proposal: Proposal, town: Any) -> None:
    """Two reviewers: the manager, who declared and scored, and somebody from outside who was tied."""

    def may_see(reader: Somebody) -> bool:
        return runs(reader, town)

    review = Review.objects.create(
        organization=town, title=f"審査 {world.plant(lambda reader: may_see(reader) or reader.key == 'nobody')}",
        status="discussing", created_by=world.somebody("a_planner").person, created_at=NOON,
    )  # fmt: skip
    criterion = ReviewCriterion.objects.create(review=review, name="効果", weight=100)
    entry = ReviewEntry.objects.create(review=review, proposal=proposal)
    chair = Reviewer.objects.create(
        review=review,
        person=world.somebody("a_manager").person,
        is_chair=True,
        declared_at=NOON,
        submitted_at=NOON,
    )
    seat = Reviewer.objects.create(
        review=review,
        person=world.somebody("nobody").person,
        declared_at=NOON,
        excluded_because="株を持つ",
        is_external=True,
    )
    score = Score.objects.create(
        reviewer=chair, entry=entry, criterion=criterion, points=4, comment="よい", scored_at=NOON
    )
    preparing = Review.objects.create(
        organization=town,
        section=world["a1"],
        title="準備中",
        created_by=world.somebody("a_planner").person,
        created_at=NOON,
    )
    waiting = Reviewer.objects.create(review=preparing, person=world.somebody("a_manager").person)
    invitation = Invitation.objects.create(
        email="outsider@univ.example",
        organization=town,
        role="resident",
        digest="of-a-reviewer",
        invited_by=world.somebody("a_planner").person,
        created_at=NOON,
        expires_at=NOON,
    )
    invited = InvitedReviewer.objects.create(review=preparing, invitation=invitation)
    scoring = Review.objects.create(
        organization=town,
        title="採点中",
        status="scoring",
        created_by=world.somebody("a_planner").person,
        created_at=NOON,
    )
    ReviewEntry.objects.create(review=scoring, proposal=proposal)
    Reviewer.objects.create(review=scoring, person=world.somebody("nobody").person, is_external=True)
    world.things |= {
        "review": review, "entry": entry, "score": score, "reviewer": seat, "preparing": preparing,
        "waiting_reviewer": waiting, "scoring": scoring, "invited_reviewer": invited,
    }  # fmt: skip


def _ending(world: World, proposal: Proposal, both: Any, inside: Any) -> None:
    planner = world.somebody("a_planner").person
    world.things["decision"] = Decision.objects.create(
        proposal=proposal, verdict="declined", reasons=["cost"], sentence=world.plant(both), decided_at=NOON,
        decided_by=planner,
    )  # fmt: skip
    world.things["learned"] = Learned.objects.create(
        organization=world["a"], proposal=proposal, ending="declined", title=world.plant(inside), tried="試み", why="理由",
        reasons=["cost"], written_by=planner, written_at=NOON,
    )  # fmt: skip
    world.things["stopped"] = Learned.objects.create(
        organization=world["a"],
        ending="stopped",
        title=world.plant(lambda reader: runs(reader, world["a"])),
        tried="試み",
        why="理由",
        reasons=["cost"],
        written_by=planner,
        written_at=NOON,
    )
    world.things["offer"] = OnwardOffer.objects.create(
        proposal=proposal, challenge=ChallengeFactory(organization=world["b"], title="隣町の困りごと"),
        why=world.plant(both), asked_by=planner, asked_at=NOON,
    )  # fmt: skip


# --- Who -----------------------------------------------------------------------------------------------------------------


def runs(somebody: Somebody, town: Any, section: Any = None) -> bool:
    """The office; of its officers those of the section it names. What names none is the window's alone."""
    in_section = section is not None and somebody.section == section and somebody.has(town, Role.OFFICER)
    return in_section or somebody.has(town, *WHOLE)


def authors(somebody: Somebody, thing: Any) -> bool:
    return somebody.role in (Role.OFFICER, *WHOLE)


def owners(somebody: Somebody, thing: Any) -> bool:
    return runs(somebody, thing.organization, getattr(thing, "section", None))


def house(somebody: Somebody, thing: Any) -> bool:
    return somebody.is_of(thing.organization)


def of_call(somebody: Somebody, question: Any) -> bool:
    return owners(somebody, question.call)


def hears(somebody: Somebody, application: Any) -> bool:
    return owners(somebody, application.sounding)


def applies(somebody: Somebody, application: Any) -> bool:
    return application.organization is not None and somebody.is_of(application.organization)


def of_sounding(somebody: Somebody, part: Any) -> bool:
    return owners(somebody, part.sounding)


def desk_of(somebody: Somebody, proposal: Any) -> bool:
    return somebody.has(proposal.organization, *DESK)


def proposal_reader(somebody: Somebody, proposal: Any) -> bool:
    return somebody.is_of(proposal.organization) or somebody.is_of(proposal.proposer)


def via(name: str, who: Any) -> Any:
    """Asked of the thing's own ``name``: the proposal of a decision, the review of an entry."""

    def asked(somebody: Somebody, thing: Any) -> bool:
        for part in name.split("__"):
            thing = getattr(thing, part)
        return bool(who(somebody, thing))

    return asked


def meeting_reader(somebody: Somebody, meeting: Any) -> bool:
    proposal = meeting.proposal
    return somebody.is_of(proposal.organization) or (meeting.is_shared and somebody.is_of(proposal.proposer))


def house_of(somebody: Somebody, proposal: Any) -> bool:
    return somebody.is_of(proposal.organization)


def reviews(somebody: Somebody, review: Any) -> bool:
    """The office, and whoever has a seat."""
    return owners(somebody, review) or is_seated(somebody, review)


def is_seated(somebody: Somebody, review: Any) -> bool:
    return somebody.person is not None and review.reviewers.filter(person=somebody.person).exists()


def holds(somebody: Somebody, review: Any) -> bool:
    return owners(somebody, review)


def free_seat(somebody: Somebody, review: Any) -> bool:
    return (
        somebody.person is not None
        and review.reviewers.filter(
            person=somebody.person, declared_at__isnull=False, excluded_because=""
        ).exists()
    )


def scores_open(somebody: Somebody, review: Any) -> bool:
    return holds(somebody, review) or free_seat(somebody, review)


def nobody_now(somebody: Somebody, thing: Any) -> bool:
    return False


def proposers(somebody: Somebody, proposal: Any) -> bool:
    return somebody.is_of(proposal.proposer)


def letter_readers(somebody: Somebody, decision: Any) -> bool:
    return proposal_reader(somebody, decision.proposal)


def one(*names: str) -> Callable[[World], Iterable[Any]]:
    return lambda world: [world[name] for name in names]


def mine(world: World) -> Iterable[Any]:
    return (world["unknown_application"],)


proposal = one("engaged_proposal")

TABLE = {
    "desk:call_list": Row(everybody, also=("?q=" + WORD, "?format=csv", "?status=open")),
    "desk:call_new": Row(authors),
    "desk:call_detail": Row(
        lambda somebody, call: call.status != "draft" or house(somebody, call),
        about=one("call", "draft_call"),
        sees=lambda somebody, call: call.status != "draft" or house(somebody, call),
    ),
    "desk:call_calendar": Row(everybody, about=one("call")),
    "desk:call_edit": Row(owners, about=one("draft_call"), sees=house),
    "desk:trash": Row(signed_in),
    "desk:call_delete": Row(owners, about=one("draft_call"), sees=house),
    "desk:call_restore": Row(owners, about=one("draft_call"), sees=house, post=True),
    "desk:sounding_delete": Row(owners, about=one("sounding"), sees=house),
    "desk:sounding_restore": Row(owners, about=one("sounding"), sees=house, post=True),
    "desk:call_criteria": Row(owners, about=one("draft_call"), sees=house),
    "desk:call_open": Row(owners, about=one("draft_call"), sees=house, post=True),
    "desk:call_status": Row(owners, about=one("call"), sees=house, post=True),
    "desk:call_ask": Row(everybody, about=one("call"), post=True, data={"text": "いつまでですか"}),
    "desk:call_add": Row(owners, about=one("call"), sees=house, post=True, data={"text": "訂正"}),
    "desk:call_question_answer": Row(of_call, about=one("question"), sees=of_call),
    "desk:sounding_list": Row(everybody, also=("?q=" + WORD, "?format=csv", "?status=open")),
    "desk:sounding_new": Row(authors),
    "desk:sounding_detail": Row(everybody, about=one("sounding", "open_sounding")),
    "desk:sounding_edit": Row(owners, about=one("sounding"), sees=house),
    "desk:sounding_move": Row(
        owners, about=one("open_sounding"), sees=house, post=True, data={"status": "talking"}
    ),
    "desk:sounding_slots_add": Row(owners, about=one("sounding"), sees=house, post=True),
    "desk:sounding_slot_remove": Row(of_sounding, about=one("slot"), sees=via("sounding", house), post=True),
    "desk:sounding_apply": Row(everybody, about=one("open_sounding")),
    "desk:sounding_mine": Row(everybody, about=mine, args=lambda thing: (link_token(thing),)),
    "desk:sounding_application": Row(applies, about=one("application"), sees=applies),
    "desk:sounding_dialogue": Row(hears, about=one("application"), sees=hears),
    "desk:sounding_dialogue_book": Row(hears, about=one("application"), sees=hears, post=True),
    "desk:sounding_dialogue_decline": Row(
        hears, about=one("application"), sees=hears, post=True, data={"reason": "満席"}
    ),
    "desk:sounding_summary": Row(owners, about=one("sounding"), sees=house),
    "desk:sounding_summary_ask": Row(owners, about=one("sounding"), sees=house, post=True),
    "desk:sounding_summary_publish": Row(owners, about=one("sounding"), sees=house, post=True),
    "desk:sounding_paragraph": Row(of_sounding, about=one("paragraph"), sees=via("sounding", house)),
    "desk:sounding_paragraph_remove": Row(
        of_sounding, about=one("paragraph"), sees=via("sounding", house), post=True
    ),
    "desk:meeting_new": Row(desk_of, about=proposal, sees=desk_of),
    "desk:meeting_edit": Row(
        via("proposal", desk_of), about=one("meeting", "kept_meeting"), sees=via("proposal", desk_of)
    ),
    "desk:homework_done": Row(
        via("meeting__proposal", desk_of),
        about=one("homework"),
        sees=via("meeting", meeting_reader),
        post=True,
    ),
    "desk:internal_note_add": Row(house_of, about=proposal, sees=house_of, post=True, data={"body": "メモ"}),
    "desk:review_list": Row(signed_in, also=("?format=csv", "?status=scoring")),
    "desk:review_of_call": Row(owners, about=one("call"), sees=owners),
    "desk:review_of_proposal": Row(owners, about=proposal, sees=owners),
    "desk:review_detail": Row(reviews, about=one("review", "preparing", "scoring"), sees=reviews),
    "desk:review_seat": Row(holds, about=one("preparing"), sees=holds, post=True),
    "desk:review_uninvite": Row(
        via("review", holds), about=one("invited_reviewer"), sees=via("review", holds), post=True
    ),
    "desk:review_unseat": Row(
        via("review", holds), about=one("waiting_reviewer"), sees=via("review", holds), post=True
    ),
    "desk:review_criteria": Row(holds, about=one("preparing"), sees=holds),
    "desk:review_open": Row(holds, about=one("preparing"), sees=holds, post=True),
    "desk:review_declare": Row(is_seated, about=one("scoring"), sees=is_seated),
    "desk:review_entry": Row(via("review", free_seat), about=one("entry"), sees=via("review", free_seat)),
    "desk:review_submit": Row(nobody_now, about=one("scoring"), sees=reviews, post=True),
    "desk:review_discuss": Row(nobody_now, about=one("scoring"), sees=reviews, post=True),
    "desk:review_score_revise": Row(
        lambda somebody, score: somebody.person == score.reviewer.person,
        about=one("score"),
        sees=lambda somebody, score: somebody.person == score.reviewer.person,
    ),
    "desk:review_entry_order": Row(
        via("review", free_seat), about=one("entry"), sees=via("review", free_seat)
    ),
    "desk:review_close": Row(
        scores_open, about=one("review"), sees=reviews, post=True, data={"conclusion": "まとめ"}
    ),
    "desk:review_table": Row(scores_open, about=one("review"), sees=scores_open),
    "desk:first_reply": Row(desk_of, about=proposal, sees=desk_of),
    "desk:decide": Row(desk_of, about=proposal, sees=desk_of),
    "desk:decision_pack": Row(
        desk_of, about=proposal, sees=desk_of, also=("?ground=none&kind=物件の借入れ&body=city",)
    ),
    "desk:learned_write": Row(desk_of, about=proposal, sees=desk_of),
    "desk:proposal_onward": Row(desk_of, about=proposal, sees=desk_of),
    "desk:decision_letter": Row(
        letter_readers, about=one("decision"), args=lambda thing: (thing.pk, "docx"), sees=letter_readers
    ),
    "desk:decision_publish": Row(
        via("proposal", desk_of), about=one("decision"), sees=via("proposal", desk_of)
    ),
    # Nobody holds this secret: everybody is told that the link does not open anything.
    "desk:letter_by_link": Row(
        nobody_now, about=one("decision"), args=lambda thing: ("no-such-secret", "docx"), sees=nobody_now
    ),
    "desk:onward_answer_by_link": Row(
        nobody_now,
        about=one("offer"),
        args=lambda thing: ("no-such-secret", thing.pk),
        sees=nobody_now,
        post=True,
    ),
    "desk:onward_answer": Row(
        via("proposal", proposers),
        about=one("offer"),
        sees=via("proposal", proposers),
        post=True,
        data={"answer": "no"},
    ),
    "desk:result_list": Row(everybody, also=("?verdict=adopted", "?format=csv")),
    "desk:learned_list": Row(everybody, also=("?q=" + WORD, "?reason=cost", "?format=csv")),
    "desk:learned_stopped": Row(authors),
    "desk:learned_stopped_edit": Row(owners, about=one("stopped"), sees=owners),
    "desk:learned_publish": Row(
        via("proposal", owners),
        about=one("learned"),
        sees=via("proposal", owners),
        post=True,
        data={"has_looked": "1"},
    ),
}
