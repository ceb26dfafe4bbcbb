"""The region's case library, learning path, checklists, templates and minutes, made as anybody would make them."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from enishi.accounts.models import Person
from enishi.config.demo.files import lines
from enishi.knowledge.cases import learning
from enishi.knowledge.cases import services as cases
from enishi.knowledge.cases.enums import Verification
from enishi.knowledge.cases.values import CaseValues, read_figures
from enishi.knowledge.checks import services as checks
from enishi.knowledge.checks.enums import Decision
from enishi.knowledge.checks.reading import typed_form
from enishi.knowledge.checks.rules import Rule
from enishi.knowledge.drafting import services as drafting
from enishi.knowledge.drafting.enums import DraftKind
from enishi.knowledge.drafting.sections import read_sections
from enishi.knowledge.drafting.services import Edit
from enishi.knowledge.models import Case, ChecklistVersion
from enishi.knowledge.sparring import services as sparring
from enishi.knowledge.staff.uploads import understood
from enishi.organizations.enums import Visibility
from enishi.organizations.models import Organization, Section

Sections = Mapping[tuple[str, str], Section]
WRITERS = {"aoba": "planner", "kusanagi": "kusanagi", "shiomi": "shiomi"}
_OPENED = dt.date(2026, 4, 10)
"""The library was opened in spring; what ended later was written down a month after its end."""


def fill(
    organizations: Mapping[str, Organization],
    sections: Sections,
    people: Mapping[str, Person],
    at: dt.datetime,
) -> None:
    """Bring in everything."""
    library = _Library(organizations, sections, people, timezone.localdate(at))
    made = {row["key"]: library.case(row) for row in lines("cases")}
    library.path(made)
    versions = [library.checklist(row) for row in lines("checklists")]
    library.checked(versions[0])
    for row in lines("templates"):
        library.template(row)
    for row in lines("minutes"):
        library.minutes(row)
    question = "北海道の食のプロジェクトで、うまくいったこと・失敗したこと・気をつける5つ"
    sparring.begin(text=question, actor=people["planner"], at=_moment(dt.date(2026, 11, 12)))


def _moment(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(10, 20)))


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


class _Library:
    def __init__(
        self,
        organizations: Mapping[str, Organization],
        sections: Sections,
        people: Mapping[str, Person],
        today: dt.date,
    ) -> None:
        self.organizations, self.sections, self.people, self.today = organizations, sections, people, today

    def case(self, row: Mapping[str, Any]) -> Case:
        ended = _day(row["ended"])
        written = max(_OPENED, ended + dt.timedelta(days=30)) if ended else _OPENED
        at = _moment(min(written, self.today))
        actor = self.people[WRITERS[row["organization"]]]
        plain = (
            "title situation action result outcome cause lesson transfer place partner fields themes source_note visibility"
        ).split()
        section = self.sections.get((row["organization"], row["section"]))
        values = CaseValues(
            **{name: row[name] for name in plain},
            figures=read_figures(row["figures"]),
            started_on=_day(row["started"]),
            ended_on=ended,
            section_id=section.pk if section else None,
        )
        case = cases.create_case(
            organization=self.organizations[row["organization"]],
            values=values,
            actor=actor,
            at=at,
            import_key=f"demo-{row['key']}",
            is_demo=True,
        )
        if row["verification"] != Verification.UNVERIFIED:
            cases.verify_case(
                case_id=case.pk, verification=Verification(row["verification"]), actor=actor, at=at
            )
        self._steps(case, row, actor, at)
        return case

    def _steps(self, case: Case, row: Mapping[str, Any], actor: Person, at: dt.datetime) -> None:
        names = ("title", "who", "days", "detail")
        steps = [dict(zip(names, step, strict=True)) for step in row.get("steps", [])]
        if steps:
            cases.write_steps(case_id=case.pk, steps=steps, actor=actor, at=at)
        if row.get("letter"):
            name, text = row["letter"]
            step = case.steps.filter(title__contains="手紙").first()
            cases.attach_file(
                case_id=case.pk,
                upload=understood(name, text.encode()),
                step_id=step.pk if step else None,
                actor=actor,
                at=at,
            )

    def path(self, made: Mapping[str, Case]) -> None:
        """What somebody new in the planning section reads first."""
        planner, at = self.people["planner"], _moment(dt.date(2026, 4, 15))
        section = self.sections["aoba", "010100"]
        path = learning.create_path(
            organization=self.organizations["aoba"],
            title="企画課に来た人の最初の一週間",
            purpose="協定と提案の扱いで、前の人がつまずいたところを先に知っておく。",
            section_id=section.pk,
            visibility=Visibility.INTERNAL.value,
            actor=planner,
            at=at,
            is_demo=True,
        )
        notes = {
            "a-outside": "その場で返事をしない、の一点。",
            "a-decline": "断りの手紙に何を書くか。",
            "a-survey": "聞く場を開く時期。",
            "a-stop": "やめる基準を先に決める。",
            "a-data": "人数の少ない行。",
        }
        items = [
            {"title": made[key].title, "case": made[key], "note": note, "minutes": 8}
            for key, note in notes.items()
        ]
        learning.write_items(path_id=path.pk, items=items, actor=planner, at=at)
        learning.mark_read(item_id=path.items.all()[0].pk, read=True, actor=planner, at=at)

    def checklist(self, row: Mapping[str, Any]) -> ChecklistVersion:
        actor, at = self.people[row["person"]], _moment(dt.date(2026, 4, 20))
        checklist = checks.create_checklist(
            organization=self.organizations["aoba"],
            title=row["title"],
            purpose=row["purpose"],
            section_id=self.sections["aoba", row["section"]].pk,
            visibility=Visibility.INTERNAL.value,
            actor=actor,
            at=at,
            is_demo=True,
        )
        rules = [Rule.read(rule) for rule in row["rules"]]
        return checks.write_rules(
            checklist_id=checklist.pk, rules=rules, note="", version=None, actor=actor, at=at
        )

    def checked(self, version: ChecklistVersion) -> None:
        """Two applications: one that is right, one that has to be mended."""
        planner = self.people["planner"]
        right = {
            "団体名": "青葉おはなしの会", "代表者氏名": "見本 太郎", "申請日": "令和8年5月12日", "事業開始日": "令和8年7月1日",
            "事業終了日": "令和9年2月28日", "補助金額": "200,000円", "総事業費": "320,000円", "自己資金": "100,000円",
            "そのほかの収入": "20,000円", "口座名義": "青葉おはなしの会", "区分": "新規", "誓約": "暴力団でないことを誓います",
        }  # fmt: skip
        wrong = {
            **right, "団体名": "緑ケ丘みまもり隊", "代表者氏名": "", "申請日": "令和8年6月2日", "補助金額": "35万円",
            "総事業費": "50万円", "区分": "継続",
        }  # fmt: skip
        for title, values, day in (("青葉おはなしの会", right, 13), ("緑ケ丘みまもり隊", wrong, 29)):
            form = typed_form(values, attachments=["会則.pdf"])
            at = _moment(dt.date(2026, 5, day))
            run = checks.check(version=version, title=title, form=form, actor=planner, at=at, is_demo=True)
            if values is right:
                checks.decide(run_id=run.pk, decision=Decision.ACCEPTED, note="", actor=planner, at=at)

    def template(self, row: Mapping[str, Any]) -> None:
        drafting.create_template(
            organization=self.organizations["aoba"],
            kind=DraftKind(row["kind"]),
            title=row["title"],
            parts=read_sections(row["text"]),
            section_id=None,
            visibility=Visibility.INTERNAL.value,
            actor=self.people["planner"],
            at=_moment(dt.date(2026, 4, 22)),
            is_demo=True,
        )

    def minutes(self, row: Mapping[str, Any]) -> None:
        actor, at = self.people[row["person"]], _moment(dt.date.fromisoformat(row["on"]))
        draft = drafting.create_draft(
            organization=self.organizations["aoba"],
            kind=DraftKind.MINUTES,
            title=row["title"],
            material=row["text"],
            section_id=self.sections["aoba", row["section"]].pk,
            visibility=Visibility.INTERNAL.value,
            actor=actor,
            at=at,
            is_demo=True,
        )
        if row["final"]:
            edits = {each.pk: Edit(each.text, "keep") for each in draft.sentences.all()}
            additions = {"会議の概要": "夜の通知の受け手が決まり、費用の分け方は次回に持ち越しました。"}
            drafting.save_sentences(
                draft_id=draft.pk, edits=edits, additions=additions, version=None, actor=actor, at=at
            )
            drafting.finish(draft_id=draft.pk, actor=actor, at=at)
