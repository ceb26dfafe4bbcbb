"""Two legal forms side by side."""

from dataclasses import dataclass
from typing import Literal

from enishi.engines.schemes.model import Citation, Council, Fact, Notice, Scheme

Verdict = Literal["same", "differs", "unknown"]


@dataclass(frozen=True)
class ComparedRow:
    """One subject of the comparison: what each side says, and whether it is the same."""

    subject: str
    left: Fact
    right: Fact
    verdict: Verdict


SUBJECTS = (
    "personality",
    "authority",
    "responsibility",
    "instrument",
    "council",
    "notice",
    "exit",
    "duration",
    "lead_time",
    "limit",
    "uses",
)


def compare(left: Scheme, right: Scheme) -> tuple[ComparedRow, ...]:
    """Return the same subjects of both forms, in the same order.

    Parameters
    ----------
    left, right : Scheme

    Returns
    -------
    tuple of ComparedRow, one for each of ``SUBJECTS``
        ``verdict`` is ``unknown`` where either side says nothing.

    Notes
    -----
    Two facts are the same when their words are; their articles may differ.

    Source
    ------
    The schemes' own facts.

    Examples
    --------
    >>> from enishi.agreements.knowledge import knowledge
    >>> schemes = knowledge().schemes
    >>> rows = {row.subject: row.verdict for row in compare(schemes["jimu_itaku"], schemes["renkei_kyoyaku"])}
    >>> rows["authority"], rows["personality"]
    ('differs', 'same')
    """
    return tuple(_row(subject, _fact(left, subject), _fact(right, subject)) for subject in SUBJECTS)


def _row(subject: str, left: Fact, right: Fact) -> ComparedRow:
    if not left.text or not right.text:
        return ComparedRow(subject, left, right, "same" if left.text == right.text else "unknown")
    return ComparedRow(subject, left, right, "same" if left.text == right.text else "differs")


def _fact(scheme: Scheme, subject: str) -> Fact:
    value = getattr(scheme, subject)
    if isinstance(value, Fact):
        return value
    if isinstance(value, Council):
        return Fact(council_in_words(value), value.citations)
    if isinstance(value, Notice):
        return Fact(notice_in_words(value), value.citations)
    return Fact("、".join(value) if isinstance(value, tuple) else str(value), _basis_for(scheme, subject))


def _basis_for(scheme: Scheme, subject: str) -> tuple[Citation, ...]:
    return scheme.basis if subject == "instrument" else ()


def council_in_words(council: Council) -> str:
    """「要る」「要らない」「場合による」 and what the source adds.

    >>> council_in_words(Council("yes", exception="連絡調整だけなら不要"))
    '要る(連絡調整だけなら不要)'
    """
    head = {"yes": "要る", "no": "要らない", "conditional": "場合による"}[council.needed]
    added = "。".join(part for part in (council.exception, council.note) if part)
    return f"{head}({added})" if added else head


def notice_in_words(notice: Notice) -> str:
    """What is told to whom.

    >>> notice_in_words(Notice(("告示", "届出"), "都道府県知事"))
    '告示・届出(都道府県知事)'
    """
    if not notice.kinds:
        return "定めなし"
    kinds = "・".join(notice.kinds)
    return f"{kinds}({notice.to})" if notice.to else kinds
