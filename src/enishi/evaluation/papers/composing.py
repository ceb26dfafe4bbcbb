"""A form filled: facts, judgements and decision laid into the blocks of a template, as plain grids, tables and texts."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.evaluation.enums import Criterion, DecisionState, EvaluationState, Scale, Stage
from enishi.evaluation.facts.building import year_words
from enishi.evaluation.models import Evaluation, FactSheet, ImprovementDecision, Subject
from enishi.evaluation.papers.forms import Block, Form
from enishi.foundation.days import day_in_words
from enishi.foundation.money import in_yen

NUMBERS = {"A": "3", "B": "2", "C": "1"}
BLANK = "—"


@dataclass(frozen=True)
class Part:
    """One block as every rendering understands it: lines of label and value, a table, or paragraphs.

    ``numeric`` names the columns of a table that hold numbers; ``quiet`` marks what was copied from the records.
    """

    title: str
    grid: Sequence[tuple[str, str]] = ()
    headings: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    numeric: frozenset[int] = frozenset()
    texts: Sequence[tuple[str, str]] = ()
    quiet: bool = False
    records: Mapping[str, str] = field(default_factory=dict)
    """Where the record of a line is, by the label it begins with: on the page a press on it leads there."""


@dataclass(frozen=True)
class Paper:
    key: str
    title: str
    subtitle: str
    name: str
    parts: Sequence[Part]
    foot: str
    written: Mapping[str, str] = field(default_factory=dict)
    """What the section wrote, by its name: a form of one's own asks for it wherever it has a box."""


@dataclass(frozen=True)
class Sheet:
    """What papers are made of: the facts (frozen once handed in), the stages that were handed in, and the decision."""

    subject: Subject
    held: Mapping[str, Any]
    frozen: FactSheet | None
    stages: Mapping[str, Evaluation]
    decision: ImprovementDecision | None
    as_of: dt.date
    follow_ups: Sequence[Any] = field(default_factory=tuple)

    @property
    def facts(self) -> Mapping[str, Any]:
        """In the language that is active when they are read: papers are in Japanese, pages in the reader's."""
        return self.held if self.frozen is None else self.frozen.read_facts


def compose(form: Form, sheet: Sheet) -> Paper:
    """Fill a template. Blocks for which there is nothing yet are left out."""
    parts = [part for block in form.blocks for part in _KINDS[block.kind](block, sheet) if _holds(part)]
    subject = sheet.subject
    return Paper(
        key=form.key,
        title=str(form.title),
        subtitle=_("%(year)s対象 %(cycle)s")
        % {"year": year_words(sheet.facts["year"]), "cycle": subject.cycle.title},
        name=subject.title,
        parts=parts,
        foot=_foot(sheet),
        written=_written(sheet, is_public=form.is_public),
    )


def _written(sheet: Sheet, *, is_public: bool) -> dict[str, str]:
    first = sheet.stages.get(Stage.FIRST)
    names = {
        _("記入した人"): first.evaluator if first else None,
        _("承認した人"): first.approved_by if first else None,
    }
    return {
        _("判定"): judgement_words(sheet.subject, first.judgement) if first else "",
        _("成果と課題"): first.comment if first else "",
        _("今後の方向"): str(first.get_direction_display()) if first else "",
        _("改善の内容"): first.improvement if first else "",
    } | ({} if is_public else {label: str(person or "") for label, person in names.items()})


def _holds(part: Part) -> bool:
    return bool(part.grid or part.rows or part.texts)


def _foot(sheet: Sheet) -> str:
    if sheet.frozen is None:
        return _("%(day)s現在の記録から。まだ提出されていません。") % {"day": day_in_words(sheet.as_of)}
    frozen = timezone.localtime(sheet.frozen.frozen_at).date()
    return _("%(day)sに固定した記録から(照合番号 %(digest)s)") % {
        "day": day_in_words(frozen),
        "digest": sheet.frozen.sha256[:12],
    }


