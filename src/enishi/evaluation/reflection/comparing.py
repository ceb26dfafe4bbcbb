"""Before and after over the same codes (R2): which codes belong together across two years, and what of them is whose.

Pure: rows in, a comparison or the sentence why there is none out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from enishi.budgets.dividing import Part, divide
from enishi.engines.progress import Course
from enishi.evaluation.enums import Direction
from enishi.evaluation.published.calculations import sign_disagrees
from enishi.evaluation.reflection.enums import ReflectionStatus


@dataclass(frozen=True)
class Code:
    """A code of one year: its amount at the stage, ``None`` where the stage has no record there, and who it pays for.

    ``parts`` are keyed as the budget room keys them, by the programme's year; ``owners`` tells whose year that is.
    ``change_yen`` is what supplementary budgets added; fixed allocations take no part in it.
    """

    pk: int
    path: str
    name: str
    yen: int | None
    parts: tuple[Part, ...] = ()
    owners: Mapping[int, int] = field(default_factory=dict)
    change_yen: int = 0

    @property
    def total_yen(self) -> int:
        return (self.yen or 0) + self.change_yen

    def keys_of(self, programme_ids: frozenset[int]) -> list[int]:
        return [part.key for part in self.parts if self.owners.get(part.key) in programme_ids]

    @property
    def gets(self) -> dict[int, int]:
        """What each programme is given of it, divided as the budget room divides."""
        found = dict(divide(self.yen or 0, self.parts).parts)
        for key, yen in divide(self.change_yen, self.parts, fixed_applies=False).parts.items():
            found[key] += yen
        return found

    @property
    def has_unclaimed(self) -> bool:
        return sum(self.gets.values()) != self.total_yen


@dataclass(frozen=True)
class Line:
    """One code of a comparison: what of it belongs to the programmes of the decision."""

    code: Code
    share_yen: int
    note: str = ""


@dataclass(frozen=True)
class Comparison:
    """Both sides, or ``problem``: why they cannot be compared."""

    before: tuple[Line, ...] = ()
    after: tuple[Line, ...] = ()
    problem: str = ""

    @property
    def before_yen(self) -> int | None:
        return None if self.problem else sum(line.share_yen for line in self.before)

    @property
    def after_yen(self) -> int | None:
        return None if self.problem else sum(line.share_yen for line in self.after)

    @property
    def delta_yen(self) -> int | None:
        before, after = self.before_yen, self.after_yen
        return None if before is None or after is None else after - before


def compare(
    *,
    programme_ids: frozenset[int],
    before: Sequence[Code],
    after: Sequence[Code],
    same: Mapping[int, frozenset[int]],
    budget_before: bool,
    budget_after: bool,
) -> Comparison:
    """Put the codes of two years side by side.

    ``before`` and ``after`` are closed under ``same`` (a code of the later year → those of the earlier one it stands for).
    Where one side of a pair pays for the programmes and the other side has money that nobody claims, the two years cannot
    be compared: the difference would only be one of bookkeeping.
    """
    if not budget_after:
        return Comparison(problem=_("この年度・段階の予算がまだ取り込まれていません。"))
    if not budget_before:
        return Comparison(problem=_("比べるもとになる年度・段階の予算が取り込まれていません。"))
    if not _paid(before, programme_ids) and not _paid(after, programme_ids):
        return Comparison(
            problem=_(
                "この事業に配賦された科目がどちらの年度にもありません。予算の「配賦」で割り当ててください。"
            )
        )
    earlier = {old: new for new, olds in same.items() for old in olds}
    problem = _unclaimed(before, after, same, programme_ids) or _unclaimed(
        after, before, _turned(same), programme_ids
    )
    if problem:
        return Comparison(problem=problem)
    return Comparison(
        tuple(_line(code, programme_ids, code.pk in earlier, last=True) for code in before),
        tuple(_line(code, programme_ids, bool(same.get(code.pk)), last=False) for code in after),
    )


def _turned(same: Mapping[int, frozenset[int]]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for new, olds in same.items():
        for old in olds:
            found.setdefault(old, set()).add(new)
    return {old: frozenset(news) for old, news in found.items()}


def _paid(codes: Sequence[Code], programme_ids: frozenset[int]) -> bool:
    return any(code.keys_of(programme_ids) for code in codes)


def _unclaimed(
    here: Sequence[Code],
    there: Sequence[Code],
    pairs: Mapping[int, frozenset[int]],
    programme_ids: frozenset[int],
) -> str:
    """The sentence about a code ``here`` that has money nobody claims while its pair ``there`` pays for the programmes."""
    by_pk = {code.pk: code for code in here}
    for code in there:
        if not _paid([code], programme_ids):
            continue
        partners = [by_pk[pk] for pk in pairs.get(code.pk, ()) if pk in by_pk]
        if _paid(partners, programme_ids):
            continue
        loose = [partner for partner in partners if partner.total_yen and partner.has_unclaimed]
        if loose:
            return _(
                "科目 %(path)s(%(name)s)に、どの事業にも配賦されていない額があります。配賦を決めてから比べてください。"
            ) % {"path": loose[0].path, "name": loose[0].name}
    return ""


def _line(code: Code, programme_ids: frozenset[int], has_pair: bool, *, last: bool) -> Line:
    gets = code.gets
    mine = code.keys_of(programme_ids)
    note = ""
    if not has_pair:
        note = _("翌年度に対応する科目がない") if last else _("前年度に対応する科目がない")
    elif not mine:
        note = _("この年度は、この事業への配賦がない")
    return Line(code, sum(gets[key] for key in mine), note)


@dataclass(frozen=True)
class Suggestion:
    """What the amounts speak for; a person decides."""

    status: str
    why: str


def suggested(*, direction: str, decided_yen: int | None, comparison: Comparison) -> Suggestion:
    """The status that the amounts speak for, and why."""
    delta, after = comparison.delta_yen, comparison.after_yen
    if delta is None:
        return Suggestion("", comparison.problem)
    words = {"decided": f"{decided_yen or 0:,}", "delta": f"{delta:,}"}
    if direction == Direction.ABOLISH and after == 0:
        return Suggestion(ReflectionStatus.FULL, _("予算がなくなりました。"))
    if decided_yen:
        if delta * decided_yen <= 0:
            return Suggestion(
                ReflectionStatus.NONE,
                _("決定は%(decided)s円、予算の増減は%(delta)s円で、向きが合いません。") % words,
            )
        full = abs(delta) >= abs(decided_yen)
        sentence = (
            _("決定の%(decided)s円以上に、予算が%(delta)s円動きました。")
            if full
            else _("決定の%(decided)s円に対し、予算は%(delta)s円動きました。")
        )
        status = ReflectionStatus.FULL if full else ReflectionStatus.PARTIAL
        return Suggestion(status, sentence % words)
    pointed = {Course.EXPAND: 1, Course.SHRINK: -1, Course.ABOLISH: -1, Course.SUSPEND: -1}.get(
        Course(direction), 0
    )
    if pointed and delta * pointed <= 0:
        return Suggestion(
            ReflectionStatus.NONE, _("予算は%(delta)s円で、決定の向きに動いていません。") % words
        )
    if direction == Direction.ABOLISH:
        return Suggestion(ReflectionStatus.PARTIAL, _("予算は減りましたが、残っています。"))
    if pointed:
        return Suggestion(ReflectionStatus.FULL, _("予算は決定の向きに%(delta)s円動きました。") % words)
    return Suggestion("", _("決定に額がないため、内容を見て決めてください(予算の増減%(delta)s円)。") % words)


def refusal(*, direction: str, status: str, delta_yen: int | None, after_yen: int | None, reason: str) -> str:
    """Why this cannot be recorded (R1, R3); empty where it can."""
    if (
        status in (ReflectionStatus.NONE, ReflectionStatus.LATER, ReflectionStatus.NOT_APPLICABLE)
        and not reason
    ):
        return _("「%(status)s」には理由を書いてください。") % {"status": status}
    why = sign_disagrees(direction, status, delta_yen, after_yen, reason)
    if not why:
        return ""
    return _("「反映」にはできません: %(why)s。「一部反映」か「未反映」にして、理由を書いてください。") % {
        "why": why
    }
