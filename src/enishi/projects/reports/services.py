"""Writing the completion report, and the page for everybody."""

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.knowledge import services as knowledge
from enishi.projects.access import project_access
from enishi.projects.errors import NotReadyError, RefusedError
from enishi.projects.models import Project
from enishi.projects.reports.enums import PublicationStatus, ReportStatus
from enishi.projects.reports.facts import facts_of
from enishi.projects.reports.models import CompletionReport, ProjectPublication
from enishi.projects.services.writing import assign, require_version

REPORT = ("summary", "results", "difficulties", "next_steps")
PUBLIC = ("title", "lead", "trouble", "work", "outcome", "partners", "contact")


@transaction.atomic
def write_report(
    *, project_id: int, values: Mapping[str, str], version: int, actor: Person, at: dt.datetime
) -> CompletionReport:
    """Write the words of the report; the numbers come from the records."""
    project = Project.objects.select_for_update().get(pk=project_id)
    project_access.require(actor, "edit", project)
    report = CompletionReport.objects.filter(project=project).first() or CompletionReport(
        project=project, created_at=at, version=0
    )
    if report.status == ReportStatus.FINAL:
        raise RefusedError(
            _("確定した報告書は書き換えられません。直すときは、先に確定を取り消してください。")
        )
    require_version(report, version)
    before = trail.values(report, REPORT) if report.pk else {}
    assign(report, values, REPORT)
    report.version += 1
    report.updated_at, report.updated_by = at, actor
    report.save()
    changes = trail.differences(before, trail.values(report, REPORT)) if before else {}
    _note(project, "write_report", actor, at, changes)
    return report


@transaction.atomic
def finish_report(*, project_id: int, actor: Person, at: dt.datetime) -> CompletionReport:
    """Freeze the report with the records' numbers of this moment."""
    project = Project.objects.select_for_update().get(pk=project_id)
    project_access.require(actor, "edit", project)
    report = CompletionReport.objects.select_for_update().filter(project=project).first()
    if report is None or report.status == ReportStatus.FINAL:
        raise RefusedError(_("確定できる報告書がありません。先に報告書を書いてください。"))
    if project.is_open:
        raise RefusedError(_("事業が終わってから確定してください。いまは下書きのまま保存できます。"))
    missing = [
        sentence
        for name, sentence in (
            ("summary", _("「取組の概要」を書いてください。")),
            ("results", _("「結果(だれに何が起きたか)」を書いてください。")),
        )
        if not getattr(report, name)
    ]
    if missing:
        raise NotReadyError(_("報告書はまだ確定できません。"), missing)
    report.facts = facts_of(project)
    report.status, report.finished_by, report.finished_at = ReportStatus.FINAL, actor, at
    report.version += 1
    report.updated_at, report.updated_by = at, actor
    report.save()
    _note(project, "finish_report", actor, at)
    return report


@transaction.atomic
def reopen_report(*, project_id: int, actor: Person, at: dt.datetime) -> CompletionReport:
    project = Project.objects.select_for_update().get(pk=project_id)
    project_access.require(actor, "approve", project)
    report = CompletionReport.objects.select_for_update().get(project=project)
    report.status, report.finished_by, report.finished_at, report.facts = ReportStatus.DRAFT, None, None, {}
    report.version += 1
    report.updated_at, report.updated_by = at, actor
    report.save()
    _note(project, "reopen_report", actor, at)
    return report


@transaction.atomic
def write_publication(
    *,
    project_id: int,
    values: Mapping[str, str],
    version: int,
    actor: Person,
    at: dt.datetime,
    is_demo: bool = False,
) -> ProjectPublication:
    """Write the page for everybody. A page that is out stays out, with the new words."""
    project = Project.objects.select_for_update().get(pk=project_id)
    project_access.require(actor, "edit", project)
    page = ProjectPublication.objects.filter(project=project).first() or ProjectPublication(
        project=project, created_at=at, version=0, is_demo=is_demo
    )
    require_version(page, version)
    before = trail.values(page, PUBLIC) if page.pk else {}
    assign(page, values, PUBLIC)
    if page.status == PublicationStatus.PUBLISHED:
        _require_words(page)
    page.version += 1
    page.updated_at, page.updated_by = at, actor
    page.save()
    changes = trail.differences(before, trail.values(page, PUBLIC)) if before else {}
    _note(project, "write_publication", actor, at, changes)
    _index(page.pk)
    return page


@transaction.atomic
def publish(*, project_id: int, actor: Person, at: dt.datetime) -> ProjectPublication:
    page = _locked_page(project_id, actor)
    _require_words(page)
    page.status, page.published_by, page.published_at = PublicationStatus.PUBLISHED, actor, at
    return _moved(page, "publish_page", actor, at)


@transaction.atomic
def withdraw(*, project_id: int, actor: Person, at: dt.datetime) -> ProjectPublication:
    page = _locked_page(project_id, actor)
    if page.status != PublicationStatus.PUBLISHED:
        raise RefusedError(_("公開されていません。"))
    page.status = PublicationStatus.WITHDRAWN
    return _moved(page, "withdraw_page", actor, at)


def _locked_page(project_id: int, actor: Person) -> ProjectPublication:
    project = Project.objects.select_for_update().get(pk=project_id)
    project_access.require(actor, "edit", project)
    page = ProjectPublication.objects.select_for_update().filter(project=project).first()
    if page is None:
        raise RefusedError(_("紹介のページがまだありません。先に書いてください。"))
    page.project = project
    return page


def _require_words(page: ProjectPublication) -> None:
    missing = [
        sentence
        for name, sentence in (
            ("title", _("「見出し」を書いてください。")),
            ("work", _("「何をしたか」を書いてください。")),
            ("outcome", _("「何が変わったか」を書いてください。")),
        )
        if not getattr(page, name)
    ]
    if missing:
        raise NotReadyError(_("紹介のページはまだ公開できません。"), missing)


def _moved(page: ProjectPublication, action: str, actor: Person, at: dt.datetime) -> ProjectPublication:
    page.version += 1
    page.updated_at, page.updated_by = at, actor
    page.save()
    _note(page.project, action, actor, at)
    _index(page.pk)
    return page


def _index(pk: int) -> None:
    transaction.on_commit(lambda: knowledge.index("publication", [pk]) and None)


def _note(
    project: Project,
    action: str,
    actor: Person,
    at: dt.datetime,
    changes: Mapping[str, tuple[object, object]] | None = None,
) -> None:
    trail.record(
        trail.Act(actor, action, project, at, organization_id=project.organization_id, changes=changes or {})
    )
