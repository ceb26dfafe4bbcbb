"""Questions and answers out of and into a sheet: looked at first, then all or nothing."""

import datetime as dt
import unicodedata
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation.forms import clean_text, read_date
from enishi.foundation.spreadsheets import Row, UnreadableTableError, read_table
from enishi.knowledge.answers import services
from enishi.knowledge.answers.access import answer_access
from enishi.knowledge.answers.enums import ImportStatus
from enishi.knowledge.answers.services import REVIEWED_EVERY, AnswerValues
from enishi.knowledge.models import AnswerImport, ApprovedAnswer
from enishi.knowledge.staff.errors import RefusedError
from enishi.organizations.enums import Visibility
from enishi.organizations.models import Organization, Section

COLUMNS = (
    "番号",
    "質問",
    "別の聞き方",
    "回答",
    "分類",
    "担当課",
    "有効期間(始まり)",
    "有効期間(終わり)",
    "見直し日",
)
_ALIKE = {
    "番号": ("番号", "no", "no.", "id", "管理番号"),
    "質問": ("質問", "question", "q", "お問い合わせ", "問い", "件名", "タイトル", "質問内容"),
    "別の聞き方": ("別の聞き方", "言い換え", "類似質問"),
    "回答": ("回答", "answer", "a", "答え", "本文", "回答内容"),
    "分類": ("分類", "カテゴリ", "カテゴリー", "category", "大分類"),
    "担当課": ("担当課", "課", "section", "所管課", "担当", "担当部署", "問い合わせ先"),
    "有効期間(始まり)": ("有効期間(始まり)", "有効開始日", "公開日", "開始日", "validfrom"),
    "有効期間(終わり)": ("有効期間(終わり)", "有効終了日", "公開終了日", "終了日", "validto"),
    "見直し日": ("見直し日", "見直し", "review"),
}
_LIMITS = {"質問": 300, "別の聞き方": 2_000, "回答": 4_000, "分類": 60, "番号": 60}
MOST_ROWS = 5_000


def receive(
    *,
    organization: Organization,
    filename: str,
    content: bytes,
    visibility: str,
    actor: Person,
    at: dt.datetime,
) -> AnswerImport:
    """Read a sheet and keep what it would do. Raises ``UnreadableTableError`` for what is no table."""
    answer_access.require(actor, "create", organization)  # type: ignore[arg-type]
    if visibility not in (Visibility.PUBLIC, Visibility.MEMBERS, Visibility.INTERNAL):
        raise RefusedError(_("公開範囲を選んでください。"))
    table = read_table(content, max_rows=MOST_ROWS, is_heading=lambda cell: _column_of(cell) is not None)
    columns = {name: heading for heading in table.headings if (name := _column_of(heading)) is not None}
    missing = [name for name in ("質問", "回答") if name not in columns]
    if missing:
        raise UnreadableTableError(
            _("見出し「%(names)s」がありません。1行目に「質問」「回答」の見出しを置いてください。")
            % {"names": _("」「").join(missing)}
        )
    sections = {
        unicodedata.normalize("NFKC", section.name): section.pk
        for section in Section.objects.filter(organization=organization, valid_to__isnull=True)
    }
    rows, faults = [], []
    for row in table.rows:
        if _is_note(row, columns):
            continue
        values, wrong = _read_row(row, columns, sections, visibility, at)
        rows.append(values)
        faults += wrong
    faults += _twins(rows)
    batch = AnswerImport(
        organization=organization,
        person=actor,
        filename=filename[:200],
        rows=rows,
        faults=faults,
        created_at=at,
    )
    known = _known(organization, rows)
    for values in rows:
        found = known.get(values["key"])
        if values["unknown_section"] and found is not None:
            values["section_id"] = found.section_id
    batch.added, batch.changed, batch.unchanged = _tally(organization, rows)
    batch.save()
    return batch


@transaction.atomic
def confirm(*, batch_id: uuid.UUID, actor: Person, at: dt.datetime) -> AnswerImport:
    """Bring everything in as drafts that wait for approval; a faulty sheet brings nothing."""
    batch = AnswerImport.objects.select_for_update().get(pk=batch_id, person=actor)
    if batch.status == ImportStatus.DONE:
        return batch
    if batch.faults:
        raise RefusedError(
            _("直すところが残っているため、取り込めません。ファイルを直して選び直してください。")
        )
    known = _known(batch.organization, batch.rows)
    for row in batch.rows:
        values = _values(row)
        found = known.get(row["key"])
        if found is None:
            answer = services.create_answer(
                organization=batch.organization,
                values=values,
                actor=actor,
                at=at,
                import_key=row["number"],
            )
            services.submit_answer(answer_id=answer.pk, actor=actor, at=at)
        elif not _is_same(found, row):
            answer = services.edit_answer(
                answer_id=found.pk, values=values, version=found.version, actor=actor, at=at
            )
            if answer.status == "draft":
                services.submit_answer(answer_id=answer.pk, actor=actor, at=at)
    batch.status = ImportStatus.DONE
    batch.save(update_fields=["status"])
    return batch


def exported(answers: Iterable[ApprovedAnswer]) -> Iterable[Sequence[object]]:
    """Rows under ``COLUMNS`` and the state: what was exported can be brought in again."""
    for answer in answers:
        yield (
            answer.import_key,
            answer.question,
            answer.other_questions,
            answer.answer,
            answer.category,
            answer.section.name if answer.section else "",
            answer.valid_from.isoformat() if answer.valid_from else "",
            answer.valid_to.isoformat() if answer.valid_to else "",
            answer.review_on.isoformat(),
            answer.get_status_display(),
        )