def _picked(items: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> list[Mapping[str, Any]]:
    if not keys:
        return list(items)
    return [
        each
        for each in items
        if any(each["key"] == key or (key.endswith(":") and each["key"].startswith(key)) for key in keys)
    ]


def _basics(block: Block, sheet: Sheet) -> list[Part]:
    items = _picked(sheet.facts["basics"], block.keys)
    grid = [(each["label"], each["value"] or BLANK) for each in items]
    return [Part(str(block.title), grid=grid, quiet=True, records=_records(items))]


def _records(items: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {each["label"]: each["url"] for each in items if each["url"] and each["value"]}


def _money_record(sheet: Sheet) -> str:
    """The money of the evaluated year, from where its codes, entries and files are a press away."""
    subject = sheet.subject
    if subject.programme is not None:
        return f"{subject.programme.get_absolute_url()}?year={sheet.facts['year']}#year"
    return subject.node.get_absolute_url() if subject.node is not None else ""


def _purpose(block: Block, sheet: Sheet) -> list[Part]:
    items = [each for each in _picked(sheet.facts["purpose"], block.keys) if each["value"]]
    texts = [(each["label"], each["value"]) for each in items]
    return [Part(str(block.title), texts=texts, quiet=True, records=_records(items))]


def _yardsticks(block: Block, sheet: Sheet) -> list[Part]:
    year = sheet.facts["year"]
    rows, records = [], {}
    for each in sheet.facts["yardsticks"]:
        now: Mapping[str, Any] = next((row for row in each["years"] if row["year"] == year), {})
        before: Mapping[str, Any] = next((row for row in each["years"] if row["year"] == year - 1), {})
        label = f"{each['name']}({each['unit']})" if each["unit"] else each["name"]
        records[label] = each["url"]
        rows.append(
            [
                label,
                each["stage"],
                before.get("value") or BLANK,
                now.get("target") or BLANK,
                now.get("value") or BLANK,
                now.get("rate") or BLANK,
                each["status"] or BLANK,
            ]
        )
    headings = [
        _("指標(単位)"),
        _("種類"),
        _("前の年度の実績"),
        _("目標"),
        _("実績値"),
        _("年度達成率"),
        _("状況"),
    ]
    numeric = frozenset({2, 3, 4, 5})
    return [
        Part(str(block.title), headings=headings, rows=rows, numeric=numeric, quiet=True, records=records)
    ]


def _money(block: Block, sheet: Sheet) -> list[Part]:
    picked = _picked(sheet.facts["money"], block.keys)
    rows = [[each["label"], *(value or BLANK for value in each["values"])] for each in picked]
    headings = [_("費目"), *(year_words(year) for year in sheet.facts["years"])]
    records = dict.fromkeys((each["label"] for each in picked), _money_record(sheet))
    numeric = frozenset({1, 2, 3})
    return [
        Part(str(block.title), headings=headings, rows=rows, numeric=numeric, quiet=True, records=records)
    ]


def _scores(block: Block, sheet: Sheet) -> list[Part]:
    first = sheet.stages.get(Stage.FIRST)
    cycle, computed = sheet.subject.cycle, sheet.facts["computed"]
    rows = []
    for key in cycle.criteria:
        known = computed.get(key)
        letter = known["letter"] if known else (first.scores.get(key, "") if first else "")
        why = known["why"] if known else _("担当課の評点")
        said = grade(letter, cycle.scale) if letter or known else BLANK
        rows.append([str(Criterion(key).label), said, why])
    return [Part(str(block.title), headings=[_("視点"), _("評点"), _("根拠")], rows=rows)]


def grade(letter: str, scale: str) -> str:
    """A grade as the municipality writes it; 判定不能 where there is none."""
    if not letter:
        return _("判定不能")
    return NUMBERS[letter] if scale == Scale.NUMBERS else letter


def judgement_words(subject: Subject, letter: str) -> str:
    """The letter with the municipality's own words, or the usual ones."""
    if not letter:
        return ""
    own = subject.cycle.judgement_words.get(letter)
    if own:
        return f"{letter} {own}"
    return str(dict(Evaluation._meta.get_field("judgement").flatchoices).get(letter, letter))


def _judgements(block: Block, sheet: Sheet) -> list[Part]:
    computed = sheet.facts["computed"]["judgement"]
    rows = [[_("計算(指標から)"), computed["letter"] or _("判定不能"), BLANK, computed["why"], BLANK]]
    for stage in Stage:
        each = sheet.stages.get(stage)
        if each is None:
            continue
        day = (
            day_in_words(timezone.localtime(each.submitted_at).date(), weekday=False)
            if each.submitted_at
            else BLANK
        )
        words = each.comment
        if each.departure_reason:
            words += "\n" + _("計算と離れる理由: %(why)s") % {"why": each.departure_reason}
        rows.append(
            [
                str(stage.label),
                judgement_words(sheet.subject, each.judgement),
                str(each.get_direction_display()),
                words,
                day,
            ]
        )
    return [
        Part(
            str(block.title),
            headings=[_("段階"), _("判定"), _("方向"), _("成果と課題・意見"), _("日付")],
            rows=rows,
        )
    ]


def _opinions(block: Block, sheet: Sheet) -> list[Part]:
    """For residents: the last judgement, and every opinion without who wrote it when."""
    spoken = [sheet.stages[stage] for stage in Stage if stage in sheet.stages]
    if not spoken:
        return []
    texts = [(_("評価"), judgement_words(sheet.subject, spoken[-1].judgement))]
    texts += [(_("%(stage)sの意見") % {"stage": Stage(each.stage).label}, each.comment) for each in spoken]
    return [Part(str(block.title), texts=texts)]


def _achievement(block: Block, sheet: Sheet) -> list[Part]:
    first = sheet.stages.get(Stage.FIRST)
    return [Part(str(block.title), texts=[(_("成果と課題"), first.comment)])] if first else []


def _direction(block: Block, sheet: Sheet) -> list[Part]:
    first = sheet.stages.get(Stage.FIRST)
    if first is None:
        return []
    amount = in_yen(first.expected_delta_yen) if first.expected_delta_yen is not None else BLANK
    grid = [
        (_("今後の方向(担当課)"), str(first.get_direction_display())),
        (_("予算の増減の見込み"), amount),
    ]
    if first.merges_into:
        grid.append((_("統合先"), str(first.merges_into)))
    return [
        Part(
            str(block.title),
            grid=grid,
            texts=[(_("改善の内容"), first.improvement)] if first.improvement else (),
        )
    ]


def _decision(block: Block, sheet: Sheet) -> list[Part]:
    decision = sheet.decision
    if decision is None or decision.state != DecisionState.DECIDED or decision.decided_at is None:
        return []
    grid = [
        (_("方向"), str(decision.get_direction_display())),
        (_("反映する年度"), decision.target_year or BLANK),
        (
            _("予算の増減"),
            in_yen(decision.expected_delta_yen)
            if decision.expected_delta_yen is not None
            else decision.budget_reason or BLANK,
        ),
        (_("進める課"), decision.owner_section.name if decision.owner_section else BLANK),
        (_("決定した日"), day_in_words(timezone.localtime(decision.decided_at).date(), weekday=False)),
    ]
    if decision.merges_into:
        grid.append((_("統合先"), str(decision.merges_into)))
    return [Part(str(block.title), grid=grid, texts=[(_("改善の内容"), decision.content)])]


def _last(block: Block, sheet: Sheet) -> list[Part]:
    items = sheet.facts["last"]
    rows = [[each["label"], each["value"] or BLANK, each["source"]] for each in items]
    headings = [_("項目"), _("内容"), _("出所")]
    return [Part(str(block.title), headings=headings, rows=rows, quiet=True, records=_records(items))]


def _sources(block: Block, sheet: Sheet) -> list[Part]:
    """Each number with the record it was copied from."""
    money = _money_record(sheet)
    rows = [[each["label"], each["source"], each["url"]] for each in sheet.facts["basics"] if each["value"]]
    rows += [[each["label"], each["source"], money] for each in sheet.facts["money"]]
    rows += [[each["name"], each["source"], each["url"]] for each in sheet.facts["yardsticks"]]
    records = {row[0]: row[2] for row in rows}
    headings = [_("項目"), _("出所"), _("記録の番地")]
    return [Part(str(block.title), headings=headings, rows=rows, quiet=True, records=records)]


def _proof(block: Block, sheet: Sheet) -> list[Part]:
    grid = [(_("選んだ理由"), " ".join(sheet.facts["why"]) or sheet.subject.why_by_hand or BLANK)]
    if sheet.frozen is not None:
        moment = timezone.localtime(sheet.frozen.frozen_at)
        grid += [
            (_("記録を固定した日時"), f"{day_in_words(moment.date(), weekday=False)} {moment:%H:%M}"),
            (_("照合番号(SHA-256)"), sheet.frozen.sha256),
        ]
    first = sheet.stages.get(Stage.FIRST)
    if first and first.approved_at and first.state == EvaluationState.APPROVED:
        day = day_in_words(timezone.localtime(first.approved_at).date(), weekday=False)
        grid.append((_("課長の承認"), _("%(day)s %(name)s") % {"day": day, "name": first.approved_by or ""}))
    return [Part(str(block.title), grid=grid, quiet=True)]


_KINDS = {
    "basics": _basics,
    "purpose": _purpose,
    "yardsticks": _yardsticks,
    "money": _money,
    "scores": _scores,
    "judgements": _judgements,
    "opinions": _opinions,
    "achievement": _achievement,
    "direction": _direction,
    "decision": _decision,
    "last": _last,
    "sources": _sources,
    "proof": _proof,
}
