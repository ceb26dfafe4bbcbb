"""The imaginary region around あおば市, for a first look: filled once, into an empty installation only."""

import datetime as dt
import os
import secrets
from collections.abc import Callable

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.config import startup
from enishi.config.demo import (
    agreements,
    answers,
    budgets,
    cases,
    desk,
    desk_calls,
    documents,
    evaluation,
    evaluation_money,
    indicators,
    plan_records,
    plans,
    projects,
    projects_lessons,
    records,
)
from enishi.config.demo.files import lines
from enishi.knowledge import services as knowledge
from enishi.organizations.models import Membership, Organization, Section

Tell = Callable[[str], None]
SHOWN = (
    ("planner", "企画課"),
    ("officer", "担当課"),
    ("manager", "管理職"),
    ("finance", "財政"),
    ("admin", "管理者"),
    ("auditor", "監査"),
    ("company", "企業"),
    ("npo", "NPO"),
    ("university", "大学"),
    ("community", "住民団体"),
    ("neighbour", "隣の町"),
    ("resident", "住民"),
)


def fill_when_empty(tell: Tell) -> None:
    """Fill the region unless somebody already works here."""
    if Person.objects.exists():
        return
    tell("見本の地域「あおば市」を入れています(初回だけ)…")
    # Each record would be read into the search index when it is written, and all of them again right below.
    with knowledge.paused(), transaction.atomic():
        _fill(timezone.now())
    startup.rebuild_indexes(tell)
    answers.fill_readings(timezone.now())


def tell_sign_ins(tell: Tell) -> None:
    """Print who can sign in to look around."""
    people = dict(Person.objects.filter(email__endswith="@demo.example").values_list("email", "name"))
    if not people:
        return
    tell(f"\n見本のサインイン(パスワードはどれも {_password()} )")
    for key, role in SHOWN:
        email = f"{key}@demo.example"
        if email in people:
            tell(f"  {email:<26} {role} {people[email]}")


def _fill(at: dt.datetime) -> None:
    organizations = _organizations()
    sections = _sections(organizations)
    people = _people(organizations, sections, at)
    records.fill(organizations, sections, people, at)
    desk.fill(organizations, sections, people, at)
    documents.fill(organizations, sections, people, at)
    cases.fill(organizations, sections, people, at)
    answers.fill(organizations, sections, people, at)
    desk_calls.fill(organizations, people, at)
    agreements.fill(organizations, sections, people, at)
    projects.fill(organizations, sections, people, at)
    projects_lessons.fill(organizations, people, at)
    # Budgets and indicators before the plans, evaluation after them.
    indicators.fill(organizations, sections, people, at)
    projects_lessons.fill_onward(organizations, people, at)
    budgets.fill(organizations, sections, people, at)
    plans.fill(organizations, sections, people, at)
    evaluation.fill(organizations, people, at)
    evaluation_money.fill(organizations, people, at)
    plan_records.fill(organizations, sections, people, at)


def _organizations() -> dict[str, Organization]:
    rows = list(lines("organizations"))
    made = {
        row["key"]: Organization.objects.create(
            kind=row["kind"],
            name=row["name"],
            kana=row["kana"],
            size=row["size"] or "",
            summary=row["summary"],
            source="見本(架空)",
            is_demo=True,
        )
        for row in rows
    }
    for row in rows:
        if row["municipality"] != row["key"]:
            Organization.objects.filter(pk=made[row["key"]].pk).update(seat=made[row["municipality"]])
    return made


def _sections(organizations: dict[str, Organization]) -> dict[tuple[str, str], Section]:
    made: dict[tuple[str, str], Section] = {}
    waiting = list(lines("sections"))
    while waiting:
        ready = [row for row in waiting if not row["parent"] or (row["organization"], row["parent"]) in made]
        for row in ready:
            made[row["organization"], row["code"]] = Section.objects.create(
                organization=organizations[row["organization"]],
                parent=made.get((row["organization"], row["parent"])),
                code=row["code"],
                name=row["name"],
                duties=row["duties"],
                phone=row["phone"],
                valid_from=dt.date(2020, 4, 1),
            )
        waiting = [row for row in waiting if row not in ready]
    return made


def _people(
    organizations: dict[str, Organization], sections: dict[tuple[str, str], Section], at: dt.datetime
) -> dict[str, Person]:
    # All of them sign in with the same password: hashing it once for each took a third of the first start.
    password, made = make_password(_password()), {}
    for row in lines("people"):
        person = Person.objects.create_user(row["email"], name=row["name"], kana=row["kana"])
        person.password = password
        person.save(update_fields=["password"])
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
        Membership.objects.create(
            person=person,
            organization=organizations[row["organization"]],
            section=sections.get((row["organization"], row["section"] or "")),
            role=row["role"],
            valid_from=dt.date(2024, 4, 1),
        )
        made[row["key"]] = person
    return made


def _password() -> str:
    """Made once for this installation and kept beside its data."""
    path = settings.DATA_FOLDER / "demo-password.txt"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("-".join(secrets.token_hex(3) for _part in range(3)))
    return path.read_text(encoding="ascii").strip()
