"""The region's documents: collections, papers of every kind, an old version beside its new one."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from enishi.accounts.models import Person
from enishi.config.demo.files import lines
from enishi.knowledge.documents import services, synonyms
from enishi.knowledge.documents.models import Collection, Document
from enishi.organizations.models import Organization, Section

Sections = Mapping[tuple[str, str], Section]
KEEPERS = {"aoba": "planner", "kusanagi": "kusanagi"}
_DAYS = ("published_on", "valid_from", "valid_to")


def fill(
    organizations: Mapping[str, Organization],
    sections: Sections,
    people: Mapping[str, Person],
    at: dt.datetime,
) -> None:
    rows = list(lines("documents"))
    collections = {
        row["key"]: (row["organization"], _collection(row, organizations, sections, people, at))
        for row in rows
        if row["what"] == "collection"
    }
    made: dict[str, Document] = {}
    for row in rows:
        if row["what"] == "document":
            town, collection = collections[row["collection"]]
            made[row["title"]] = _document(row, town, collection, sections, people, at)
        elif row["what"] == "synonym":
            town = row["organization"]
            synonyms.keep_group(
                organization=organizations[town], text=row["words"], actor=people[KEEPERS[town]], at=at
            )
    for row in rows:
        if row.get("supersedes"):
            old, new = made[row["supersedes"]], made[row["title"]]
            services.supersede(old_id=old.pk, new_id=new.pk, actor=people["planner"], at=_moment(row, at))
    Collection.objects.filter(pk__in=[each.pk for _town, each in collections.values()]).update(is_demo=True)


def _collection(
    row: Mapping[str, Any],
    organizations: Mapping[str, Organization],
    sections: Sections,
    people: Mapping[str, Person],
    at: dt.datetime,
) -> Collection:
    names = ("name", "kind", "visibility", "description")
    values = {name: row[name] for name in names} | {"section": sections[row["organization"], row["section"]]}
    return services.create_collection(
        organization=organizations[row["organization"]],
        values=values,
        actor=people[KEEPERS[row["organization"]]],
        at=at - dt.timedelta(days=200),
    )


def _document(
    row: Mapping[str, Any],
    town: str,
    collection: Collection,
    sections: Sections,
    people: Mapping[str, Person],
    at: dt.datetime,
) -> Document:
    values: dict[str, Any] = {name: row[name] for name in ("kind", "visibility", "publisher") if name in row}
    values |= {name: dt.date.fromisoformat(row[name]) for name in _DAYS if name in row}
    if "section" in row:
        values["section"] = sections[town, row["section"]]
    return services.add_text(
        collection=collection,
        title=row["title"],
        text=row["text"],
        actor=people[KEEPERS[town]],
        at=_moment(row, at),
        values=values | {"is_demo": True},
    )


def _moment(row: Mapping[str, Any], at: dt.datetime) -> dt.datetime:
    """Kept on the morning after it was published, and never in the future."""
    if "published_on" not in row:
        return at
    day = dt.date.fromisoformat(row["published_on"]) + dt.timedelta(days=1)
    return min(at, timezone.make_aware(dt.datetime.combine(day, dt.time(9, 30))))
