"""款項目節 written into one column: 「03-01-02-12」, 「030102201012」, 「3款 民生費」 one below the other."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from enishi.budgets.enums import Level
from enishi.budgets.transfer.cells import UnreadableCellError, total_word
from enishi.budgets.transfer.columns import CODES
from enishi.foundation.forms import clean_text, shortened

PLACES = (None, *Level)
"""The account and the seven levels, in the order in which a code names them."""
_WORDS: dict[str, Level | None] = {
    **{"会計": None, "款": Level.KAN, "項": Level.KO, "目": Level.MOKU},
    **{"細目": Level.JIGYO, "事業": Level.JIGYO, "細事業": Level.SAIJIGYO, "節": Level.SETSU},
    "細節": Level.SAISETSU,
}
_PART = re.compile(r"(会計|細事業|細目|細節|事業|款|項|目|節)(\d{0,2})")
_LABELLED = re.compile(
    r"^[(\[]?(?:第?(?P<before>[0-9A-Za-z]{1,12})\s*(?P<behind>款|項|目|細目|事業|細事業|節|細節)"
    r"|(?P<ahead>款|項|目|細目|事業|細事業|節|細節)[)\]:]?\s*(?P<after>[0-9A-Za-z]{1,12}))(?P<name>.*)$"
)
_WRITTEN = re.compile(r"^(?P<code>[0-9A-Za-z]+(?:[-./・_][0-9A-Za-z]+)*)(?:\s+(?P<name>.*))?$")
_SEPARATOR = re.compile(r"[-./・_]")
_USUAL = {
    **{3: "款項目", 4: "款項目節", 5: "款項目事業節", 6: "会計款項目事業節"},
    7: "会計款項目事業節細節",
}
_USUAL_DIGITS = {
    **{6: "款2項2目2", 8: "款2項2目2節2", 10: "会計2款2項2目2節2", 12: "款2項2目2事業4節2"},
    14: "会計2款2項2目2事業4節2",
}


class JoinedCodes:
    """How one column is taken apart. ``layout`` names the levels in their order, with digits where nothing separates them.

    >>> JoinedCodes("款2項2目2節2").parts("3010212")[:4]
    ['', '03', '01', '02']
    """

    def __init__(self, layout: str) -> None:
        plain = unicodedata.normalize("NFKC", layout).replace(" ", "")
        found = _PART.findall(plain)
        if not found or "".join(word + digits for word, digits in found) != plain:
            raise UnreadableCellError(
                _("「%(text)s」は科目の並びとして読めません。例: 款項目節、款2項2目2事業4節2")
                % {"text": shortened(layout)}
            )
        self.places = [PLACES.index(_WORDS[word]) for word, _digits in found]
        self.widths = [int(digits or 0) for _word, digits in found]
        self.words = [word for word, _digits in found]
        if self.places != sorted(set(self.places)) or not {1, 2, 3} <= set(self.places):
            raise UnreadableCellError(_("科目は、款・項・目を入れて、大きい区分から順に書いてください。"))

    def parts(self, text: str) -> list[str]:
        """A cell for each of ``PLACES``; blank where this line names no such level."""
        found = [""] * len(PLACES)
        plain = unicodedata.normalize("NFKC", text).strip()
        if not plain:
            return found
        if total_word(plain) is not None:
            found[1] = plain
            return found
        labelled = _LABELLED.match(plain)
        if labelled:
            place = PLACES.index(_WORDS[labelled["behind"] or labelled["ahead"]])
            found[place] = f"{labelled['before'] or labelled['after']} {labelled['name'].strip()}".strip()
            return found
        written = _WRITTEN.match(plain)
        if written is None:
            raise UnreadableCellError(
                _("「%(text)s」は科目のコードとして読めません。") % {"text": shortened(text)}
            )
        codes = self._taken_apart(written["code"], text)
        for place, code in zip(self.places, codes, strict=False):
            found[place] = code
        if written["name"]:
            last = self.places[len(codes) - 1]
            found[last] = f"{found[last]} {written['name'].strip()}"
        return found

    def _taken_apart(self, code: str, text: str) -> list[str]:
        if _SEPARATOR.search(code):
            codes = _SEPARATOR.split(code)
            if len(codes) <= len(self.places):
                return codes
        elif all(self.widths):
            for depth in range(len(self.widths), 0, -1):
                whole = sum(self.widths[:depth])
                # A spreadsheet takes the zeros in front, all of them, and only these.
                lost = whole - len(code)
                if lost == 0 or (0 < lost < self.widths[0] and code.isdecimal() and not code.startswith("0")):
                    return self._cut(code.zfill(whole), depth)
        raise UnreadableCellError(
            _("「%(text)s」は、設定の並び「%(layout)s」と桁数か区切りが合いません。")
            % {"text": shortened(text), "layout": self.in_words}
        )

    def _cut(self, code: str, depth: int) -> list[str]:
        found, at = [], 0
        for width in self.widths[:depth]:
            found.append(code[at : at + width])
            at += width
        return found

    @property
    def in_words(self) -> str:
        return "".join(f"{word}{width or ''}" for word, width in zip(self.words, self.widths, strict=True))


class WholeCodes:
    """The one column of a file, taken apart into columns of our own that stand behind the file's."""

    def __init__(self, layout: str, at: Mapping[str, int], width: int) -> None:
        self.joined = JoinedCodes(layout)
        self.at, self.name_at, self.width = at["whole"], at.get("whole_name"), width
        self.known: dict[str, tuple[list[str], str]] = {}
        names = ("account" if 0 in self.joined.places else "", *CODES)
        self.columns = {name: width + place for place, name in enumerate(names) if name}

    def widened(self, cells: Sequence[str]) -> list[str]:
        text = cells[self.at]
        if text not in self.known:
            try:
                self.known[text] = self.joined.parts(text), ""
            except UnreadableCellError as unreadable:
                self.known[text] = ["", text, *[""] * (len(PLACES) - 2)], str(unreadable)
        return [*cells[: self.width], *self.known[text][0]]

    def text(self, cells: Sequence[str]) -> str:
        return cells[self.at]

    def why(self, cells: Sequence[str]) -> str:
        """Why the column's text is no code; empty where it is one."""
        return self.known[cells[self.at]][1]

    def examples(self) -> list[str]:
        """How the fullest code was taken apart, for a person to see before anything is written."""
        read = [(text, parts) for text, (parts, why) in self.known.items() if not why and any(parts)]
        if not read:
            return []
        text, parts = max(read, key=lambda each: sum(map(bool, each[1])))
        words = dict(zip(self.joined.places, self.joined.words, strict=True))
        said = "・".join(f"{words.get(place, '')}{part}" for place, part in enumerate(parts) if part)
        return [
            _(
                "「%(text)s」は %(said)s と読みました。違うときは、読み取りの設定の「一つの列の科目の並び」を直してください。"
            )
            % {"text": shortened(text), "said": said}
        ]

    def name(self, cells: Sequence[str], given: Sequence[int], names: list[str]) -> None:
        """「民生費/社会福祉費/委託料」 names as many levels as it has parts, any other text the narrowest alone."""
        text = clean_text(cells[self.name_at]).strip() if self.name_at is not None else ""
        parts = [part.strip() for part in re.split(r"[/／>＞]", text)]
        if len(parts) == len(given):
            for level, part in zip(given, parts, strict=True):
                names[level] = part
        elif text:
            names[given[-1]] = text


def guessed_layout(samples: Iterable[str]) -> str:
    """The usual layout for codes like these; a person looks at it and corrects it.

    >>> guessed_layout(["01-03-01-02-0150-12 委託料"]), guessed_layout(["30102201012"])
    ('会計款項目事業節', '款2項2目2事業4節2')
    """
    for sample in samples:
        plain = unicodedata.normalize("NFKC", sample).strip()
        if _LABELLED.match(plain):
            return "款項目事業節"
        written = _WRITTEN.match(plain)
        if written and _SEPARATOR.search(written["code"]):
            return _USUAL.get(len(_SEPARATOR.split(written["code"])), "款項目節")
        if written and written["code"].isdecimal():
            digits = len(written["code"])
            return _USUAL_DIGITS.get(digits + digits % 2, "")
    return ""
