"""The worklist as a table that goes out, is filled in, and comes back with a preview of what it would change."""

import datetime as dt
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.evaluation.models_decisions import ImprovementDecision
from enishi.evaluation.reflection import selectors, services
from enishi.evaluation.reflection.access import reflection_access
from enishi.evaluation.reflection.comparing import Comparison, refusal, suggested
from enishi.evaluation.reflection.enums import ReflectionStatus
from enishi.evaluation.reflection.houses import year_words
from enishi.evaluation.reflection.models import Reflection, ReflectionUpload
from enishi.evaluation.reflection.selectors import Moment
from enishi.evaluation.reflection.services import Said
from enishi.foundation.forms import clean_text
from enishi.foundation.refusals import RefusedError
from enishi.foundation.spreadsheets import Row, read_table

KEY, STATUS, REASON = "決定番号", "反映の状況", "理由"
HEADINGS = (
    KEY,
    "番号",
    "名称",
    "担当課",
    "方向",
    "改善の内容",
    "決定した増減額(円)",
    "反映前(円)",
    "反映後(円)",
    "増減(円)",
    "計算からの案",
    STATUS,
    REASON,
    "記録",
)
MOST_ROWS = 5_000


def rows_of(decisions: Sequence[ImprovementDecision], moment: Moment) -> Iterable[list[object]]:
    """One line for each decision; amounts are the budget's, for reading."""
    found = selectors.comparisons(decisions, moment)
    known = reflections_of(decisions, moment)
    for decision in decisions:
        comparison, row = found[decision.pk], known.get(decision.pk)
        advice = suggested(
            direction=decision.direction, decided_yen=decision.expected_delta_yen, comparison=comparison
        )
        yield [
            decision.pk,
            decision.subject.code,
            decision.subject.title,
            str(decision.subject.section or ""),
            decision.direction,
            decision.content,
            decision.expected_delta_yen,
            comparison.before_yen,
            comparison.after_yen,
            comparison.delta_yen,
            advice.status or advice.why,
            row.status if row else "",
            row.reason if row else "",
            "" if row is None else _("承認済み") if row.is_approved else _("承認待ち"),
        ]


def reflections_of(decisions: Iterable[ImprovementDecision], moment: Moment) -> dict[int, Reflection]:
    rows = Reflection.objects.filter(
        decision__in=[decision.pk for decision in decisions],
        fiscal_year=moment.fiscal_year,
        stage=moment.stage,
        round_no=moment.round_no,
    )
    return {row.decision_id: row for row in rows.select_related("recorded_by", "approved_by")}


@transaction.atomic
def take_in(
    *, house: int, moment: Moment, filename: str, content: bytes, actor: Person, at: dt.datetime
) -> ReflectionUpload:
    """Read a filled-in table and keep what it would change. Nothing else is written.

    Raises ``UnreadableTableError`` where the file is no table.
    """
    if not reflection_access.allows(actor, "record", house):
        raise RefusedError(_("予算への反映を記録できるのは、財政の課の人です。"))
    table = read_table(content, max_rows=MOST_ROWS, is_heading=lambda heading: heading in HEADINGS)
    upload = ReflectionUpload(
        organization_id=house,
        person=actor,
        fiscal_year=moment.fiscal_year,
        stage=moment.stage,
        round_no=moment.round_no,
        filename=clean_text(filename)[:150],
        made_at=at,
    )
    missing = [name for name in (KEY, STATUS, REASON) if name not in table.headings]
    if missing:
        upload.faults = [
            _fault(1, missing[0], "", _("この列がありません。書き出した表の見出しをそのまま使ってください。"))
        ]
    else:
        _read_lines(upload, house, moment, table.rows)
    upload.save()
    return upload


