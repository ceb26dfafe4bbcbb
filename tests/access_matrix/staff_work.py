"""Cases, checks, drafts and sparring in the small world, and who may open which address of theirs."""

from collections.abc import Iterable
from typing import Any

from enishi.knowledge.cases import learning
from enishi.knowledge.cases import services as cases
from enishi.knowledge.cases.readings import refresh
from enishi.knowledge.cases.search import KIND
from enishi.knowledge.cases.values import CaseValues
from enishi.knowledge.checks import services as checks
from enishi.knowledge.checks.rules import Form, Rule, Value
from enishi.knowledge.drafting import services as drafting
from enishi.knowledge.drafting.enums import DraftKind
from enishi.knowledge.drafting.sections import read_sections
from enishi.knowledge.models import Case, CaseImport, CheckBatch
from enishi.knowledge.services import index
from enishi.knowledge.sparring import services as sparring
from enishi.knowledge.staff.uploads import understood
from enishi.organizations.enums import Visibility
from tests.access_matrix.documents import keeps, reads
from tests.access_matrix.table import Row, everybody, owner_alone, signed_in, thing, town_authors
from tests.access_matrix.world import WORD, Somebody, World
from tests.factories import NOON


def furnish(world: World) -> None:
    planner = world.somebody("a_planner").person
    assert planner is not None
    world.things["cases"] = [_case(world, circle) for circle in Visibility]
    index(KIND, [case.pk for case in world["cases"]])
    refresh([case.pk for case in world["cases"]])
    world.things["case_files"] = [_file(world, case) for case in world["cases"]]
    world.things["thrown_case"] = _case(world, Visibility.INTERNAL)
    cases.delete_case(case_id=world["thrown_case"].pk, actor=planner, at=NOON)
    _inside_things(world, planner)


def _case(world: World, circle: Visibility) -> Case:
    made: list[Case] = []
    word = world.plant(lambda somebody: reads(somebody, made[0]))
    values = CaseValues(
        title=f"{WORD} {word}",
        situation=f"{WORD}の状況 {word}",
        action=f"したこと {word}",
        result=word,
        outcome="worked",
        lesson=f"{WORD}の教訓 {word}",
        visibility=circle.value,
        section_id=world["a1"].pk,
    )
    planner = world.somebody("a_planner").person
    case = cases.create_case(organization=world["a"], values=values, actor=planner, at=NOON)
    case.parties.set([world["p"]])
    made.append(case)
    return case


def _file(world: World, case: Case) -> Any:
    word = world.plant(lambda somebody: reads(somebody, case))
    upload = understood(f"{word}.txt", f"手紙 {word}".encode())
    planner = world.somebody("a_planner").person
    return cases.attach_file(case_id=case.pk, upload=upload, step_id=None, actor=planner, at=NOON)


def _inside_things(world: World, planner: Any) -> None:
    """What the people of the first town alone may read."""
    word = world.plant(lambda somebody: somebody.is_of(world["a"]))
    owned = {
        "organization": world["a"],
        "section_id": world["a1"].pk,
        "visibility": "internal",
        "actor": planner,
        "at": NOON,
    }
    path = learning.create_path(title=word, purpose=word, **owned)
    learning.write_items(path_id=path.pk, items=[{"title": word, "url": "/"}], actor=planner, at=NOON)
    world.things |= {"path": path, "path_item": path.items.get()}
    checklist = checks.create_checklist(title=word, purpose=word, **owned)
    rules = [Rule(word, "present", field="氏名")]
    version = checks.write_rules(
        checklist_id=checklist.pk, rules=rules, note="", version=None, actor=planner, at=NOON
    )
    run = checks.check(
        version=version, title=word, form=Form({"氏名": Value(word, "A1")}), actor=planner, at=NOON
    )
    batch = CheckBatch.objects.create(
        organization=world["a"], section=world["a1"], visibility="internal", version_used=version, title=word,
        created_at=NOON, updated_at=NOON,
    )  # fmt: skip
    world.things |= {"checklist": checklist, "run": run, "batch": batch}
    template = drafting.create_template(
        kind=DraftKind.LETTER, title=word, parts=read_sections(f"## {word}\n{word}"), **owned
    )
    draft = drafting.create_draft(kind=DraftKind.LETTER, title=word, topic=word, template=template, **owned)
    world.things |= {"template": template, "draft": draft}
    own = world.plant(lambda somebody: somebody.key == "a_planner")
    world.things["sparring"] = sparring.begin(text=f"{WORD} {own}", actor=planner, at=NOON)
    world.things["case_import"] = CaseImport.objects.create(
        organization=world["a"],
        person=planner,
        filename=own,
        visibility="internal",
        state="ready",
        created_at=NOON,
    )


def of(name: str) -> Any:
    def rows(world: World) -> Iterable[Any]:
        return world[name]  # type: ignore[no-any-return]

    return rows


def reads_case(somebody: Somebody, file: Any) -> bool:
    return reads(somebody, file.case)


