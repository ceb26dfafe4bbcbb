"""Where a text for everybody repeats what was said in private: names, wording, figures. Warns; a person decides."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from enishi.organizations.selectors import name_core

SHORTEST = 12
"""Characters in a row that two texts hardly share by chance."""
SHORTEST_SECRET = 6
"""What a participant marked as its know-how is watched closer: a term is enough to give it away."""

_GRAMMAR = re.compile(r"[ぁ-ゖ]")
_FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True)
class Private:
    """What one participant may not find in public. ``key`` tells which one it was."""

    key: int
    names: Sequence[str]
    texts: Sequence[str]
    secrets: Sequence[str] = ()


@dataclass(frozen=True)
class Leak:
    """``kind`` is ``name``, ``wording`` or ``figure``; ``quote`` stands so in the public text."""

    kind: str
    quote: str
    key: int


def leaks(public: str, private: Iterable[Private], *, known: str = "") -> list[Leak]:
    """What the public text gives away, in the order of the participants.

    ``known`` was published before (the announcement): what it says is nobody's secret.

    >>> leaks("青葉建設によれば無理がある", [Private(1, ["株式会社青葉建設"], [])])
    [Leak(kind='name', quote='青葉建設', key=1)]
    >>> leaks("駐車場は夜間も開けるとよい", [Private(1, [], ["当社は駐車場を夜間も開けると採算が合う"])])
    []
    """
    text, open_text = plain(public), plain(known)
    found: list[Leak] = []
    for each in private:
        found += [Leak("name", name, each.key) for name in _names(each.names) if name in text]
        said, secret = plain("\n".join(each.texts)), plain("\n".join(each.secrets))
        terms = [
            run
            for run in shared_runs(text, secret, open_text, shortest=SHORTEST_SECRET)
            if len(_GRAMMAR.sub("", run)) >= 3
        ]
        runs = [run for run in shared_runs(text, said, open_text) if not any(term in run for term in terms)]
        found += [Leak("wording", run, each.key) for run in [*runs, *terms]]
        figures = _figures(text, digits=2) & (_figures(said) | _figures(secret, digits=2)) - _figures(
            open_text, digits=2
        )
        found += [Leak("figure", figure, each.key) for figure in sorted(figures)]
    return found


def plain(text: str) -> str:
    """Half width and without spaces and punctuation, so that a comma hides nothing; figures keep theirs."""
    text = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\s、。「」『』・]+", "", re.sub(r"(?<=\d),(?=\d{3})", "", text))


def shared_runs(text: str, said: str, known: str = "", *, shortest: int = SHORTEST) -> list[str]:
    """The longest runs of ``shortest`` characters or more that stand in both and not in ``known``."""
    grams = {said[n : n + shortest] for n in range(len(said) - shortest + 1)}
    grams -= {known[n : n + shortest] for n in range(len(known) - shortest + 1)}
    return list(_runs(text, grams, shortest))


def _runs(text: str, grams: set[str], shortest: int) -> Iterator[str]:
    start = end = -1
    for place in range(len(text) - shortest + 1):
        if text[place : place + shortest] not in grams:
            continue
        if place > end:
            if start >= 0:
                yield text[start:end]
            start = place
        end = place + shortest
    if start >= 0:
        yield text[start:end]


def _names(names: Iterable[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        whole = plain(name)
        parts = [plain(name_core(name)), whole, *(plain(part) for part in name.split())]
        found += [part for part in parts if len(part) >= 2]
    return sorted(set(_without_contained(found)), key=lambda name: (-len(name), name))


def _without_contained(names: Sequence[str]) -> Iterator[str]:
    """Of 青葉建設 and 株式会社青葉建設 the short one is enough."""
    for name in set(names):
        if not any(other != name and other in name for other in names):
            yield name


def _figures(text: str, *, digits: int = 3) -> set[str]:
    """Figures of so many digits or more, years left out."""
    return {
        figure
        for figure in _FIGURE.findall(text)
        if len(figure.replace(".", "")) >= digits and not re.fullmatch(r"(19|20)\d\d", figure)
    }
