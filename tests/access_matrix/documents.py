"""Documents in the small world: one of each visibility, and who may open which address of theirs."""

from collections.abc import Iterable
from typing import Any

from enishi.knowledge.documents import services, synonyms
from enishi.knowledge.documents.models import Collection, Document
from enishi.organizations.enums import Role, Visibility
from tests.access_matrix.table import WHOLE_HOUSE, Row, everybody, thing, town_authors
from tests.access_matrix.world import WORD, Somebody, World
from tests.factories import NOON


def furnish(world: World) -> None:
    planner = world.somebody("a_planner").person
    assert planner is not None
    collection = services.create_collection(
        organization=world["a"],
        values={"name": f"{WORD}の資料集", "kind": "manual", "visibility": Visibility.PUBLIC},
        actor=planner,
        at=NOON,
    )
    world.things["collection"] = collection
    world.things["documents"] = [_document(world, collection, circle) for circle in Visibility]
    world.things["synonym"] = synonyms.keep_group(
        organization=world["a"], text="循環線, 試験バス", actor=planner, at=NOON
    )


def _document(world: World, collection: Collection, circle: Visibility) -> Document:
    made: list[Document] = []
    word = world.plant(lambda somebody: reads(somebody, made[0]))
    planner = world.somebody("a_planner").person
    assert planner is not None
    document = services.add_text(
        collection=collection,
        title=f"{WORD} {word}",
        text=f"{WORD}について {word} と書いてある。",
        actor=planner,
        at=NOON,
        values={"visibility": circle, "section": world["a1"], "parties": [world["p"]]},
    )
    made.append(document)
    return document


def reads(somebody: Somebody, document: Any) -> bool:
    """The five visibilities once more, by other means than the program's."""
    own = somebody.is_of(document.organization)
    match document.visibility:
        case Visibility.PUBLIC:
            return True
        case Visibility.MEMBERS:
            return somebody.is_inside
        case Visibility.PARTIES:
            return own or (somebody.is_inside and somebody.house in document.parties.all())
        case Visibility.INTERNAL:
            return own
        case _:
            return own and (somebody.section == document.section or somebody.role == Role.AUDITOR)


def keeps(somebody: Somebody, record: Any) -> bool:
    if not (record._meta.model_name == "collection" or reads(somebody, record)):
        return False
    if somebody.has(record.organization, *WHOLE_HOUSE):
        return True
    in_section = record.section is None or somebody.section == record.section
    return somebody.has(record.organization, Role.OFFICER) and in_section


def documents(world: World) -> Iterable[Any]:
    return world["documents"]  # type: ignore[no-any-return]


def of_its_town(somebody: Somebody, group: Any) -> bool:
    return town_authors(somebody, group) and somebody.is_of(group.organization)


KEPT = ("document_edit", "document_replace", "document_delete")
PRESSED = ("document_supersede", "document_current", "document_read")

TABLE = {
    "documents:documents": Row(
        everybody,
        also=(
            "?q=" + WORD,
            "?q=canary",
            "?format=csv",
            "?format=xlsx",
            "?state=past&q=" + WORD,
            "?kind=manual",
        ),
    ),
    "documents:upload": Row(town_authors),
    "documents:collections": Row(everybody),
    "documents:collection_new": Row(town_authors),
    "documents:collection": Row(everybody, about=thing("collection")),
    "documents:collection_edit": Row(keeps, about=thing("collection")),
    "documents:collection_delete": Row(keeps, about=thing("collection")),
    "documents:synonyms": Row(town_authors),
    "documents:synonym_edit": Row(of_its_town, about=thing("synonym"), sees=of_its_town),
    "documents:synonym_remove": Row(of_its_town, about=thing("synonym"), sees=of_its_town, post=True),
    "documents:document": Row(reads, about=documents, sees=reads, also=("?passage=1", "?q=" + WORD)),
    # Typed documents have no file: for those who read them, too, there is nothing to fetch.
    "documents:document_file": Row(
        lambda somebody, row: False, about=documents, sees=lambda somebody, row: False
    ),
    **{f"documents:{name}": Row(keeps, about=documents, sees=reads) for name in KEPT},
    **{
        f"documents:{name}": Row(
            keeps,
            about=documents,
            sees=reads,
            post=True,
            data={"old": "0"} if name == "document_supersede" else {},
        )
        for name in PRESSED
    },
}
