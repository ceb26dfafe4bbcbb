"""What is looked at before a question is answered or kept: whom it is about, what it says, what it must not leave behind."""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from enishi.engines import privacy
from enishi.language.normalising import normalise
from enishi.language.reading import names_people, person_spans

MOST_KEPT = 600
MOST_MASKED = 4_000
"""Only the first part of a very long question is read at all, so only that is masked and kept."""

_DANGER = re.compile(
    r"死にたい|自殺|消えてしまいたい|殺され|助けて|kill myself|suicide|自杀|자살|죽고 싶|tự tử", re.IGNORECASE
)
_INTRODUCED = re.compile(
    r"(?:私|わたし|わたくし|僕|俺)は[^。、]{2,12}?(?:です|と申します)[。、]?|(?:氏名|名前)[はが:：]\s*[^。、\s]{2,10}[。、\s]?"
)
_ADDRESSED = re.compile(r"お前|てめえ|おまえ|ほんと|[のはらもが]")
_ONLY_NOISE = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Kept:
    """A question as it may be kept."""

    text: str
    kinds: tuple[str, ...]


def masked(text: str, *, public: tuple[str, ...] = ()) -> Kept:
    """The text without what points to a person; ``public`` may stay, such as the town hall's own telephone number."""
    cut = normalise(text, limit=MOST_MASKED)
    found = privacy.mask(cut, names=person_spans(cut), kept=public)
    return Kept(found.text[:MOST_KEPT], tuple(sorted({kind.value for kind in found.kinds})))


def is_empty(text: str) -> bool:
    return not _ONLY_NOISE.sub("", normalise(text, limit=2_000))


def is_abuse(text: str) -> bool:
    """Whether nothing is left of a text but insults."""
    rest = normalise(text, limit=500).lower()
    shorter = rest
    for word in _insults():
        shorter = shorter.replace(word, "")
    # Only beside an insult do these say nothing: 「ごみの日」 is a question.
    return shorter != rest and len(_ONLY_NOISE.sub("", _ADDRESSED.sub("", shorter))) <= 4


def is_about_person(text: str) -> bool:
    """Whether somebody else is asked about by name; who only says who they are is not."""
    plain = normalise(text, limit=500)
    return names_people(_INTRODUCED.sub("", plain))


def speaks_of_danger(text: str) -> bool:
    """Whether somebody may need help at once."""
    return bool(_DANGER.search(normalise(text, limit=2_000)))


@lru_cache(maxsize=1)
def _insults() -> tuple[str, ...]:
    lines = (files("enishi.knowledge.answers") / "insults.txt").read_text("utf-8").splitlines()
    words = [line.strip().lower() for line in lines if line.strip() and not line.startswith("#")]
    return tuple(sorted(words, key=len, reverse=True))