def _read_lines(upload: ReflectionUpload, house: int, moment: Moment, lines: Sequence[Row]) -> None:
    decisions = {
        row.pk: row for row in selectors.worklist(house, moment.fiscal_year).select_related("subject")
    }
    found = selectors.comparisons(list(decisions.values()), moment)
    known = reflections_of(decisions.values(), moment)
    seen: dict[int, int] = {}
    for line in lines:
        written = unicodedata.normalize("NFKC", line.cells[KEY]).strip()
        pk = int(written) if written.isdecimal() and len(written) < 18 else 0
        if pk not in decisions:
            sentence = _("%(year)sの予算に表す決定の番号ではありません。") % {
                "year": year_words(moment.fiscal_year)
            }
            upload.faults.append(_fault(line.number, KEY, written, sentence))
            continue
        if pk in seen:
            sentence = _("%(row)d行目と同じ決定です。どちらかを消してください。") % {"row": seen[pk]}
            upload.faults.append(_fault(line.number, KEY, written, sentence))
            continue
        seen[pk] = line.number
        _read_line(upload, line, decisions[pk], found[pk], known.get(pk))


def _read_line(
    upload: ReflectionUpload,
    line: Row,
    decision: ImprovementDecision,
    comparison: Comparison,
    row: Reflection | None,
) -> None:
    status = unicodedata.normalize("NFKC", line.cells[STATUS]).strip()
    reason = clean_text(line.cells[REASON], lines=True).strip()
    if not status and not reason:
        upload.unchanged += 1
        return
    if status not in ReflectionStatus.values:
        known = _("・").join(ReflectionStatus.values)
        sentence = _("%(known)s のどれかを書いてください。") % {"known": known}
        upload.faults.append(_fault(line.number, STATUS, status, sentence))
        return
    counted = status in (ReflectionStatus.FULL, ReflectionStatus.PARTIAL)
    sentence = (comparison.problem if counted else "") or refusal(
        direction=decision.direction,
        status=status,
        delta_yen=comparison.delta_yen,
        after_yen=comparison.after_yen,
        reason=reason,
    )
    if sentence:
        upload.faults.append(_fault(line.number, STATUS, status, sentence))
        return
    before = (row.status, row.reason) if row else ("", "")
    if before == (status, reason):
        upload.unchanged += 1
        return
    upload.changes.append(
        {
            "row": line.number,
            "decision": decision.pk,
            "title": decision.subject.title,
            "new": row is None,
            "before": before[0],
            "before_reason": before[1],
            "status": status,
            "reason": reason,
        }
    )


def _fault(row: int, column: str, value: str, reason: str) -> dict[str, Any]:
    return {"row": row, "column": column, "value": value[:100], "reason": reason}


@transaction.atomic
def apply(*, upload_id: int, actor: Person, at: dt.datetime) -> int:
    """Do what the preview showed, once. All rows or none."""
    upload = ReflectionUpload.objects.select_for_update().get(pk=upload_id, person=actor)
    if upload.applied_at is not None:
        raise RefusedError(_("このファイルは、もう取り込みました。"))
    if upload.faults:
        raise RefusedError(_("直すところが残っています。表を直して、もう一度選んでください。"))
    count = services.record_many(
        house=upload.organization_id,
        moment=Moment(upload.fiscal_year, upload.stage, upload.round_no),
        said={change["decision"]: Said(change["status"], change["reason"]) for change in upload.changes},
        actor=actor,
        at=at,
    )
    upload.applied_at = at
    upload.save(update_fields=["applied_at"])
    return count


def preview_of(upload: ReflectionUpload) -> dict[str, Any]:
    """The upload as the import preview shows it."""
    differences = [
        {"row": change["row"], "key": change["title"], "column": column, "before": old, "after": new}
        for change in upload.changes
        for column, old, new in (
            (STATUS, change["before"], change["status"]),
            (REASON, change["before_reason"], change["reason"]),
        )
        if old != new
    ]
    return {
        "added": sum(1 for change in upload.changes if change["new"]),
        "changed": sum(1 for change in upload.changes if not change["new"]),
        "unchanged": upload.unchanged,
        "faults": upload.faults,
        "differences": differences,
    }
