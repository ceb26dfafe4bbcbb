"""Lists out: the same headings that come in, so that a sheet can be filled offline and brought back."""

import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from enishi.exchange.access import access_of
from enishi.exchange.transfer.columns import MODELS, SHEETS
from enishi.foundation.access import Actor
from enishi.foundation.spreadsheets import write_csv, write_xlsx
from enishi.organizations.models import Organization

OWNER = "団体"
ADDRESS = "更新日"


def record_rows(kind: str, records: Iterable[Any]) -> Iterator[list[object]]:
    """One row a record, in the order of ``headings``. Give records with their relations prefetched."""
    columns = SHEETS[kind]
    for record in records:
        yield [
            *(column.text(record) for column in columns),
            record.organization.name,
            record.updated_at.date().isoformat(),
        ]


def headings(kind: str) -> list[str]:
    return [*(column.heading for column in SHEETS[kind]), OWNER, ADDRESS]


def with_relations(queryset: Any) -> Any:
    return queryset.select_related("organization", "section").prefetch_related("fields", "areas")


def exported(kind: str, records: Iterable[Any], form: str) -> tuple[bytes, str, str]:
    """The file, its content type and its name's ending. ``form``: xlsx, csv or csv-cp932."""
    rows = record_rows(kind, records)
    if form == "xlsx":
        buffer = io.BytesIO()
        write_xlsx(buffer, headings(kind), rows, title=str(MODELS[kind]._meta.verbose_name))
        return (
            buffer.getvalue(),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
        )
    encoding = "cp932" if form == "csv-cp932" else "utf-8-sig"
    charset = "Shift_JIS" if encoding == "cp932" else "utf-8"
    return write_csv(headings(kind), rows, encoding=encoding), f"text/csv; charset={charset}", "csv"


def empty_form(kind: str) -> bytes:
    """The sheet to fill in: the headings and one row that shows how."""
    columns = SHEETS[kind]
    buffer = io.BytesIO()
    write_xlsx(
        buffer,
        [column.heading for column in columns],
        [[column.example for column in columns]],
        title=str(MODELS[kind]._meta.verbose_name),
    )
    return buffer.getvalue()


def export_file(*, kind: str, path: Path, actor: Actor, encoding: str) -> int:
    """Write everything of one kind that the actor may see, for the command line. Returns how many."""
    if kind == "organizations":
        return _export_organizations(path, encoding)
    kind = kind.removesuffix("s")
    records = with_relations(access_of(MODELS[kind]).visible(actor).order_by("pk"))
    count = int(records.count())
    rows = record_rows(kind, records.iterator(chunk_size=1_000))
    _write(path, headings(kind), rows, title=str(MODELS[kind]._meta.verbose_name), encoding=encoding)
    return count


def _export_organizations(path: Path, encoding: str) -> int:
    rows = [
        [
            each.code or "",
            each.corporate_number or "",
            each.get_kind_display(),
            each.name,
            each.kana,
            each.url,
            each.source,
        ]
        for each in Organization.objects.active().order_by("pk")
    ]
    names = ["全国地方公共団体コード", "法人番号", "種類", "名称", "ふりがな", "ウェブサイト", "出所"]
    _write(path, names, rows, title="組織", encoding=encoding)
    return len(rows)


def _write(
    path: Path, names: Sequence[str], rows: Iterable[Sequence[object]], *, title: str, encoding: str
) -> None:
    if path.suffix.lower() == ".xlsx":
        with path.open("wb") as file:
            write_xlsx(file, names, rows, title=title)
    else:
        path.write_bytes(write_csv(names, rows, encoding=encoding))
