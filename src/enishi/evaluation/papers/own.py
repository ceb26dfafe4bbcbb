"""Marks such as 「{{所管課}}」 in a workbook or a Word document: what they may be called, which are unknown, and the answers in their place."""

import difflib
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, MergedCell

from enishi.evaluation.papers.composing import BLANK, Paper, Part
from enishi.foundation import documents
from enishi.foundation.forms import shortened
from enishi.foundation.previews import Fault
from enishi.foundation.spreadsheets import UnreadableTableError, defused, refuse_swollen

_MARK = re.compile(r"\{\{\s*([^{}]{1,120}?)\s*\}\}")
_YEAR = re.compile(r"\d年度|元年度")
MOST_CELLS = 20_000
MOST_FAULTS = 50


def answers(paper: Paper) -> dict[str, str]:
    """What every mark stands for: lines and texts by their label, cells of tables by row and column.

    「所管課」「費用:決算額:2」「指標:1行目:3列目」; the column is its number or its heading.
    """
    found = {"様式": paper.title, "名称": paper.name, "評価の回": paper.subtitle, "注記": paper.foot}
    for part in paper.parts:
        for label, value in (*part.grid, *part.texts):
            found.setdefault(label, value)
            found[f"{part.title}:{label}"] = value
        for column, heading in enumerate(part.headings, 1):
            found[f"{part.title}:見出し:{column}列目"] = heading
        for number, row in enumerate(part.rows, 1):
            for column, value in enumerate(row, 1):
                found[f"{part.title}:{number}行目:{column}列目"] = value
                if column > 1:
                    found.setdefault(f"{part.title}:{row[0]}:{column - 1}", value)
                    found.setdefault(f"{part.title}:{row[0]}:{part.headings[column - 1]}", value)
    for label, words in paper.written.items():
        found.setdefault(label, words or BLANK)
    return found


def sample(paper: Paper, others: Iterable[Paper] = ()) -> Paper:
    """The paper with its marks in the places of the answers: where somebody's own form begins.

    Rows that only this paper has (its indicators) are named by their number, since the next sheet has other ones.
    """
    rows = [{(part.title, row[0]) for part in each.parts for row in part.rows} for each in others]
    steady = set.intersection(*rows) if rows else set()
    return replace(
        paper,
        title="{{様式}}",
        name="{{名称}}",
        subtitle="{{評価の回}}",
        foot="{{注記}}",
        parts=[_marked(part, steady) for part in paper.parts],
    )


def _marked(part: Part, steady: set[tuple[str, str]]) -> Part:
    def lines(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        return [(label, f"{{{{{part.title}:{label}}}}}") for label, _value in pairs]

    rows = [
        [row[0], *(f"{{{{{part.title}:{row[0]}:{column}}}}}" for column in range(1, len(row)))]
        if (part.title, row[0]) in steady
        else [f"{{{{{part.title}:{number}行目:{column}列目}}}}" for column in range(1, len(row) + 1)]
        for number, row in enumerate(part.rows, 1)
    ]
    headings = [
        f"{{{{{part.title}:見出し:{column}列目}}}}" if _YEAR.search(heading) else heading
        for column, heading in enumerate(part.headings, 1)
    ]
    return replace(part, grid=lines(part.grid), headings=headings, texts=lines(part.texts), rows=rows)


def check(content: bytes, known: Mapping[str, str]) -> tuple[int, list[Fault]]:
    """How many marks the file holds, and those that nothing answers to."""
    count, faults = 0, []
    for row, where, mark in _marks(content):
        count += 1
        if mark not in known and not _is_row_of_table(mark, known):
            near = difflib.get_close_matches(mark, known, 1, 0.5)
            why = _("「{{%(mark)s}}」に当たる項目がありません。") % {"mark": mark}
            if near:
                why += _("「{{%(near)s}}」ではありませんか。") % {"near": near[0]}
            faults.append(Fault(row, where, mark[:80], why))
    return count, faults[:MOST_FAULTS]


def is_word(content: bytes) -> bool:
    """Whether the file is a Word document; whatever else it is, it is opened as a workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "word/document.xml" in archive.namelist()
    except zipfile.BadZipFile:
        return False


def _marks(content: bytes) -> Iterator[tuple[int, str, str]]:
    """Every mark with its place: the cell, or the words around it in a document."""
    if is_word(content):
        try:
            for mark, text in documents.marks_in(content, _MARK):
                yield 0, _("「%(text)s」の段落") % {"text": shortened(text)}, mark
        except documents.TemplateRefusedError as refused:
            raise UnreadableTableError(refused.sentence) from refused
        return
    for sheet, cell in _cells(_opened(content)):
        for mark in _MARK.findall(cell.value):
            yield cell.row, f"{sheet.title} {cell.coordinate}", mark


def _is_row_of_table(mark: str, known: Mapping[str, str]) -> bool:
    """「指標:5行目:2列目」 is right even where this sheet has only three indicators."""
    found = re.fullmatch(r"(.+):\d{1,2}行目:(\d{1,2}列目)", mark)
    return found is not None and f"{found[1]}:1行目:{found[2]}" in known


def fill(content: bytes, paper: Paper) -> bytes:
    """The file with the answers in it. What this sheet has no answer to becomes 「—」; all else stays as it was."""
    known = answers(paper)
    if is_word(content):
        return documents.fill_marks(content, _MARK, lambda mark: known.get(mark, BLANK))
    book = _opened(content)
    for _sheet, cell in _cells(book):
        text = _MARK.sub(lambda found: known.get(found[1], BLANK), cell.value)
        if text != cell.value:
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", str(defused(text)))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _opened(content: bytes) -> Any:
    refuse_swollen(content)
    try:
        return load_workbook(io.BytesIO(content))
    except Exception as error:
        raise UnreadableTableError(
            _("Excelファイルとして開けません。.xlsx で保存し直してください。")
        ) from error


def _cells(book: Any) -> Iterator[tuple[Any, Any]]:
    """Cells with a mark; of joined cells only the first holds anything."""
    seen = 0
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            seen += len(row)
            if seen > MOST_CELLS:
                raise UnreadableTableError(
                    _("様式が大きすぎます(%(most)sセルまで)。使っていない行や列を消してください。")
                    % {"most": f"{MOST_CELLS:,}"}
                )
            for cell in row:
                if not isinstance(cell, MergedCell) and isinstance(cell.value, str) and "{{" in cell.value:
                    yield sheet, cell
