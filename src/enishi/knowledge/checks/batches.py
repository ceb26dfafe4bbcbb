"""Many forms at once: a folder as a zip, or several files, checked as a job that can be left and begun again."""

import datetime as dt
import io
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import jobs
from enishi.foundation.models import Job
from enishi.foundation.sentences import of_language_error
from enishi.knowledge.checks import services
from enishi.knowledge.checks.access import batch_access
from enishi.knowledge.checks.reading import NamedForm, read_forms
from enishi.knowledge.checks.rules import Rule, fields_of
from enishi.knowledge.models import CheckBatch, ChecklistVersion
from enishi.knowledge.staff import keeping
from enishi.knowledge.staff.errors import RefusedError
from enishi.knowledge.staff.uploads import MOST_BYTES, Upload, safe_name, understood
from enishi.language.errors import LanguageError
from enishi.language.extracting.mail import read_mail
from enishi.organizations.enums import Visibility

MOST_FILES = 1_000
MOST_UNPACKED = 300 * 1024 * 1024
READABLE = (".xlsx", ".docx", ".csv", ".pdf", ".txt", ".html", ".htm", ".eml")
LETTER = ".mail.txt"
"""The words of an e-mail, which are no attachment of it."""


@dataclass(frozen=True)
class Bundle:
    """The files of one application: those of one folder, or one file by itself."""

    name: str
    files: Sequence[tuple[str, bytes]]


@transaction.atomic
def start(
    *, version: ChecklistVersion, title: str, uploads: Sequence[Upload], actor: Person, at: dt.datetime
) -> CheckBatch:
    """Keep the files until the job is through, and have them checked."""
    checklist = version.checklist
    batch = CheckBatch(
        organization=checklist.organization,
        section=checklist.section,
        visibility=Visibility.SECTION
        if checklist.section_id and checklist.visibility == Visibility.SECTION
        else Visibility.INTERNAL,
        version_used=version,
        title=title[:150],
    )
    keeping.begin(batch, access=batch_access, actor=actor, at=at)
    batch.file.save("", ContentFile(_packed(uploads)), save=False)
    arguments = {"batch": batch.pk}
    batch.job = jobs.start(
        kind="check-batch",
        title=_("「%(name)s」を点検する") % {"name": batch.title},
        person=actor,
        arguments=arguments,
        at=at,
    )
    Job.objects.filter(pk=batch.job.pk).update(result_url=reverse("checks:batch_detail", args=[batch.pk]))
    batch.save()
    return batch


def _packed(uploads: Sequence[Upload]) -> bytes:
    if len(uploads) == 1 and uploads[0].ending == ".zip":
        return uploads[0].content
    buffer = io.BytesIO()
    taken: set[str] = set()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, upload in enumerate(uploads, start=1):
            name = _numbered(upload.name, number) if upload.name in taken else upload.name
            taken.add(name)
            archive.writestr(name, upload.content)
    return buffer.getvalue()


def _numbered(name: str, number: int) -> str:
    stem, dot, ending = name.rpartition(".")
    return f"{stem}({number}){dot}{ending}"


def bundles(content: bytes) -> Iterator[Bundle]:
    """The applications in an archive. Each folder is one; files that lie in no folder are one each.

    Raises
    ------
    RefusedError
        If the archive swells, is broken or is locked.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if _is_wanted(entry)]
            if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
                raise RefusedError(
                    _("一度に点検できるのは%(limit)d個、合わせて300MBまでです。分けてください。")
                    % {"limit": MOST_FILES}
                )
            folders: dict[str, list[zipfile.ZipInfo]] = defaultdict(list)
            for entry in entries:
                name = _name_of(entry)
                folder = name.rsplit("/", 1)[0] if "/" in name else ""
                folders[folder if _is_application(folder, entries) else f"//{name}"].append(entry)
            for folder, members in folders.items():
                files = [(safe_name(_name_of(entry)), _content(archive, entry)) for entry in members]
                yield Bundle(files[0][0] if folder.startswith("//") else safe_name(folder), files)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError) as error:
        raise RefusedError(
            _("zipファイルを開けません。壊れているか、パスワードが付いています。作り直してください。")
        ) from error


def _is_wanted(entry: zipfile.ZipInfo) -> bool:
    name = _name_of(entry)
    hidden = any(part.startswith((".", "__MACOSX", "~$")) for part in name.split("/"))
    return not entry.is_dir() and not hidden


def _is_application(folder: str, entries: Sequence[zipfile.ZipInfo]) -> bool:
    """A folder that has folders beside or above it; the one outermost folder that holds everything is none."""
    if not folder:
        return False
    outermost = {_name_of(entry).split("/", 1)[0] for entry in entries}
    deep = any(_name_of(entry).count("/") > 1 for entry in entries)
    return len(outermost) > 1 or (deep and "/" in folder)


def _name_of(entry: zipfile.ZipInfo) -> str:
    """Names that older Windows wrote in its own letters."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("cp932")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return entry.filename


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    return archive.read(entry) if entry.file_size <= MOST_BYTES else b""


