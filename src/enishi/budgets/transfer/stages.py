"""Several stages in one file: a column of amounts for each, or a column that names the stage of each line."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from enishi.budgets.enums import Stage
from enishi.budgets.transfer.cells import UnreadableCellError
from enishi.foundation.forms import shortened

MOST_ROUNDS = {Stage.ASSESSMENT: 3, Stage.SUPPLEMENT: 6}
"""So many columns of one stage a profile can name."""
_WORDS = {
    Stage.REQUEST: "予算要求|要求",
    Stage.ASSESSMENT: "(?:財政)?(?:課長|部長|市長|町長|村長|区長|知事|最終)?査定",
    Stage.INITIAL: "当初",
    Stage.SUPPLEMENT: "補正",
    Stage.CARRIED: "前年度繰越|繰越明許|繰越",
    Stage.TRANSFER: "流用増減|流用",
    Stage.RESERVE: "予備費充用|予備費|充用",
    Stage.COMMITMENT: "支出負担行為|負担行為",
    Stage.SPENDING: "支出|執行",
    Stage.SETTLEMENT: "決算",
}
_NUMBER = r"(?:第?([0-9一二三四五六七八九])(?:次|回|号|期)?(?:の)?)?"
_NAMED = {
    stage: re.compile(rf"{_NUMBER}(?:{words})(?:予算)?{_NUMBER}(?:予算)?済?額?(?:計上)?")
    for stage, words in _WORDS.items()
}


@dataclass(frozen=True)
class Part:
    """One stage of a file. ``said`` heads its column of amounts, or stands in its lines in the column of stages."""

    stage: Stage
    round_no: int
    said: str

    @property
    def name(self) -> str:
        return column_name(self.stage, self.round_no)

    def __str__(self) -> str:
        return stage_label(self.stage, self.round_no)


def column_name(stage: Stage, round_no: int) -> str:
    """The name of a stage's column in a profile: ``stage_initial``, ``stage_supplement_2``."""
    return f"stage_{stage.value}_{round_no}" if stage.has_rounds else f"stage_{stage.value}"


def stage_label(stage: Stage, round_no: int) -> str:
    return f"{stage.label}{round_no or ''}"


def in_time(stage: Stage, round_no: int) -> tuple[int, int]:
    """What stages are sorted by: the order in which they happen."""
    return Stage.in_order().index(stage), round_no


def all_stages() -> list[tuple[Stage, int]]:
    """Every stage and round for which a profile can name a column, in the order in which they happen."""
    return [
        (stage, round_no)
        for stage in Stage.in_order()
        for round_no in (range(1, MOST_ROUNDS[stage] + 1) if stage.has_rounds else (0,))
    ]


STAGE_COLUMNS: tuple[str, ...] = tuple(column_name(*each) for each in all_stages())


def stage_named(text: str) -> tuple[Stage, int] | None:
    """Which stage a heading or a cell names.

    >>> stage_named("当初予算額"), stage_named("第２号補正"), stage_named("予算現額")
    ((Stage.INITIAL, 0), (Stage.SUPPLEMENT, 2), None)
    """
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    for stage, pattern in _NAMED.items():
        match = pattern.fullmatch(plain)
        if match:
            number = unicodedata.numeric(match[1] or match[2] or "0")
            if number and not stage.has_rounds:
                return None
            return stage, int(number) or (1 if stage.has_rounds else 0)
    return None


def stages_named(texts: Iterable[str]) -> dict[tuple[Stage, int], str]:
    """The texts that name a stage; of several rounds without a number, each is the next: 部長査定, 市長査定."""
    found: dict[tuple[Stage, int], str] = {}
    for text in texts:
        named = stage_named(text)
        while named in found and named[0].has_rounds:
            named = named[0], named[1] + 1
        if named is not None and named not in found:
            found[named] = text
    return found


def read_words(text: str) -> dict[str, tuple[Stage, int]]:
    """「1 = 当初」, a line each: what stands in the column of stages, and what it means. A word that means itself stands alone."""
    found: dict[str, tuple[Stage, int]] = {}
    for line in text.split("\n"):
        plain = unicodedata.normalize("NFKC", line).strip()
        if not plain:
            continue
        said, _equals, meant = (each.strip() for each in plain.partition("="))
        named = stage_named(meant or said)
        if named is None:
            raise UnreadableCellError(
                _("「%(text)s」は段階として読めません。例: 1 = 当初、9月補正 = 第2号補正")
                % {"text": shortened(line.strip())}
            )
        if named in found.values() or said in found:
            raise UnreadableCellError(
                _("「%(text)s」の段階は二度書かれています。") % {"text": shortened(line.strip())}
            )
        found[said] = named
    return found


def words_for(cells: Iterable[str]) -> str:
    """A first draft of ``read_words`` from what stands in a sample's column of stages."""
    said = dict.fromkeys(unicodedata.normalize("NFKC", cell).strip() for cell in cells if cell.strip())
    return "\n".join(each if stage_named(each) else f"{each} = " for each in list(said)[:20])


def parts_of(columns: Mapping[str, str], stage_words: str) -> list[Part]:
    """The stages that a profile finds in a file, in the order in which they happen; none where a person says the stage."""
    if columns.get("stage"):
        parts = [Part(*named, said) for said, named in read_words(stage_words).items()]
        return sorted(parts, key=lambda part: in_time(part.stage, part.round_no))
    headings = ((stage, number, columns.get(column_name(stage, number))) for stage, number in all_stages())
    return [Part(stage, number, heading) for stage, number, heading in headings if heading]
