"""Answers, the desk for residents and question sets in the small world, and who may open which address of theirs."""

from collections.abc import Iterable
from typing import Any

from django.core import signing

from enishi.foundation.spreadsheets import write_csv
from enishi.knowledge.answers import readings, services
from enishi.knowledge.answers.services import AnswerValues
from enishi.knowledge.concierge import services as desks
from enishi.knowledge.concierge.services import DeskValues
from enishi.knowledge.concierge.views import SALT
from enishi.knowledge.models import AnswerImport, ApprovedAnswer, AskedQuestion, HandOver, QuestionCluster
from enishi.knowledge.trust import services as trust
from enishi.organizations.enums import Role, Visibility
from tests.access_matrix.documents import documents, keeps, reads
from tests.access_matrix.table import (
    WHOLE_HOUSE,
    Operation,
    Row,
    everybody,
    owner_alone,
    signed_in,
    thing,
    town_authors,
)
from tests.access_matrix.world import WORD, Somebody, World
from tests.factories import NOON, TODAY


def furnish(world: World) -> None:
    made = [_answer(world, circle) for circle in Visibility if circle != Visibility.PARTIES]
    world.things["answers"] = [*made, _draft(world)]
    readings.read_answers([answer.pk for answer in made])
    world.things["translated_answer"] = _translated(world)
    runner = world.somebody("a_manager").person
    assert runner is not None
    world.things["desk"] = desks.set_desk(
        organization=world["a"],
        values=DeskValues("matrix", "試験の窓口", is_open=True),
        actor=runner,
        at=NOON,
    )
    _questions(world)
    rows = [(world.plant(lambda reader: reads_questions_of_a(reader, None)), "試験", "ja")]
    sheet = write_csv(("質問", "答えに必ず含む言葉", "言語"), rows)
    for name, published in (("question_set", False), ("published_set", True)):
        kept = trust.create_set(
            organization=world["a"], name=name, collection=None, content=sheet, actor=runner, at=NOON
        )
        trust.run_set(kept, at=NOON)
        trust.publish_set(set_id=kept.pk, published=published, actor=runner, at=NOON)
        world.things[name] = kept
    world.things["answer_import"] = AnswerImport.objects.create(
        organization=world["a"],
        person=world.somebody("a_planner").person,
        filename=f"{world.plant(lambda reader: reader is world['mine'])}.csv",
        created_at=NOON,
    )


def _values(world: World, word: str, circle: Visibility) -> AnswerValues:
    return AnswerValues(
        question=f"{WORD} {word}",
        answer=f"{WORD}は {word} です。",
        section_id=world["a1"].pk,
        visibility=circle,
        review_on=TODAY,
    )


def _answer(world: World, circle: Visibility) -> ApprovedAnswer:
    made: list[ApprovedAnswer] = []
    word = world.plant(lambda somebody: reads(somebody, made[0]))
    writer, approver = world.somebody("a_planner").person, world.somebody("a_manager").person
    assert writer is not None and approver is not None
    answer = services.create_answer(
        organization=world["a"], values=_values(world, word, circle), actor=writer, at=NOON
    )
    services.submit_answer(answer_id=answer.pk, actor=writer, at=NOON)
    made.append(services.approve_answer(answer_id=answer.pk, actor=approver, at=NOON))
    return made[0]


def _translated(world: World) -> ApprovedAnswer:
    """A public answer without numbers, and its translation that waits for approval."""
    writer = world.somebody("a_planner").person
    assert writer is not None
    values = AnswerValues(
        question=f"{WORD}の訳", answer="訳を待つ。", section_id=world["a1"].pk, review_on=TODAY
    )
    answer = services.create_answer(organization=world["a"], values=values, actor=writer, at=NOON)
    services.write_translation(
        answer_id=answer.pk, language="en", question="test", answer="It waits.", actor=writer, at=NOON
    )
    return answer


def _draft(world: World) -> ApprovedAnswer:
    """Meant for everybody, but not approved: its own house's alone."""
    writer = world.somebody("a_planner").person
    assert writer is not None
    word = world.plant(lambda somebody: somebody.is_of(world["a"]))
    return services.create_answer(
        organization=world["a"], values=_values(world, word, Visibility.PUBLIC), actor=writer, at=NOON
    )


def _questions(world: World) -> None:
    word = world.plant(lambda reader: reads_questions_of_a(reader, None))
    cluster = QuestionCluster.objects.create(
        organization=world["a"], section=world["a1"], title=word, count=1, first_at=NOON, last_at=NOON
    )
    question = AskedQuestion.objects.create(
        organization=world["a"],
        channel="concierge",
        language="ja",
        text=word,
        outcome="refused",
        cluster=cluster,
        section=world["a1"],
        at=NOON,
    )
    world.things["cluster"] = cluster
    world.things["hand_over"] = HandOver.objects.create(
        organization=world["a"], section=world["a1"], question=question, at=NOON
    )


READING = (Role.OFFICER, Role.AUDITOR, *WHOLE_HOUSE)


def reads_answer(somebody: Somebody, answer: Any) -> bool:
    return (
        somebody.is_of(answer.organization) and reads(somebody, answer)
        if answer.status == "draft"
        else reads(somebody, answer)
    )


def keeps_answer(somebody: Somebody, answer: Any) -> bool:
    return reads_answer(somebody, answer) and keeps(somebody, answer)


def approves(somebody: Somebody, answer: Any) -> bool:
    return (
        reads_answer(somebody, answer)
        and somebody.has(answer.organization, *WHOLE_HOUSE)
        and somebody.key != "a_planner"
    )