def opened(bundle: Bundle) -> Bundle:
    """An application that came by e-mail as the letter itself and the files that came with it."""
    files: list[tuple[str, bytes]] = []
    for name, content in bundle.files:
        if not name.lower().endswith(".eml"):
            files.append((name, content))
            continue
        try:
            mail = read_mail(content)
        except LanguageError as error:
            raise RefusedError(of_language_error(error)) from error
        letter = f"{mail.subject}\n{mail.body}".encode()
        files += [
            (f"{name[:-4]}{LETTER}", letter),
            *((safe_name(each), inside) for each, inside in mail.attachments),
        ]
    return Bundle(bundle.name, files)


def forms_of(bundle: Bundle, fields: Sequence[str]) -> list[NamedForm]:
    """The form of an application: the file in which most fields stand; the others are its attachments."""
    bundle = opened(bundle)
    names = [name for name, _content in bundle.files]
    refusals: list[str] = []
    most, best = -1, list[NamedForm]()
    for name, content in bundle.files:
        if not name.lower().endswith(READABLE):
            continue
        try:
            if not content:
                raise RefusedError(_("「%(name)s」は空か、10MBを超えています。") % {"name": name})
            others = [other for other in names if other != name and not other.endswith(LETTER)]
            forms = read_forms(understood(name, content), fields, attachments=others)
        except RefusedError as refused:
            refusals.append(refused.sentence)
            continue
        written = max(len(each.form.values) for each in forms)
        if written > most:
            most, best = written, forms
    if not best:
        raise RefusedError(
            refusals[0]
            if refusals
            else _("「%(name)s」に点検できるファイルがありません。") % {"name": bundle.name}
        )
    return [NamedForm(bundle.name, best[0].form)] if len(best) == 1 else best


@jobs.work("check-batch")
def _work(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    batch = CheckBatch.objects.select_related("version_used__checklist").get(pk=job.arguments["batch"])
    assert job.person is not None
    with batch.file.open("rb") as file:
        content = file.read()
    try:
        found = list(bundles(content))
    except RefusedError as error:
        raise jobs.JobRefusedError(error.sentence) from error
    fields = fields_of([Rule.read(stored) for stored in batch.version_used.rules])
    # A job that died is begun again: what it had made is made anew.
    batch.runs.all().delete()
    refused: list[dict[str, str]] = []
    for done, bundle in enumerate(found):
        progress(done, len(found), _("%(name)s を点検しています") % {"name": bundle.name})
        refused += _check_bundle(batch, bundle, fields, job.person, job.created_at)
    batch.refused = refused
    batch.file.delete(save=False)
    batch.save(update_fields=["refused", "file"])
    progress(len(found), len(found), _("点検が終わりました"))
    return {"runs": batch.runs.count(), "refused": len(refused)}


def _check_bundle(
    batch: CheckBatch, bundle: Bundle, fields: Sequence[str], actor: Person, at: dt.datetime
) -> list[dict[str, str]]:
    try:
        for named in forms_of(bundle, fields):
            services.check(
                version=batch.version_used,
                title=named.name,
                form=named.form,
                filename=bundle.files[0][0],
                batch=batch,
                actor=actor,
                at=at,
            )
    except RefusedError as error:
        return [{"name": bundle.name, "reason": error.sentence}]
    return []