def keeps_case(somebody: Somebody, file: Any) -> bool:
    return keeps(somebody, file.case)


def reads_path(somebody: Somebody, item: Any) -> bool:
    return reads(somebody, item.path)


CASE_PAGES = ("case_edit", "case_delete", "case_steps", "case_sources", "case_files")
LISTS = ("?format=csv", "?format=xlsx")
ASKED = ("?q=" + WORD, "?q=canary", *LISTS)


def _inside(name: str, *, post: bool = False, keeping: bool = True, **more: Any) -> Row:
    return Row(keeps if keeping else reads, about=thing(name), sees=reads, post=post, **more)


TABLE = {
    "staff:typed_keep": Row(signed_in, args=lambda _none: ("case-new",), post=True),
    "staff:typed_discard": Row(signed_in, args=lambda _none: ("case-new",), post=True),
    "staff:trash": Row(town_authors),
    "staff:trash_restore": Row(
        keeps, about=thing("thrown_case"), args=lambda case: ("case", case.pk), post=True
    ),
    "cases:case_list": Row(everybody, also=(*ASKED, "?outcome=worked&mine=1")),
    "cases:case_ask": Row(signed_in, also=("?q=" + WORD, "?q=canary")),
    "cases:case_new": Row(town_authors),
    "cases:candidates": Row(town_authors),
    "cases:case_detail": Row(reads, about=of("cases"), sees=reads),
    **{f"cases:{name}": Row(keeps, about=of("cases"), sees=reads) for name in CASE_PAGES},
    "cases:case_verify": Row(keeps, about=of("cases"), sees=reads, post=True),
    "cases:file_download": Row(reads_case, about=of("case_files"), sees=reads_case),
    "cases:file_remove": Row(keeps_case, about=of("case_files"), sees=reads_case, post=True),
    "cases:file_restore": Row(keeps_case, about=of("case_files"), sees=reads_case, post=True),
    "cases:import_new": Row(town_authors),
    "cases:import_form": Row(signed_in),
    "cases:import_detail": Row(owner_alone, about=thing("case_import"), sees=owner_alone),
    "cases:import_confirm": Row(owner_alone, about=thing("case_import"), sees=owner_alone, post=True),
    "cases:import_undo": Row(owner_alone, about=thing("case_import"), sees=owner_alone, post=True),
    "cases:path_list": Row(signed_in, also=LISTS),
    "cases:path_new": Row(town_authors),
    "cases:path_detail": _inside("path", keeping=False),
    "cases:path_edit": _inside("path"),
    "cases:path_items": _inside("path"),
    "cases:path_delete": _inside("path"),
    "cases:item_read": Row(reads_path, about=thing("path_item"), sees=reads_path, post=True),
    "sparring:session_list": Row(town_authors, also=LISTS),
    "sparring:session_detail": Row(
        owner_alone, about=thing("sparring"), sees=owner_alone, also=("?format=docx", "?format=xlsx")
    ),
    **{
        f"sparring:session_{name}": Row(owner_alone, about=thing("sparring"), sees=owner_alone, post=True)
        for name in ("correct", "delete", "restore")
    },
    "checks:checklist_list": Row(town_authors, also=LISTS),
    "checks:checklist_new": Row(town_authors),
    "checks:checklist_detail": _inside("checklist", keeping=False, also=LISTS),
    "checks:checklist_version": Row(
        reads, about=thing("checklist"), args=lambda checklist: (checklist.pk, 1), sees=reads
    ),
    **{
        f"checks:{name}": _inside("checklist")
        for name in (
            "checklist_edit",
            "checklist_rules",
            "checklist_delete",
            "run_new",
            "run_typed",
            "batch_new",
        )
    },
    "checks:run_list": Row(town_authors, also=LISTS),
    "checks:run_detail": _inside("run", keeping=False, also=LISTS),
    "checks:run_decide": _inside("run"),
    "checks:run_delete": _inside("run"),
    "checks:batch_detail": _inside("batch", keeping=False, also=LISTS),
    "checks:batch_delete": _inside("batch"),
    "drafting:draft_list": Row(town_authors, also=LISTS),
    "drafting:statistics": Row(town_authors, also=LISTS),
    "drafting:draft_new": Row(town_authors, args=lambda _none: ("council",)),
    "drafting:draft_detail": _inside("draft", keeping=False),
    "drafting:draft_docx": _inside("draft", keeping=False, also=("?marks=0",)),
    "drafting:draft_borrow": _inside("draft", also=("?q=" + WORD, "?q=canary")),
    "drafting:draft_items": _inside("draft"),
    "drafting:draft_delete": _inside("draft"),
    "drafting:draft_write": _inside("draft", post=True),
    "drafting:draft_reopen": _inside("draft", post=True),
    "drafting:template_list": Row(town_authors, also=LISTS),
    "drafting:template_new": Row(town_authors),
    "drafting:template_edit": _inside("template"),
    "drafting:template_delete": _inside("template"),
}
