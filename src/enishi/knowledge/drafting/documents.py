"""A draft as a Word document, with the origin of every borrowed sentence."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import docx
import openpyxl
from django.utils.translation import gettext as _

from enishi.foundation.wareki import in_words as day_in_words
from enishi.knowledge.drafting.enums import DraftKind, DraftStatus, MinutesKind, Origin, SentenceState
from enishi.knowledge.drafting.footnotes import Footnotes
from enishi.knowledge.drafting.selectors import Part
from enishi.knowledge.models import Draft, DraftSentence, MinutesItem

_BORROWED = {Origin.SOURCE.value, Origin.GENERATED.value, Origin.MINUTES.value}


def as_docx(
    draft: Draft,
    parts: Sequence[Part],
    addresses: Mapping[int, str],
    *,
    marked: bool,
    address: Callable[[str], str],
) -> bytes:
    """The text by headings. ``marked``: a footnote behind each borrowed sentence says what it was taken from."""
    paper, notes = docx.Document(), Footnotes()
    paper.add_heading(_clean(draft.title), level=1)
    if draft.status != DraftStatus.FINAL:
        paper.add_paragraph(_("(起案中: まだ確かめていない文が含まれます)"))
    items = list(draft.minutes_items.all())
    for part in parts:
        kept = [row for row in part.sentences if row.state != SentenceState.DELETED and row.text]
        own_items = _items_for(part, items)
        if not kept and not own_items:
            continue
        paper.add_heading(_clean(part.heading), level=2)
        # Facts of a meeting stand one a line; everything else is running text.
        for rows in [[row] for row in kept] if draft.kind == DraftKind.MINUTES else [kept] * bool(kept):
            paragraph = paper.add_paragraph()
            for row in rows:
                paragraph.add_run(_clean(row.text))
                if marked and row.origin in _BORROWED:
                    where = address(addresses[row.pk]) if row.pk in addresses else ""
                    notes.refer(paragraph, _origin(row, where))
        if part.is_unanswered and draft.status != DraftStatus.FINAL:
            paper.add_paragraph(
                _("(答えになる文は、過去の資料に見つかりませんでした。担当課に確かめてください)")
            )
        _add_items(paper, own_items)
    notes.attach(paper)
    target = io.BytesIO()
    paper.save(target)
    return target.getvalue()


def _origin(row: DraftSentence, where: str) -> str:
    changed = _("(直して使用)") if row.state == SentenceState.CHANGED else ""
    return _clean(" ".join(part for part in (row.origin_label, changed, where) if part))


def _items_for(part: Part, items: Sequence[MinutesItem]) -> list[MinutesItem]:
    """Decisions stand under the heading of decisions, homework under that of homework."""
    if "宿題" in part.heading:
        return [item for item in items if item.kind == MinutesKind.HOMEWORK]
    if "決" in part.heading:
        return [item for item in items if item.kind == MinutesKind.DECISION]
    return []


def _add_items(paper: Any, items: Sequence[MinutesItem]) -> None:
    if not items:
        return
    if items[0].kind == MinutesKind.DECISION:
        for item in items:
            paper.add_paragraph(_clean(item.text), style="List Number")
        return
    table = paper.add_table(rows=1, cols=3)
    table.style = "Table Grid"
    for cell, heading in zip(table.rows[0].cells, (_("宿題"), _("だれが"), _("いつまでに")), strict=True):
        cell.text = heading
    for item in items:
        cells = table.add_row().cells
        due = day_in_words(item.due_on) if item.due_on else item.due_text
        for cell, text in zip(cells, (item.text, item.owner or _("未定"), due or _("未定")), strict=True):
            cell.text = _clean(text)


def _clean(text: str) -> str:
    return openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", text)
