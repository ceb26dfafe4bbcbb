"""The legal forms in the reader's language.

The data files say everything in Japanese, as the statutes do. English stands beside them in ``scheme_words_en.json``, text
by text; a form keeps its Japanese name there, with a gloss, because that is the name offices and statutes use.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, cast

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from enishi.agreements.documents import cited
from enishi.agreements.knowledge import data, knowledge
from enishi.engines.schemes import Knowledge
from enishi.engines.schemes.comparing import ComparedRow
from enishi.engines.schemes.model import Article, Citation, Council, Fact, Notice, Scheme
from enishi.foundation.days import speaks_japanese


def in_words(text: str) -> str:
    """A text of the data files for this reader; one without English stays as it is."""
    return text if speaks_japanese() else data("scheme_words_en").get(text, text)


def told_knowledge() -> Knowledge:
    """What is known about the legal forms, told in the reader's language."""
    return knowledge() if speaks_japanese() else _in_english()


@cache
def _in_english() -> Knowledge:
    return cast(Knowledge, _worded(knowledge(), data("scheme_words_en")))


def _worded(value: Any, words: Mapping[str, str]) -> Any:
    """The same, its texts in other words. Statutes stay as they are: they are law only in Japanese."""
    if isinstance(value, str):
        return words.get(value, value)
    if isinstance(value, tuple):
        return tuple(_worded(each, words) for each in value)
    if isinstance(value, Mapping):
        return {key: _worded(each, words) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, (Article, Citation, type)):
        texts = {field.name: _worded(getattr(value, field.name), words) for field in fields(value)}
        return replace(value, **texts)
    return value


def cited_in_words(citation: Citation) -> str:
    """「地方自治法第252条の2第3項」, or "Local Autonomy Act Art. 252-2 para. 3"."""
    if speaks_japanese():
        return cited(citation)
    text = f"{in_words(citation.law)} Art. {citation.article.replace('_', '-')}"
    text += f" para. {citation.paragraph}" if citation.paragraph else ""
    return text + (f" item {citation.item}" if citation.item else "")


def council_in_words(council: Council) -> str:
    head = {"yes": _("要る"), "no": _("要らない"), "conditional": _("場合による")}[council.needed]
    added = _("。").join(part for part in (council.exception, council.note) if part)
    return _("%(what)s(%(more)s)") % {"what": head, "more": added} if added else head


def notice_in_words(notice: Notice) -> str:
    if not notice.kinds:
        return _("定めなし")
    kinds = _("・").join(notice.kinds)
    return _("%(what)s(%(more)s)") % {"what": kinds, "more": notice.to} if notice.to else kinds


def uses_in_words(scheme: Scheme) -> str:
    return pgettext("並べる", "、").join(scheme.uses)


def compared(row: ComparedRow, scheme: Scheme, fact: Fact) -> Fact:
    """One side of a comparison; what the engine puts together from parts is put together for this reader."""
    together = {
        "council": lambda: council_in_words(scheme.council),
        "notice": lambda: notice_in_words(scheme.notice),
        "uses": lambda: uses_in_words(scheme),
    }.get(row.subject)
    return replace(fact, text=together()) if together else fact
