"""Reading the files of documents: at once where they are small, by the worker where they are not."""

import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.urls import reverse
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.foundation import jobs
from enishi.foundation.models import Job, JobStatus
from enishi.foundation.sentences import gettext as _
from enishi.foundation.sentences import of_language_error
from enishi.knowledge.documents import kept, services
from enishi.knowledge.documents.enums import ReadingState
from enishi.knowledge.documents.errors import AlreadyThereError, DocumentRefusedError
from enishi.knowledge.documents.models import Collection, Document
from enishi.language.errors import LanguageError
from enishi.language.extracting.documents import read_document
from enishi.language.extracting.notebook import Notebook

logger = logging.getLogger(__name__)
READING, FOLDER = "documents.read", "documents.folder"
AT_ONCE_BYTES = 300_000
MOST_FILES = 100_000
KEPT_SECONDS = 7 * 24 * 60 * 60

Tell = Callable[[int, int], None]


def read(document: Document, *, tell: Tell | None = None) -> Document:
    """Read the document's file; what goes wrong is written on the document.

    A reading that ends in the middle, killed or cancelled, goes on behind the last page when it is begun again.
    """
    try:
        with document.file.open("rb") as file:
            content = file.read()
    except OSError:
        logger.exception("a document's file is gone", extra={"document": document.pk})
        kept.write_failure(
            document, _("ファイルが見つかりません。もう一度加えるか、控えから戻してください。")
        )
        return document
    notebook = Notebook(_notebooks() / f"{document.sha256}-{version('enishi')}.jsonl")
    try:
        kept.write(document, read_document(content, name=document.file_name, tell=tell, notebook=notebook))
    except LanguageError as error:
        kept.write_failure(document, of_language_error(error))
    notebook.forget()
    return document


def _notebooks() -> Path:
    return Path(settings.DATA_FOLDER) / "reading"


def _forget_abandoned(at: dt.datetime) -> None:
    """Throw away what nobody goes on with: the file was taken out, or the product upgraded, in the middle of reading."""
    for path in _notebooks().glob("*.jsonl"):
        if path.stat().st_mtime < at.timestamp() - KEPT_SECONDS:
            path.unlink(missing_ok=True)


def is_quick(document: Document) -> bool:
    """Whether a person can wait for it."""
    is_pdf = document.file_name.lower().endswith(".pdf")
    return document.size <= AT_ONCE_BYTES and not is_pdf


def read_or_queue(documents: Iterable[Document], *, person: Person | None, at: dt.datetime) -> Job | None:
    """Read small files now; have the worker read the others. Returns the worker's job, if there is one."""
    waiting = []
    for document in documents:
        if is_quick(document):
            read(document)
        else:
            waiting.append(document.pk)
    return start_reading(person=person, at=at) if waiting else None


def read_again(document: Document, *, person: Person, at: dt.datetime) -> Job | None:
    """Read a file once more."""
    Document.objects.filter(pk=document.pk).update(state=ReadingState.WAITING, state_note="", said={})
    document.refresh_from_db()
    return read_or_queue([document], person=person, at=at)


def start_reading(*, person: Person | None, at: dt.datetime) -> Job:
    """Have the worker read everything that waits, unless it is about to."""
    running = Job.objects.filter(kind=READING, status=JobStatus.WAITING).first()
    return running or jobs.start(
        kind=READING, title=_("資料の文章を読み取る"), person=person, arguments={}, at=at
    )


@jobs.work(READING)
def read_waiting(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    """Read what waits, one document after the other; begun again, it goes on where it stood, to the page."""
    _forget_abandoned(timezone.now())
    waiting = Document.objects.filter(state=ReadingState.WAITING, deleted_at__isnull=True).exclude(file="")
    total, done, pages, failed = waiting.count(), 0, 0, 0
    last = 0
    while (document := waiting.filter(pk__gt=last).order_by("pk").first()) is not None:
        last = document.pk
        title = document.title

        def tell(page: int, of: int, done: int = done, title: str = title) -> None:
            shown = _("「%(title)s」 %(page)d/%(of)dページ") % {"title": title[:100], "page": page, "of": of}
            progress(done, max(total, done + 1), shown)

        progress(done, max(total, done + 1), title)
        read(document, tell=tell)
        done += 1
        pages += document.page_count or 0
        failed += document.state == ReadingState.FAILED
    result = reverse("documents:documents") + ("?state=failed" if failed else "")
    Job.objects.filter(pk=job.pk).update(result_url=result)
    return {"documents": done, "pages": pages, "failed": failed}


def start_folder(*, folder: Path, collection: Collection, person: Person, at: dt.datetime) -> Job:
    """Have the worker bring in every file of a folder on the server."""
    return jobs.start(
        kind=FOLDER,
        title=_("フォルダーから「%(name)s」に取り込む") % {"name": collection.name},
        person=person,
        arguments={"folder": str(folder), "collection": collection.pk, "person": person.pk},
        at=at,
    )


@jobs.work(FOLDER)
def import_folder_job(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    arguments = job.arguments
    collection = Collection.objects.get(pk=arguments["collection"])
    person = Person.objects.get(pk=arguments["person"])
    result = import_folder(Path(arguments["folder"]), collection=collection, person=person, progress=progress)
    Job.objects.filter(pk=job.pk).update(result_url=collection.get_absolute_url())
    return result


def import_folder(
    folder: Path, *, collection: Collection, person: Person, progress: jobs.Progress | Callable[..., None]
) -> dict[str, Any]:
    """Bring in every document of a folder and the folders in it, each by itself: begun again, it skips what is there.

    ``left_out`` of what comes back: how many files of each other ending there are.
    """
    paths, left_out = files_of(folder)
    added, same, failed = 0, 0, []
    for number, path in enumerate(paths):
        shown = str(path.relative_to(folder))
        progress(number, len(paths), shown)
        try:
            with path.open("rb") as raw:
                document = services.add_file(
                    collection=collection,
                    name=path.name,
                    content=File(raw),
                    actor=person,
                    at=timezone.now(),
                )
        except AlreadyThereError as found:
            same += 1
            if found.document.state != ReadingState.WAITING:
                continue
            document = found.document
        except (DocumentRefusedError, OSError) as error:
            failed.append(f"{shown}: {getattr(error, 'sentence', error)}")
            continue
        else:
            added += 1
        read(document)
        if document.state == ReadingState.FAILED:
            failed.append(f"{shown}: {document.state_note}")
    progress(len(paths), len(paths))
    return {
        "added": added,
        "same": same,
        "failed": failed[:200],
        "failed_count": len(failed),
        "left_out": dict(left_out.most_common()),
    }


def files_of(folder: Path) -> tuple[list[Path], Counter[str]]:
    """The document files under a folder, by name, and how many others; links that lead out of it are not followed."""
    found, others = [], Counter[str]()
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
        if hidden or path.is_symlink() or not path.is_file():
            continue
        ending = path.suffix.lower()
        if ending and ending in services.KEPT_ENDINGS:
            found.append(path)
        else:
            others[ending] += 1
        if len(found) >= MOST_FILES:
            break
    return found, others
