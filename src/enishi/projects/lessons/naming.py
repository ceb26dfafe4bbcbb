"""Taking names out of a text: what we know of people, houses and places is replaced, the rest a person has to see."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from enishi.organizations.models import Membership, Organization
from enishi.projects.lessons.models import Lesson

SHORTEST = 2
TEXTS = ("title", "what_happened", "cause", "next_time")
_KIND_WORDS = {
    "municipality": "ある自治体",
    "prefecture": "ある県",
    "government": "ある行政機関",
    "company": "ある企業",
    "npo": "あるNPO",
    "university": "ある大学",
    "community": "ある住民団体",
}
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<!\d)0\d{1,4}[-‐ー−–(()]?\d{1,4}[-‐ー−–))]?\d{3,4}(?!\d)")


@dataclass(frozen=True)
class Nameless:
    """The texts without names, and what was put in place of what."""

    texts: Mapping[str, str]
    replaced: tuple[tuple[str, str], ...]


def without_names(lesson: Lesson) -> Nameless:
    """A first version without the names we know: the houses of the project, their sections and people, addresses, numbers."""
    pairs = _known(lesson)
    found: dict[str, str] = {}
    texts = {name: _replaced(getattr(lesson, name), pairs, found) for name in TEXTS}
    return Nameless(texts, tuple(found.items()))


def names_left(lesson: Lesson, texts: Mapping[str, str]) -> list[str]:
    """Names we know that still stand in the texts."""
    return sorted({name for name, _word in _known(lesson) for text in texts.values() if name in text})


def _replaced(text: str, pairs: Iterable[tuple[str, str]], found: dict[str, str]) -> str:
    for name, word in pairs:
        if name in text:
            text = text.replace(name, word)
            found[name] = word
    for pattern, word in ((_MAIL, _("(連絡先)")), (_PHONE, _("(電話番号)"))):
        for hit in pattern.findall(text):
            found[hit] = word
        text = pattern.sub(word, text)
    return text


def _known(lesson: Lesson) -> list[tuple[str, str]]:
    """Names with the word that takes their place, the longest first so that no half of a name stays."""
    houses = _houses(lesson)
    pairs = {house.name: str(_KIND_WORDS.get(house.kind, "ある団体")) for house in houses}
    keys = [house.pk for house in houses]
    for membership in Membership.objects.filter(organization_id__in=keys).select_related("person", "section"):
        for name in (membership.person.name, membership.person.name.replace(" ", "").replace("　", "")):
            pairs[name] = "担当者"
        family = re.split(r"[ 　]", membership.person.name)[0]
        for form in ("さん", "氏", "課長", "部長", "係長", "主任", "主査"):
            pairs[family + form] = "担当者"
        if membership.section is not None:
            pairs[membership.section.name] = "担当課"
    if lesson.project is not None:
        pairs[lesson.project.title] = "この事業"
        for participant in lesson.project.participants.all():
            pairs.setdefault(str(participant), "ある団体")
    known = [(name, word) for name, word in pairs.items() if len(name) >= SHORTEST]
    return sorted(known, key=lambda pair: (-len(pair[0]), pair[0]))


def _houses(lesson: Lesson) -> list[Organization]:
    keys = {lesson.organization_id}
    if lesson.project is not None:
        keys.add(lesson.project.organization_id)
        keys |= {key for key in lesson.project.participants.values_list("organization_id", flat=True) if key}
    seats = Organization.objects.filter(pk__in=keys, seat__isnull=False).values_list("seat_id", flat=True)
    return list(Organization.objects.filter(pk__in={*keys, *seats}))
