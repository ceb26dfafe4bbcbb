"""Lessons, handovers, sheets, reports, awards, cases and numbers: in the small world, and who may open which address."""

from typing import Any

from enishi.organizations.enums import Role
from enishi.projects.models import (
    AwardCall,
    AwardEntry,
    AwardJuror,
    AwardMail,
    CompletionReport,
    HandoverItem,
    HandoverPacket,
    Lesson,
    NamelessLesson,
    PdcaLine,
    PdcaSheet,
    PdcaUpload,
    ProjectPublication,
)
from tests.access_matrix.projects_core import is_inside, leads, reads
from tests.access_matrix.table import (
    OPERATIONS,
    WHOLE_HOUSE,
    Operation,
    Row,
    authors,
    everybody,
    readers,
    signed_in,
    signed_in_readers,
    writers,
)
from tests.access_matrix.world import WORD, Somebody, World, may_read
from tests.factories import NOON

ANSWERS = {"what_happened": "起きた", "cause": "なぜ", "next_time": "次は"}
KEPT = {"created_at": NOON, "updated_at": NOON}


def furnish(world: World) -> None:
    _lessons(world)
    _handover(world)
    _sheets(world)
    _reports(world)
    _awards(world)


def _person(world: World, key: str) -> Any:
    return world.somebody(key).person


def _lessons(world: World) -> None:
    made: list[Any] = []

    def lesson(state: str) -> NamelessLesson:
        place = len(made)
        word = world.plant(lambda reader: may_read(reader, made[place]))
        row = Lesson.objects.create(
            organization=world["a"],
            section=world["a1"],
            visibility="internal",
            occasion="other",
            status="recorded",
            recorded_at=NOON,
            title=f"{WORD} {word}",
            **{name: f"{text} {word}" for name, text in ANSWERS.items()},
            **KEPT,
        )
        made.append(row)
        checked = {"checked_by": _person(world, "a_manager"), "checked_at": NOON}
        out = state == "published"
        secret = "" if out else world.plant(lambda reader: may_read(reader, made[place]))
        return NamelessLesson.objects.create(
            lesson=row,
            title=f"名前のない教訓 {secret}",
            state=state,
            prepared_by=_person(world, "a_officer"),
            prepared_at=NOON,
            **ANSWERS,
            **(checked if out else {}),
        )

    world.things["nameless"] = [lesson("waiting"), lesson("published")]
    world.things["lesson"] = made[0]


def reads_packet(somebody: Somebody, packet: HandoverPacket) -> bool:
    named = somebody.key in {"a_officer", "a_officer_elsewhere"}
    return named or somebody.has(packet.organization, Role.MANAGER, Role.ADMINISTRATOR)


def _handover(world: World) -> None:
    packet = HandoverPacket.objects.create(
        organization=world["a"],
        person=_person(world, "a_officer"),
        successor=_person(world, "a_officer_elsewhere"),
        note=world.plant(lambda reader: reads_packet(reader, packet)),
        as_of=NOON.date(),
        made_by=_person(world, "a_manager"),
        made_at=NOON,
    )
    world.things["packet"] = packet

    def within_section(reader: Somebody) -> bool:
        named = reader.key in {"a_officer", "a_officer_elsewhere"}
        return named or (reads_packet(reader, packet) and reader.section == world["a1"])

    for position, readers_of, section in (
        (1, lambda reader: reads_packet(reader, packet), None),
        (2, within_section, world["a1"]),
    ):
        HandoverItem.objects.create(
            packet=packet,
            part_key="x",
            part_title="章",
            position=position,
            title=world.plant(readers_of),
            url="/challenges/",
            section=section,
        )


def of_house(somebody: Somebody, sheet: PdcaSheet) -> bool:
    return somebody.is_of(sheet.organization)


def leads_house(somebody: Somebody, sheet: PdcaSheet) -> bool:
    return somebody.has(sheet.organization, *WHOLE_HOUSE)


