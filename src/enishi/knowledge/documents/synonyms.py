"""Other words for the same: the table that comes with the program, and each municipality's own."""

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.knowledge.documents.access import collection_access
from enishi.knowledge.documents.errors import DocumentRefusedError
from enishi.knowledge.documents.models import SynonymGroup
from enishi.language.extracting.documents import read_document
from enishi.language.synonyms import read_synonyms, synonyms_of
from enishi.language.tokens import content_words
from enishi.organizations.models import Organization

BUNDLED_SAY, OWN_SAY = 0.3, 0.6
MOST_GROUPS = 2_000
MOST_HOUSES = 5
MOST_LETTERS = 500
MOST_FAULTS = 5
HEADING = "同じ意味の言葉"
_PARTED = re.compile(r"[,、，\t]")


def weighed(words: Sequence[str], organization_ids: Collection[int]) -> dict[str, float]:
    """Words nobody typed that may stand for those that were, each with its say; those houses' own say more."""
    typed = set(words)
    found: dict[str, float] = {}
    for other in synonyms_of(words):
        for word in other:
            if word not in typed:
                found[word] = BUNDLED_SAY
    for organization_id in sorted(organization_ids)[:MOST_HOUSES]:
        for other in _others(words, _own(organization_id)):
            for word in other:
                if word not in typed:
                    found[word] = OWN_SAY
    return found


def _own(organization_id: int) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    rows = SynonymGroup.objects.filter(organization_id=organization_id).order_by("pk")
    return _read(tuple(rows.values_list("words", flat=True)[:MOST_GROUPS]))


@lru_cache(maxsize=64)
def _read(lines: tuple[str, ...]) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    return read_synonyms(lines)


def _others(words: Sequence[str], table: Mapping[str, tuple[tuple[str, ...], ...]]) -> list[tuple[str, ...]]:
    if not table:
        return []
    keys = {
        " ".join(words[start:end])
        for start in range(len(words))
        for end in range(start + 1, min(len(words), start + 6) + 1)
    }
    return [other for key in keys for other in table.get(key, ())]


@transaction.atomic
def keep_group(
    *, organization: Organization, text: str, actor: Person, at: dt.datetime, group_id: int | None = None
) -> SynonymGroup:
    """Write a line of words that mean the same, parted by commas."""
    collection_access.require(actor, "create", organization)  # type: ignore[arg-type]
    joined = _joined(text)
    if group_id is None:
        if SynonymGroup.objects.filter(organization=organization).count() >= MOST_GROUPS:
            raise DocumentRefusedError(
                _("言い換えは%(most)s組までです。使わない組を消してから加えてください。")
                % {"most": f"{MOST_GROUPS:,}"}
            )
        group = SynonymGroup(organization=organization, words=joined, updated_at=at)
        before = ""
    else:
        group = SynonymGroup.objects.select_for_update().get(pk=group_id, organization=organization)
        before, group.words, group.updated_at = group.words, joined, at
    group.save()
    changes = {"words": (before, joined)}
    trail.record(trail.Act(actor, "edit", group, at, organization_id=organization.pk, changes=changes))
    return group


@transaction.atomic
def keep_lines(
    *, organization: Organization, lines: Sequence[str], actor: Person, at: dt.datetime
) -> tuple[int, int]:
    """Write line after line, all of them or none. Returns how many are new and how many were there before."""
    known = set(SynonymGroup.objects.filter(organization=organization).values_list("words", flat=True))
    added, same, faults = 0, 0, []
    for number, line in enumerate(lines, start=1):
        if line.strip() in ("", HEADING):
            continue
        try:
            joined = _joined(line)
            if joined in known:
                same += 1
                continue
            keep_group(organization=organization, text=line, actor=actor, at=at)
        except DocumentRefusedError as refused:
            faults.append(
                _("%(number)d行目「%(line)s」: %(why)s")
                % {"number": number, "line": line.strip()[:60], "why": refused.sentence}
            )
            continue
        known.add(joined)
        added += 1
    if faults:
        raise DocumentRefusedError(" ".join(faults[:MOST_FAULTS]))
    return added, same


def lines_in(content: bytes, name: str) -> list[str]:
    """The lines of a file of such words: a text, or a table with a word a cell or all words in one.

    Raises
    ------
    CannotReadFileError
    """
    found = read_document(content, name=name)
    sheets = {heading.text for heading in found.headings}
    cells = [line.strip("| ").split("|") for line in found.text.splitlines() if line not in sheets]
    return [",".join(cell.strip() for cell in row if cell.strip()) for row in cells]


def _joined(text: str) -> str:
    entries = [entry.strip() for entry in _PARTED.split(text) if entry.strip()]
    joined = ", ".join(dict.fromkeys(entries))
    if len(dict.fromkeys(entries)) < 2 or not all(content_words(entry) for entry in entries):
        raise DocumentRefusedError(_("同じ意味の言葉を、カンマで区切って二つ以上書いてください。"))
    if len(joined) > MOST_LETTERS:
        raise DocumentRefusedError(
            _("1組は%(most)d文字までです。二組に分けてください。") % {"most": MOST_LETTERS}
        )
    return joined


@transaction.atomic
def remove_group(*, group_id: int, organization: Organization, actor: Person, at: dt.datetime) -> None:
    collection_access.require(actor, "create", organization)  # type: ignore[arg-type]
    group = SynonymGroup.objects.select_for_update().filter(pk=group_id, organization=organization).first()
    if group is None:
        return
    changes = {"words": (group.words, "")}
    trail.record(trail.Act(actor, "delete", group, at, organization_id=organization.pk, changes=changes))
    group.delete()
