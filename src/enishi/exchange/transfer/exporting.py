"""Lists out: the same headings that come in, so that a sheet can be filled offline and brought back."""

import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.http import FileResponse, HttpResponse
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.exchange import listing
from enishi.exchange.access import access_of
from enishi.exchange.conditions import Conditions
from enishi.exchange.enums import RecordKind
from enishi.exchange.transfer.columns import MODELS, SHEETS
from enishi.foundation import downloads, jobs
from enishi.foundation.access import Actor
from enishi.foundation.models import Job
from enishi.foundation.sentences import gettext as _
from enishi.foundation.spreadsheets import write_csv, write_xlsx
from enishi.organizations.models import Organization

OWNER = "団体"
CHANGED = "更新日"
MOST_ROWS = 300_000
BATCH = 500
KEPT_FOR = dt.timedelta(days=7)


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
    return [*(column.heading for column in SHEETS[kind]), OWNER, CHANGED]


def with_relations(queryset: Any) -> Any:
    return queryset.select_related("organization", "section").prefetch_related("fields", "areas")


def exported(kind: str, records: Iterable[Any], form: str) -> bytes:
    """The file. ``form``: xlsx, csv or csv-cp932."""
    title = str(MODELS[kind]._meta.verbose_name)
    return downloads.sheet(form, headings(kind), record_rows(kind, records), title=title).content


def as_download(record: RecordKind, content: bytes | IO[bytes], form: str) -> HttpResponse | FileResponse:
    """An answer that saves the file under a Japanese name."""
    ending = downloads.ending_of(form)
    answer = (HttpResponse if isinstance(content, bytes) else FileResponse)(
        content, content_type=downloads.content_type_of(form)
    )
    answer.headers["Content-Disposition"] = downloads.disposition(
        plain=f"{record.value}s.{ending}", name=f"{record.label}_{timezone.localdate().isoformat()}.{ending}"
    )
    return answer


def start(*, conditions: Conditions, form: str, actor: Person, at: dt.datetime) -> Job:
    """Have a long list written to a file that the actor can fetch for a week."""
    arguments = {"record": conditions.record.value, "conditions": conditions.parameters(), "form": form}
    title = _("%(what)sを書き出す") % {"what": conditions.record.label}
    job = jobs.start(kind="export", title=title, person=actor, arguments=arguments, at=at)
    Job.objects.filter(pk=job.pk).update(result_url=f"/imports/exports/{job.pk}/")
    return job


@jobs.work("export")
def _export_work(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    record = RecordKind(job.arguments["record"])
    conditions = Conditions.read(record, job.arguments["conditions"])
    assert job.person is not None
    keys = listing.all_keys(job.person, conditions, at=job.created_at, limit=MOST_ROWS + 1)
    if len(keys) > MOST_ROWS:
        raise jobs.JobRefusedError(
            _("%(limit)s件を超える一覧は一つの表に入りません。条件を絞ってください。")
            % {"limit": f"{MOST_ROWS:,}"}
        )
    path = export_path(job)
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = record_rows(record.value, _read(job.person, record, keys, progress))
    if job.arguments["form"] == "xlsx":
        with path.open("wb") as file:
            write_xlsx(file, headings(record.value), rows, title=str(record.label))
    else:
        path.write_bytes(
            write_csv(headings(record.value), rows, encoding=downloads.encoding_of(job.arguments["form"]))
        )
    return {"rows": len(keys)}


def _read(person: Any, record: RecordKind, keys: Sequence[int], progress: jobs.Progress) -> Iterator[Any]:
    for begin in range(0, len(keys), BATCH):
        progress(begin, len(keys), _("一覧を書き出しています"))
        yield from with_relations(listing.rows_of(person, record, keys[begin : begin + BATCH]))


def export_path(job: Job) -> Path:
    return Path(settings.MEDIA_ROOT) / "exports" / job.pk.hex


def forget_old_exports(at: dt.datetime) -> int:
    """Throw away files nobody fetched for a week. Returns how many."""
    folder = Path(settings.MEDIA_ROOT) / "exports"
    oldest = (at - KEPT_FOR).timestamp()
    old = [path for path in folder.glob("*") if path.stat().st_mtime < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


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