def reads_own(somebody: Somebody, sheet: PdcaSheet) -> bool:
    managing = somebody.has(sheet.organization, Role.MANAGER, Role.ADMINISTRATOR)
    return somebody.key == "a_officer" or managing


def reads_sheet(somebody: Somebody, sheet: PdcaSheet) -> bool:
    return reads_own(somebody, sheet) if sheet.person_id else of_house(somebody, sheet)


def writes_sheet(somebody: Somebody, sheet: PdcaSheet) -> bool:
    return somebody.key == "a_officer" if sheet.person_id else leads_house(somebody, sheet)


def _sheets(world: World) -> None:
    def sheet(kind: str, person: Any, readers_of: Any) -> PdcaSheet:
        row = PdcaSheet.objects.create(
            kind=kind,
            organization=world["a"],
            person=person,
            fiscal_year=2026,
            reflection=world.plant(readers_of),
            **KEPT,
        )
        PdcaLine.objects.create(sheet=row, code="x", position=1, subject=world.plant(readers_of))
        return row

    house = sheet("organization", None, lambda reader: reader.is_of(world["a"]))
    own = sheet("person", _person(world, "a_officer"), lambda reader: reads_own(reader, own))
    world.things["pdca_sheets"] = [house, own]
    world.things["pdca_upload"] = PdcaUpload.objects.create(
        sheet=house,
        person=_person(world, "a_planner"),
        filename=f"{world.plant(lambda reader: reader.key == 'a_planner')}.xlsx",
        sheet_version=1,
        made_at=NOON,
    )


def _reports(world: World) -> None:
    project = world["project"]
    CompletionReport.objects.create(
        project=project, summary=world.plant(lambda reader: is_inside(reader, project)), **KEPT
    )
    public = world["projects"][0]
    world.things["publications"] = [
        ProjectPublication.objects.create(
            project=public,
            title="みんなに紹介",
            work="した",
            outcome="変わった",
            status="published",
            published_at=NOON,
            **KEPT,
        ),
        ProjectPublication.objects.create(
            project=project, title=world.plant(lambda reader: leads(reader, project)), **KEPT
        ),
    ]


def sees_page(somebody: Somebody, page: ProjectPublication) -> bool:
    return page.status == "published" or leads(somebody, page.project)


def holds(somebody: Somebody, call: AwardCall) -> bool:
    return somebody.has(call.organization, *WHOLE_HOUSE)


def sees_call(somebody: Somebody, call: AwardCall) -> bool:
    return call.status == "open" or holds(somebody, call)


def enters(somebody: Somebody, call: AwardCall) -> bool:
    return (
        holds(somebody, call)
        or somebody.key == "a_officer"
        or somebody.key in {"p_member", "p_administrator"}
    )


def _awards(world: World) -> None:
    import datetime as dt

    days = {
        "entries_from": dt.date(2020, 4, 1),
        "entries_until": dt.date(2099, 1, 1),
        "judging_from": dt.date(2020, 4, 1),
        "judging_until": dt.date(2099, 1, 1),
        "method": "both",
        "criteria": ["効果"],
    }
    call = AwardCall.objects.create(organization=world["a"], title="アワード", status="open", **days, **KEPT)
    draft = AwardCall.objects.create(
        organization=world["a"],
        title=world.plant(lambda reader: holds(reader, draft)),
        status="draft",
        **days,
        **KEPT,
    )
    entry = AwardEntry.objects.create(
        call=call,
        project=world["projects"][0],
        title="応募",
        appeal="伝えたい",
        team="みんな",
        entered_by=_person(world, "a_planner"),
        entered_at=NOON,
    )
    AwardJuror.objects.create(call=call, person=_person(world, "q_administrator"), added_at=NOON)
    mail = AwardMail.objects.create(
        call=call,
        entry=entry,
        voter="0" * 64,
        email=f"{world.plant(lambda reader: False)}@example.jp",
        asked_at=NOON,
        again_at=NOON,
    )
    world.things |= {"calls": [call, draft], "award": call, "award_entry": entry, "award_mail": mail}


