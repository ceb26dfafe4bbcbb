"""An answer as a Word document or a sheet, with where every line comes from."""

import io
from collections.abc import Callable, Sequence
from typing import Any

import docx
import openpyxl
from django.utils.translation import gettext as _

from enishi.foundation.spreadsheets import defused
from enishi.foundation.wareki import in_words as day_in_words
from enishi.knowledge.models import Case
from enishi.knowledge.sparring.answering import Answer, in_words

Address = Callable[[str], str]


def as_docx(title: str, answer: Answer, *, on: Any, address: Address) -> bytes:
    """The table of cases, the counts and the things to mind; ``address`` makes a link whole."""
    paper = docx.Document()
    paper.add_heading(title, level=1)
    paper.add_paragraph(_("%(day)sの事例集から") % {"day": day_in_words(on)})
    for label, words in in_words(answer.understood):
        paper.add_paragraph(f"{label}: {words}", style="List Bullet")
    paper.add_paragraph(counts_in_words(answer))
    if answer.is_few:
        paper.add_paragraph(few_in_words(answer))
    paper.add_heading(_("事例"), level=2)
    table = paper.add_table(rows=1, cols=5)
    table.style = "Table Grid"
    for cell, heading in zip(table.rows[0].cells, case_headings(), strict=True):
        cell.text = heading
    for number, case in enumerate(answer.cases, start=1):
        cells = table.add_row().cells
        for cell, text in zip(cells, case_row(number, case), strict=True):
            cell.text = _printable(text)
    paper.add_heading(_("気をつけること"), level=2)
    for supported in answer.lessons:
        paper.add_paragraph(_printable(lesson_in_words(supported, answer)), style="List Number")
    paper.add_heading(_("出典"), level=2)
    for number, case in enumerate(answer.cases, start=1):
        paper.add_paragraph(
            f"[{number}] {_printable(source_in_words(case))} {address(case.get_absolute_url())}"
        )
    target = io.BytesIO()
    paper.save(target)
    return target.getvalue()


def as_xlsx(answer: Answer, *, address: Address) -> bytes:
    """Three sheets: cases, counts, things to mind."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = _("事例")
    _rows(sheet, [[*case_headings(), _("出典"), _("アドレス")]])
    _rows(
        sheet,
        [
            [*case_row(number, case), source_in_words(case), address(case.get_absolute_url())]
            for number, case in enumerate(answer.cases, start=1)
        ],
    )
    counts = book.create_sheet(_("終わり方"))
    _rows(counts, [[_("終わり方"), _("件数"), _("全体")]])
    _rows(counts, [[str(each.outcome.label), each.cases, each.of] for each in answer.counts])
    lessons = book.create_sheet(_("気をつけること"))
    _rows(
        lessons, [[_("気をつけること"), _("支える事例"), _("見た事例"), _("どの事例か"), _("失敗の理由から")]]
    )
    _rows(
        lessons,
        [
            [
                each.group.spoken.text,
                len(each.cases),
                each.of,
                "、".join(case.title for case in each.cases),
                _("はい") if each.group.spoken.is_cause else "",
            ]
            for each in answer.lessons
        ],
    )
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def case_headings() -> list[str]:
    return [_("番号"), _("事例"), _("終わり方"), _("理由"), _("教訓")]


def case_row(number: int, case: Case) -> list[str]:
    return [
        f"[{number}]",
        case.title,
        str(case.get_outcome_display()),
        case.cause or _("未記入"),
        "\n".join(case.lessons) or _("未記入"),
    ]


def counts_in_words(answer: Answer) -> str:
    parts = [f"{each.outcome.label} {each.cases}/{each.of}" for each in answer.counts]
    return _("条件に合う事例 %(total)d件: %(parts)s") % {"total": answer.total, "parts": _("、").join(parts)}


def few_in_words(answer: Answer) -> str:
    return _(
        "条件に合う事例が%(total)d件しかないので、傾向は言えません。一件ずつの話として読んでください。"
    ) % {"total": answer.total}


def lesson_in_words(supported: Any, answer: Answer) -> str:
    numbers = {case.pk: number for number, case in enumerate(answer.cases, start=1)}
    cited = "".join(f"[{numbers[case.pk]}]" for case in supported.cases if case.pk in numbers)
    words: str = supported.group.spoken.text
    if supported.group.spoken.is_cause:
        words = _("%(words)s(失敗の理由から)") % {"words": words}
    return f"{words} {cited} ({len(supported.cases)}/{supported.of})"


def source_in_words(case: Case) -> str:
    parts = [case.title, case.organization.name, case.source_note, str(case.get_verification_display())]
    return " · ".join(part for part in parts if part)


def _rows(sheet: Any, rows: Sequence[Sequence[object]]) -> None:
    for row in rows:
        sheet.append([_printable(defused(value)) if isinstance(value, str) else value for value in row])


def _printable(text: object) -> str:
    return openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", str(text))
