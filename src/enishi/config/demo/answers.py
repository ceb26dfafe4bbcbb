"""What the region answers its residents: approved answers, two desks, a question set, and questions nobody could answer."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.config.demo.files import lines
from enishi.foundation.spreadsheets import write_csv
from enishi.knowledge.answers import asking, readings, services, todo
from enishi.knowledge.answers.asking import Question
from enishi.knowledge.answers.services import AnswerValues
from enishi.knowledge.concierge import services as desks
from enishi.knowledge.concierge.services import DeskValues
from enishi.knowledge.models import ApprovedAnswer, AskedQuestion, QuestionSet
from enishi.knowledge.trust import services as trust
from enishi.organizations.enums import Role
from enishi.organizations.models import Membership, Organization, Section

Sections = Mapping[tuple[str, str], Section]
HOURS = {"aoba": "平日 8:30〜17:15(市民課は木曜日 19:00まで)", "kusanagi": "平日 8:30〜17:15"}
UNANSWERED = (
    "パスポートの申請はどこでできますか",
    "旅券の申請はどこですればいいですか",
    "パスポートの更新の窓口はどこですか",
    "火葬場の使用料はいくらですか",
    "図書館に駐車場はありますか",
    "図書館の駐車場は何台止められますか",
    "下水道の使用料はいくらですか",
    "太陽光発電の補助金はいくらですか",
)


def fill(
    organizations: Mapping[str, Organization],
    sections: Sections,
    people: Mapping[str, Person],
    at: dt.datetime,
) -> None:
    """Write, approve and translate every answer, and open the desks."""
    chief = _chief_of_kusanagi(organizations["kusanagi"], at)
    hands = {"aoba": (people["planner"], people["admin"]), "kusanagi": (people["kusanagi"], chief)}
    made = {
        (row["organization"], row["question"]): _answer(row, organizations, sections, hands, at)
        for row in lines("answers")
    }
    for row in lines("answer_translations"):
        _translate(made["aoba", row["of"]], row, *hands["aoba"], at)
    for key, (writer, approver) in hands.items():
        Section.objects.filter(organization=organizations[key]).update(opening_hours="平日 8:30〜17:15")
        _open_desk(organizations[key], key, approver, at)
        # One answer waits for its approval, so that the list of what is to do is not empty.
        _waiting(organizations[key], writer, at)
    _question_set(organizations["aoba"], people["admin"], at)


def fill_readings(at: dt.datetime) -> None:
    """What needs the language model: vectors, questions nobody could answer, the first night's test."""
    readings.read_answers(list(ApprovedAnswer.objects.filter(is_demo=True).values_list("pk", flat=True)))
    house = Organization.objects.filter(concierge__slug="aoba").first()
    if house is None or AskedQuestion.objects.exists():
        return
    for days, text in enumerate(UNANSWERED):
        asking.ask(Question(text, AnonymousUser(), [house]), at=at - dt.timedelta(days=days, hours=3))
    todo.cluster_questions(at)
    for kept in QuestionSet.objects.filter(organization=house):
        runner = Person.objects.get(email="admin@demo.example")
        trust.start_run(set_id=kept.pk, actor=runner, at=at)


def _chief_of_kusanagi(house: Organization, at: dt.datetime) -> Person:
    """A small town still needs two people: one writes, another approves."""
    chief = Person.objects.create_user("kusanagi3@demo.example", None, name="柴田 恵", kana="しばた めぐみ")
    Membership.objects.create(
        person=chief,
        organization=house,
        role=Role.MANAGER,
        title="総務企画課長",
        valid_from=dt.date(2024, 4, 1),
    )
    return chief


def _answer(
    row: Mapping[str, Any],
    organizations: Mapping[str, Organization],
    sections: Sections,
    hands: Mapping[str, tuple[Person, Person]],
    at: dt.datetime,
) -> ApprovedAnswer:
    writer, approver = hands[row["organization"]]
    written = at - dt.timedelta(days=row["written_days_ago"])
    answer = services.create_answer(
        organization=organizations[row["organization"]],
        values=AnswerValues(
            question=row["question"],
            answer=row["answer"],
            other_questions="\n".join(row["others"]),
            category=row["category"],
            section_id=sections[row["organization"], row["section"]].pk,
            review_on=timezone.localdate(at) + dt.timedelta(days=row["review_in_days"]),
        ),
        actor=writer,
        at=written,
        import_key=f"demo-{row['number']}",
        is_demo=True,
    )
    services.submit_answer(answer_id=answer.pk, actor=writer, at=written + dt.timedelta(hours=2))
    return services.approve_answer(answer_id=answer.pk, actor=approver, at=written + dt.timedelta(days=2))


def _translate(
    answer: ApprovedAnswer, row: Mapping[str, Any], writer: Person, approver: Person, at: dt.datetime
) -> None:
    kept = services.write_translation(
        answer_id=answer.pk,
        language=row["language"],
        question=row["question"],
        answer=row["answer"],
        actor=writer,
        at=at - dt.timedelta(days=20),
    )
    services.approve_translation(translation_id=kept.pk, actor=approver, at=at - dt.timedelta(days=18))


def _open_desk(house: Organization, slug: str, actor: Person, at: dt.datetime) -> None:
    default = Section.objects.filter(organization=house, name__in=("広報広聴課", "総務企画課")).first()
    desks.set_desk(
        organization=house,
        values=DeskValues(
            slug=slug,
            title=f"{house.name} 住民の窓口",
            greeting="暮らしの手続きや制度について、承認済みの回答と公開の資料からお答えします。",
            is_open=True,
            default_section_id=default.pk if default else None,
            opening_hours=HOURS[slug],
            shown_on="https://www.city.aoba.example.lg.jp" if slug == "aoba" else "",
        ),
        actor=actor,
        at=at,
    )


def _waiting(house: Organization, writer: Person, at: dt.datetime) -> None:
    answer = services.create_answer(
        organization=house,
        values=AnswerValues(
            question="窓口で手話通訳を頼めますか",
            answer="3日前までに電話かファクスで申し込むと、手話通訳者が同席します。費用はかかりません。",
            category="相談",
            review_on=timezone.localdate(at) + dt.timedelta(days=365),
        ),
        actor=writer,
        at=at - dt.timedelta(days=1),
        is_demo=True,
    )
    services.submit_answer(answer_id=answer.pk, actor=writer, at=at - dt.timedelta(hours=20))


def _question_set(house: Organization, actor: Person, at: dt.datetime) -> None:
    rows = [(row["question"], row["must"], row["language"]) for row in lines("answer_questions")]
    made = trust.create_set(
        organization=house,
        name="くらしの質問",
        collection=None,
        content=write_csv(("質問", "答えに必ず含む言葉", "言語"), rows),
        actor=actor,
        at=at,
    )
    trust.publish_set(set_id=made.pk, published=True, actor=actor, at=at)