def one(name: str) -> Any:
    return lambda world: (world[name],)


def many(name: str) -> Any:
    return lambda world: world[name]


def of_entry(entry: AwardEntry) -> tuple[int, int]:
    return entry.call_id, entry.pk


def token_of(mail: AwardMail) -> tuple[str]:
    from enishi.projects.awards.voting import link_of

    return (link_of(mail),)


def cases(world: World) -> list[tuple[str, Any]]:
    return [
        *(("challenge", row) for row in world.challenges),
        ("contact", world["contact"]),
        *(("project", row) for row in world["projects"]),
    ]


def sees_case(somebody: Somebody, thing: tuple[str, Any]) -> bool:
    kind, record = thing
    if kind == "contact":
        return somebody.is_of(record.wanting) or somebody.is_of(record.offering)
    return reads(somebody, record) if kind == "project" else may_read(somebody, record)


def case_args(thing: tuple[str, Any]) -> tuple[str, int]:
    return thing[0], thing[1].pk


def in_a_house(somebody: Somebody, thing: Any) -> bool:
    return somebody.is_inside


CASE = Row(sees_case, about=cases, args=case_args, sees=sees_case)
NUMBER = Row(
    in_a_house,
    about=lambda world: ("exchange.challenges", "exchange.introductions", "record.introduced_agreed"),
    args=lambda key: (key,),
    sees=in_a_house,
    also=("?format=json", "?format=csv"),
)


def checks(somebody: Somebody, nameless: NamelessLesson) -> bool:
    return may_read(somebody, nameless.lesson) and somebody.has(nameless.lesson.organization, *WHOLE_HOUSE)


def sees_nameless(somebody: Somebody, nameless: NamelessLesson) -> bool:
    return nameless.state == "published" or may_read(somebody, nameless.lesson)


def reads_lesson(somebody: Somebody, nameless: NamelessLesson) -> bool:
    return may_read(somebody, nameless.lesson)


def waiting(world: World) -> list[NamelessLesson]:
    return world["nameless"][:1]


def published(world: World) -> list[NamelessLesson]:
    return world["nameless"][1:]


def successor(somebody: Somebody, packet: Any) -> bool:
    return somebody.key == "a_officer_elsewhere"