def reads_questions(somebody: Somebody, nothing: Any) -> bool:
    return somebody.role in READING


def is_house_a(somebody: Somebody) -> bool:
    return somebody.house is not None and somebody.house.name == "試験甲市"


def reads_questions_of_a(somebody: Somebody, nothing: Any) -> bool:
    return is_house_a(somebody) and somebody.role in READING


def writes_in_a(somebody: Somebody, nothing: Any) -> bool:
    return is_house_a(somebody) and somebody.role in (Role.OFFICER, *WHOLE_HOUSE)


def runs_a(somebody: Somebody, nothing: Any) -> bool:
    return is_house_a(somebody) and somebody.role in WHOLE_HOUSE


def runs_a_town(somebody: Somebody, nothing: Any) -> bool:
    return somebody.role in WHOLE_HOUSE


def answers(world: World) -> Iterable[Any]:
    return world.things["answers"]


def slug(_nothing: Any) -> tuple[str, ...]:
    return ("matrix",)


def in_english(answer: Any) -> tuple[Any, ...]:
    return (answer.pk, "en")


def asked_question(world: World, _desk: Any) -> dict[str, Any]:
    return {"token": signing.dumps(str(world["hand_over"].question_id), salt=SALT)}


OPERATIONS = {
    "GET /documents": Operation(everybody),
    "GET /documents/{key}": Operation(reads, about=documents, sees=reads),
    "GET /documents/{key}/passages": Operation(reads, about=documents, sees=reads),
    "GET /passages": Operation(everybody),
    "GET /answers": Operation(everybody),
    "POST /answers/ask": Operation(signed_in, body=lambda world, row: {"question": WORD}),
    "GET /concierge": Operation(everybody),
    "POST /concierge/{slug}/questions": Operation(
        everybody, about=thing("desk"), body=lambda world, desk: {"question": WORD}
    ),
    "POST /concierge/{slug}/feedback": Operation(
        everybody,
        about=thing("desk"),
        body=lambda world, desk: asked_question(world, desk) | {"helpful": "yes"},
    ),
    "POST /concierge/{slug}/hand-over": Operation(everybody, about=thing("desk"), body=asked_question),
}

LISTS = ("?format=csv", "?format=xlsx")
TABLE = {
    "answers:ask": Row(signed_in),
    "answers:answer_list": Row(town_authors, also=(*LISTS, f"?q={WORD}", "?due=1")),
    "answers:answer_new": Row(town_authors),
    "answers:question_list": Row(reads_questions, also=LISTS),
    "answers:todo_list": Row(reads_questions, also=(*LISTS, "?section=mine")),
    "answers:todo_detail": Row(reads_questions_of_a, about=thing("cluster")),
    "answers:todo_leave": Row(writes_in_a, about=thing("cluster"), post=True),
    "answers:models": Row(runs_a_town),
    "answers:import_new": Row(town_authors),
    "answers:import_form": Row(signed_in),
    "answers:import_detail": Row(owner_alone, about=thing("answer_import"), sees=owner_alone),
    "answers:import_confirm": Row(owner_alone, about=thing("answer_import"), sees=owner_alone, post=True),
    "answers:answer": Row(reads_answer, about=answers, sees=reads_answer),
    "answers:answer_edit": Row(keeps_answer, about=answers, sees=reads_answer),
    **{
        f"answers:answer_{step}": Row(keeps_answer, about=answers, sees=reads_answer, post=True)
        for step in ("submit", "withdraw", "confirm", "delete")
    },
    **{
        f"answers:answer_{step}": Row(approves, about=answers, sees=reads_answer, post=True, polite=True)
        for step in ("approve", "send_back")
    },
    "answers:translation": Row(keeps_answer, about=answers, args=in_english, sees=reads_answer),
    "answers:translation_draft": Row(
        keeps_answer, about=answers, args=in_english, sees=reads_answer, post=True
    ),
    "answers:translation_approve": Row(
        approves, about=thing("translated_answer"), args=in_english, sees=reads_answer, post=True, polite=True
    ),
    "concierge:index": Row(everybody),
    "concierge:widget": Row(everybody),
    "concierge:ask": Row(everybody, args=slug, also=("?lang=vi",)),
    "concierge:frame": Row(everybody, args=slug),
    "concierge:feedback": Row(everybody, args=slug, post=True),
    "concierge:hand_over": Row(everybody, args=slug, post=True),
    "concierge:desks": Row(town_authors),
    "concierge:desk_edit": Row(runs_a, about=thing("a")),
    "concierge:hand_over_done": Row(reads_questions_of_a, about=thing("hand_over"), post=True),
    "trust:sets": Row(town_authors),
    "trust:set_new": Row(runs_a_town),
    "trust:set_form": Row(signed_in),
    "trust:set": Row(
        reads_questions_of_a, about=thing("question_set"), sees=reads_questions_of_a, also=LISTS
    ),
    "trust:set_questions": Row(reads_questions_of_a, about=thing("question_set"), sees=reads_questions_of_a),
    "trust:set_replace": Row(runs_a, about=thing("question_set"), sees=reads_questions_of_a, polite=True),
    "trust:set_chart": Row(reads_questions_of_a, about=thing("question_set"), sees=reads_questions_of_a),
    **{
        f"trust:set_{step}": Row(
            runs_a, about=thing("question_set"), sees=reads_questions_of_a, post=True, polite=True
        )
        for step in ("run", "publish", "hide", "delete", "restore")
    },
    "trust:public": Row(everybody, args=slug),
    "trust:public_chart": Row(everybody, about=thing("published_set"), args=lambda kept: ("matrix", kept.pk)),
}
