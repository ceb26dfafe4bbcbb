"""Between the records and what a sheet says of them: judgements computed, costs compared, texts held side by side."""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from enishi.engines import progress
from enishi.evaluation.enums import Judgement
from enishi.indicators.wording import status_in_words

STEPS: dict[progress.Status, Judgement] = {
    progress.Status.ACHIEVED: Judgement.A,
    progress.Status.ON_TRACK: Judgement.A,
    progress.Status.SLIGHTLY_LATE: Judgement.B,
    progress.Status.LATE: Judgement.C,
    progress.Status.REGRESSED: Judgement.D,
}
"""Which judgement a computed status amounts to; 判定不能 amounts to none."""

_ORDER = tuple(Judgement)
SAME_FROM = Fraction(85, 100)
"""Texts that share this much of their pieces of three letters count as last year's words."""


@dataclass(frozen=True)
class Computed:
    """A judgement that follows from the records. ``letter`` is empty where nothing can be said; ``why`` says it in words."""

    letter: str
    why: str


def computed_judgement(statuses: Sequence[progress.Status]) -> Computed:
    """The judgement in the middle of the indicators; of two middle ones the worse.

    >>> computed_judgement([progress.Status.ACHIEVED, progress.Status.LATE, progress.Status.LATE]).letter
    'C'
    >>> computed_judgement([progress.Status.ACHIEVED, progress.Status.LATE]).letter
    'C'
    """
    letters = sorted(STEPS[status] for status in statuses if status in STEPS)
    counted = Counter(statuses)
    spread = pgettext("並べる", "、").join(
        _("%(status)s%(count)d件") % {"status": status_in_words(status), "count": counted[status]}
        for status in progress.Status
        if counted[status]
    )
    if not letters:
        reason = (
            _("判定できる指標がありません(%(spread)s)。") if statuses else _("指標が結びついていません。")
        )
        return Computed("", reason % {"spread": spread} if statuses else reason)
    middle = letters[len(letters) // 2]
    sentence = _("指標%(count)d件の内訳は%(spread)s。まん中(二つあれば悪いほう)から%(letter)s。")
    return Computed(
        middle.value, sentence % {"count": len(statuses), "spread": spread, "letter": middle.value}
    )


def steps_apart(judgement: str, computed: str) -> int:
    """How many steps better (+) or worse (-) people judged than the records say; 0 where one of the two is missing.

    >>> steps_apart("A", "C"), steps_apart("D", "B"), steps_apart("B", "A"), steps_apart("A", "")
    (2, -2, -1, 0)
    """
    if not judgement or not computed:
        return 0
    return _ORDER.index(Judgement(computed)) - _ORDER.index(Judgement(judgement))


def needs_reason(judgement: str, computed: str) -> bool:
    """Two steps away from what the records say, in either direction (E3)."""
    return abs(steps_apart(judgement, computed)) >= 2


@dataclass(frozen=True)
class Cost:
    """What a year cost: settled yen (or the budget where there is no settlement yet) and people."""

    yen: int | None
    fte: Decimal | None
    output: Decimal | None = None
    output_unit: str = ""

    def people_yen(self, fte_yen: int) -> int:
        return int((self.fte or Decimal(0)) * fte_yen)

    def full_yen(self, fte_yen: int) -> int | None:
        return None if self.yen is None else self.yen + self.people_yen(fte_yen)


def unit_cost(cost: Cost, *, fte_yen: int) -> progress.Figure | None:
    """Full cost of one unit of output, or ``None`` where money or output is not known."""
    if cost.yen is None or cost.yen < 0 or cost.output is None or cost.output < 0:
        return None
    return progress.unit_cost(
        allocated_yen=cost.yen,
        fte_cost_yen=cost.people_yen(fte_yen),
        output=cost.output,
        output_unit=cost.output_unit or "単位",
    )


def unit_cost_yen(cost: Cost, fte_yen: int | None) -> int | None:
    """The cost of one unit in whole yen, for reading; ``None`` where money, people or output are not known."""
    if fte_yen is None or cost.fte is None:
        return None
    value = _amount(unit_cost(cost, fte_yen=fte_yen))
    return None if value is None else int(_rounded(value, 0))


def efficiency(before: Cost, now: Cost, *, fte_yen: int) -> Computed:
    """A where a unit costs no more than the year before, B up to a tenth more, C above."""
    first, second = unit_cost(before, fte_yen=fte_yen), unit_cost(now, fte_yen=fte_yen)
    old, new = _amount(first), _amount(second)
    if not old or new is None:
        return Computed("", _("前の年度か評価する年度の単位コストが分からないため、計算できません。"))
    grade = "A" if new <= old else "B" if new <= old * Fraction(11, 10) else "C"
    change = (new - old) / old * 100
    sentence = _(
        "単位コストは%(old)s円から%(new)s円へ(%(change)s%%)。増えていなければA、1割までB、それを超えるとC。"
    )
    values = {"old": _whole(old), "new": _whole(new), "change": f"{_rounded(change, 1):+}"}
    return Computed(grade, sentence % values)


def _amount(figure: progress.Figure | None) -> Fraction | None:
    return figure.value if figure is not None and isinstance(figure.value, Fraction) else None


def _whole(value: Fraction) -> str:
    return f"{int(_rounded(value, 0)):,}"


def _rounded(value: Fraction, places: int) -> Decimal:
    return round(Decimal(value.numerator) / Decimal(value.denominator), places)


def effectiveness(statuses: Sequence[progress.Status]) -> Computed:
    """On the three-step scale of the criteria: D counts as C."""
    found = computed_judgement(statuses)
    if found.letter != "D":
        return found
    return Computed("C", found.why + _("評点は三段階なので、Dは最も低いCとします。"))


# --- Texts of two years -----------------------------------------------------------------------------------------------


def plain_words(text: str) -> str:
    """Letters and digits only, in one width, without spaces, marks and the names of years: what a copy has in common."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if unicodedata.category(letter)[0] in "LN")


def likeness(before: str, now: str) -> Fraction:
    """The share of pieces of three letters that two texts have in common (Dice), 0 to 1.

    >>> likeness("利用者が増えた。", "利用者が 増えた")
    Fraction(1, 1)
    >>> likeness("", "利用者が増えた")
    Fraction(0, 1)
    """
    old, new = _pieces(plain_words(before)), _pieces(plain_words(now))
    if not old or not new:
        return Fraction(0)
    shared = sum((old & new).values())
    return Fraction(2 * shared, sum(old.values()) + sum(new.values()))


def _pieces(text: str) -> Counter[str]:
    if len(text) < 3:
        return Counter([text] if text else [])
    return Counter(text[index : index + 3] for index in range(len(text) - 2))


@dataclass(frozen=True)
class Repeated:
    """A text that says what last year's said; ``exactly`` when letter for letter."""

    name: str
    percent: int
    exactly: bool


def repeated_texts(before: Mapping[str, str], now: Mapping[str, str]) -> list[Repeated]:
    """Which of this year's texts are last year's, word for word or nearly."""
    found = []
    for name, text in now.items():
        alike = likeness(before.get(name, ""), text)
        if alike >= SAME_FROM:
            exactly = plain_words(before.get(name, "")) == plain_words(text)
            found.append(Repeated(name, int(alike * 100), exactly))
    return found