TABLE: dict[str, Row] = {
    "portal:case_detail": CASE,
    "portal:case_print": CASE,
    "portal:case_json": CASE,
    "portal:metric_list": Row(signed_in),
    "portal:metric_detail": NUMBER,
    "portal:metric_chart": Row(in_a_house, about=NUMBER.about, args=NUMBER.args, sees=in_a_house),
    "projects:lesson_list": Row(signed_in, also=("?q=" + WORD, "?format=csv")),
    "projects:lesson_new": Row(authors),
    "projects:lesson_detail": Row(signed_in_readers, about=one("lesson"), sees=readers),
    "projects:lesson_edit": Row(writers, about=one("lesson"), sees=readers),
    "projects:lesson_delete": Row(writers, about=one("lesson"), sees=readers),
    "projects:lesson_restore": Row(writers, about=one("lesson"), sees=of_house, post=True),
    "projects:nameless_prepare": Row(writers, about=one("lesson"), sees=readers),
    "projects:nameless_list": Row(everybody, also=("?q=" + WORD,)),
    "projects:nameless_detail": Row(sees_nameless, about=many("nameless"), sees=sees_nameless),
    "projects:nameless_check": Row(
        checks, about=waiting, sees=reads_lesson, post=True, data={"decision": "publish"}
    ),
    "projects:nameless_withdraw": Row(checks, about=published, post=True),
    "projects:handover_list": Row(signed_in),
    "projects:handover_new": Row(authors),
    "projects:handover_detail": Row(
        reads_packet, about=one("packet"), sees=reads_packet, also=("?format=docx", "?format=csv")
    ),
    "projects:handover_print": Row(reads_packet, about=one("packet"), sees=reads_packet),
    "projects:handover_confirm": Row(
        successor, about=one("packet"), sees=reads_packet, post=True, data={"chapter": "x"}
    ),
    "projects:sheet_list": Row(signed_in),
    "projects:sheet_new": Row(authors),
    "projects:sheet_detail": Row(
        reads_sheet, about=many("pdca_sheets"), sees=reads_sheet, also=("?format=xlsx", "?format=csv")
    ),
    "projects:sheet_print": Row(reads_sheet, about=many("pdca_sheets"), sees=reads_sheet),
    "projects:sheet_edit": Row(writes_sheet, about=many("pdca_sheets"), sees=reads_sheet),
    "projects:sheet_keep": Row(writes_sheet, about=many("pdca_sheets"), sees=reads_sheet, post=True),
    "projects:sheet_move": Row(
        writes_sheet, about=many("pdca_sheets"), sees=reads_sheet, post=True, data={"do": "refill"}
    ),
    "projects:sheet_upload": Row(writes_sheet, about=many("pdca_sheets"), sees=reads_sheet),
    "projects:sheet_upload_check": Row(
        lambda somebody, upload: somebody.key == "a_planner",
        about=one("pdca_upload"),
        args=lambda upload: (upload.sheet_id, upload.pk),
        sees=lambda somebody, upload: somebody.is_of(upload.sheet.organization),
    ),
    "projects:report_detail": Row(is_inside, about=many("projects"), sees=reads, also=("?format=docx",)),
    "projects:report_edit": Row(leads, about=many("projects"), sees=reads),
    "projects:report_move": Row(leads, about=one("project"), sees=reads, post=True),
    "projects:publication_list": Row(everybody),
    "projects:publication_detail": Row(sees_page, about=many("publications"), sees=sees_page),
    "projects:publication_edit": Row(leads, about=many("projects"), sees=reads),
    "projects:publication_move": Row(leads, about=one("project"), sees=reads, post=True),
    "projects:award_list": Row(everybody),
    "projects:award_new": Row(lambda somebody, thing: somebody.role in WHOLE_HOUSE),
    "projects:award_detail": Row(sees_call, about=many("calls"), sees=sees_call),
    "projects:award_edit": Row(holds, about=many("calls"), sees=sees_call),
    "projects:award_move": Row(holds, about=many("calls"), sees=sees_call, post=True),
    "projects:award_jurors": Row(holds, about=many("calls"), sees=sees_call),
    "projects:award_enter": Row(enters, about=one("award")),
    "projects:award_entry": Row(everybody, about=one("award_entry"), args=of_entry),
    "projects:award_entry_withdraw": Row(
        lambda somebody, entry: enters(somebody, entry.call),
        about=one("award_entry"),
        args=of_entry,
        post=True,
    ),
    "projects:award_score": Row(
        lambda somebody, entry: somebody.key == "q_administrator",
        about=one("award_entry"),
        args=of_entry,
        post=True,
        data={"point0": "3"},
    ),
    "projects:award_ask_vote": Row(
        everybody, about=one("award_entry"), args=of_entry, post=True, data={"email": "voter@example.jp"}
    ),
    "projects:award_vote": Row(everybody, about=one("award_mail"), args=token_of),
}

OPERATIONS |= {
    "GET /lessons": Operation(everybody),
    "GET /lessons/public": Operation(everybody),
    "GET /handovers": Operation(everybody),
    "GET /handovers/{key}": Operation(reads_packet, about=one("packet"), sees=reads_packet),
    "GET /sheets": Operation(everybody),
    "GET /sheets/{key}": Operation(reads_sheet, about=many("pdca_sheets"), sees=reads_sheet),
    "GET /awards": Operation(everybody),
    "GET /awards/{key}": Operation(sees_call, about=many("calls"), sees=sees_call),
}