def _column_of(heading: str) -> str | None:
    plain = unicodedata.normalize("NFKC", heading).replace(" ", "").lower()
    return next((name for name, ways in _ALIKE.items() if plain in ways), None)


def _is_note(row: Row, columns: Mapping[str, str]) -> bool:
    """Whether a row is what offices write under a table (※…): neither a question nor an answer stands in it."""
    said = [cell.strip() for cell in row.cells.values() if cell.strip()]
    if len(said) != 1:
        return False
    asked = any(row.cells.get(columns[name], "").strip() for name in ("質問", "回答"))
    return not asked or said[0].startswith(("※", "注", "*"))


def unknown_sections(batch: AnswerImport) -> list[tuple[str, int]]:
    """What the sheet calls sections that are not here, and in how many rows."""
    names = Counter(row.get("unknown_section", "") for row in batch.rows)
    return [(name, count) for name, count in names.most_common() if name]


def _read_row(
    row: Row, columns: Mapping[str, str], sections: Mapping[str, int], visibility: str, at: dt.datetime
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    cell = {
        name: clean_text(row.cells.get(heading, ""), lines=True).strip() for name, heading in columns.items()
    }
    faults: list[dict[str, Any]] = []

    def fault(column: str, reason: str) -> None:
        faults.append(
            {
                "row": row.number,
                "column": columns.get(column, column),
                "value": cell.get(column, "")[:80],
                "reason": reason,
            }
        )

    for name in ("質問", "回答"):
        if not cell.get(name):
            fault(name, _("空です。質問と回答はどちらも要ります。"))
    for name, most in _LIMITS.items():
        if len(cell.get(name, "")) > most:
            fault(name, _("長すぎます。%(most)d文字までで書いてください。") % {"most": most})
    days: dict[str, str | None] = {}
    for name in ("有効期間(始まり)", "有効期間(終わり)", "見直し日"):
        days[name] = None
        if cell.get(name):
            try:
                days[name] = read_date(cell[name]).isoformat()
            except ValidationError as error:
                fault(name, " ".join(error.messages))
    begins, ends = days["有効期間(始まり)"], days["有効期間(終わり)"]
    if begins and ends and ends < begins:
        fault("有効期間(終わり)", _("始まりより前の日です。"))
    section = None
    if cell.get("担当課"):
        section = sections.get(unicodedata.normalize("NFKC", cell["担当課"]))
    number = cell.get("番号", "")
    values = {
        "row": row.number,
        "number": number,
        "key": number or cell.get("質問", ""),
        "question": cell.get("質問", ""),
        "other_questions": cell.get("別の聞き方", ""),
        "answer": cell.get("回答", ""),
        "category": cell.get("分類", ""),
        "section_id": section,
        # Sections are renamed every spring: what the sheet calls it is told, and keeps nothing out.
        "unknown_section": cell.get("担当課", "") if section is None else "",
        "visibility": visibility,
        "valid_from": begins,
        "valid_to": ends,
        "review_on": days["見直し日"] or (at.date() + REVIEWED_EVERY).isoformat(),
    }
    return values, faults


def _twins(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    seen: dict[str, int] = {}
    faults = []
    for row in rows:
        if row["key"] and row["key"] in seen:
            faults.append(
                {
                    "row": row["row"],
                    "column": "番号" if row["number"] else "質問",
                    "value": row["key"][:80],
                    "reason": _("%(row)d行目と同じです。どちらかを消してください。")
                    % {"row": seen[row["key"]]},
                }
            )
        seen.setdefault(row["key"], row["row"])
    return faults


def _known(organization: Organization, rows: Sequence[Mapping[str, Any]]) -> dict[str, ApprovedAnswer]:
    """What is here already, by the number of the sheet or the very question."""
    mine = ApprovedAnswer.objects.filter(organization=organization, deleted_at__isnull=True)
    numbers = [row["number"] for row in rows if row["number"]]
    questions = [row["question"] for row in rows if not row["number"]]
    by_number = {answer.import_key: answer for answer in mine.filter(import_key__in=numbers)}
    by_question = {answer.question: answer for answer in mine.filter(question__in=questions)}
    return by_question | by_number


def _tally(organization: Organization, rows: Sequence[Mapping[str, Any]]) -> tuple[int, int, int]:
    known = _known(organization, rows)
    found = [(known.get(row["key"]), row) for row in rows]
    added = sum(answer is None for answer, _row in found)
    unchanged = sum(answer is not None and _is_same(answer, row) for answer, row in found)
    return added, len(rows) - added - unchanged, unchanged


def _is_same(answer: ApprovedAnswer, row: Mapping[str, Any]) -> bool:
    values = _values(row)
    names = ("question", "answer", "other_questions", "category", "section_id", "valid_from", "valid_to")
    return all(getattr(answer, name) == getattr(values, name) for name in names)


def _values(row: Mapping[str, Any]) -> AnswerValues:
    def day(name: str) -> dt.date | None:
        return dt.date.fromisoformat(row[name]) if row[name] else None

    review = day("review_on")
    assert review is not None
    return AnswerValues(
        question=row["question"],
        answer=row["answer"],
        other_questions=row["other_questions"],
        category=row["category"],
        section_id=row["section_id"],
        visibility=row["visibility"],
        valid_from=day("valid_from"),
        valid_to=day("valid_to"),
        review_on=review,
    )
