"""The completion report as a document."""

from typing import Any

from django.utils.translation import gettext as _

from enishi.foundation.days import day_in_words
from enishi.projects.papers import Paper, Part, Table
from enishi.projects.reports.models import CompletionReport


def tables_of(facts: dict[str, Any]) -> list[tuple[str, Table]]:
    """The records' part of the report, those that hold something."""
    money = [[name, count, f"{total:,}円"] for name, count, total in facts.get("money", [])]
    participants = [
        [name, role, part, f"{budget:,}円", f"{kind:,}円", f"{hours}時間"]
        for name, role, part, budget, kind, hours in facts.get("participants", [])
    ]
    found = [
        (
            _("取り組んだ団体"),
            Table(
                [_("団体"), _("役割"), _("受け持ったこと"), _("予算"), _("物品・役務"), _("人手")],
                participants,
            ),
        ),
        (
            _("指標の結果"),
            Table(
                [_("指標"), _("基準"), _("目標"), _("実績値"), _("いつの値か"), _("出所")],
                facts.get("measures", []),
            ),
        ),
        (
            _("実証の判断"),
            Table([_("回"), _("仮説"), _("判断"), _("理由"), _("結果")], facts.get("trials", [])),
        ),
        (_("使ったお金"), Table([_("費目"), _("件数"), _("金額")], money)),
        (
            _("事故・問題"),
            Table([_("日付"), _("起きたこと"), _("重さ")], facts.get("incidents", [])),
        ),
    ]
    return [(heading, table) for heading, table in found if table.rows]


def as_paper(report: CompletionReport, facts: dict[str, Any]) -> Paper:
    project = report.project
    state = (
        _("%(day)sに確定") % {"day": day_in_words(report.finished_at.date())}
        if report.finished_at
        else _("下書き")
    )
    words = [
        (_("取組の概要"), report.summary),
        (_("結果(だれに何が起きたか)"), report.results),
        (_("うまくいかなかったこと"), report.difficulties),
        (_("これから"), report.next_steps),
    ]
    return Paper(
        title=_("%(project)s 完了報告書") % {"project": project.title},
        lead=[
            f"{project.organization.name} {project.section.name if project.section else ''}".strip(),
            f"{facts.get('period', '')} {facts.get('status', '')} {facts.get('reason', '')}".strip(),
        ],
        parts=[
            *(Part(heading, text.splitlines()) for heading, text in words if text),
            *(Part(heading, tables=[table]) for heading, table in tables_of(facts)),
        ],
        foot=f"{project.title} {state}",
    )
