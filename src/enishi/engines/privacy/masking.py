"""Masking of what points to one person. Rather too much than too little: what is kept is only read to improve answers.

But an ordinary word is never taken for a name: the masked question is the one that is answered.

Source
------
What has to go: 個人情報の保護に関する法律施行規則 第62条, the five standards (status: statute); the replacement has no rule that
would restore the original.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from enishi.engines.privacy.contacts import contacts_in
from enishi.engines.privacy.kinds import Kind, Mark, Masked
from enishi.engines.privacy.numbers import numbers_in
from enishi.engines.privacy.people import people_in
from enishi.engines.privacy.places import places_in

_TRIFLES = re.compile(r"[\s〒‐–—―−ー－-]")


def mask(text: str, *, names: Iterable[tuple[int, int]] = (), kept: Sequence[str] = ()) -> Masked:
    """Replace what points to one person by the kind of it.

    Parameters
    ----------
    text : str
        Any text, of any length the caller has limited.
    names : spans
        Names of persons that a language's own tools found, as ``(start, end)`` of the text.
    kept : texts
        What is public and may stay, such as the telephone numbers of the town hall.

    Examples
    --------
    >>> mask("私は山田太郎です。番号は 1234 5678 9018").text
    '私は〔氏名〕です。番号は 〔個人番号〕'
    """
    public = {_plain(each) for each in kept}
    chosen: list[Mark] = []
    for mark in sorted(_found(text, names), key=lambda mark: (mark.start, -mark.end)):
        if _plain(text[mark.start : mark.end]) in public:
            continue
        if chosen and mark.start < chosen[-1].end:
            if mark.end > chosen[-1].end:
                chosen[-1] = Mark(chosen[-1].kind, chosen[-1].start, mark.end)
            continue
        chosen.append(mark)
    parts, place = [], 0
    for mark in chosen:
        parts += [text[place : mark.start], f"〔{mark.kind}〕"]
        place = mark.end
    return Masked("".join([*parts, text[place:]]), tuple(chosen))


def _found(text: str, names: Iterable[tuple[int, int]]) -> list[Mark]:
    marks = [Mark(Kind.NAME, start, end) for start, end in names if start < end]
    for find in (contacts_in, places_in, people_in, numbers_in):
        marks += find(text)
    return [mark for mark in marks if mark.start < mark.end]


def _plain(text: str) -> str:
    return _TRIFLES.sub("", text)
