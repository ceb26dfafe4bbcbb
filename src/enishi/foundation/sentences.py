"""Sentences for somebody who reads them later, in a language that is not known while they are made.

``gettext`` and ``ngettext`` here answer with a ``Sentence``: text in the language of the moment that can be said again in
another. What is kept for later (a notice, the fault of a file) keeps it in every language the site speaks, so that an
old one stays readable when the product words things differently.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.functional import Promise

from enishi.language.errors import LanguageError
from enishi.language.extracting.notes import Note

Made = TypeVar("Made")


class Sentence(str):
    """A text that knows how to say itself again in the language that is active then."""

    again: Callable[[], str]

    def __new__(cls, again: Callable[[], str]) -> "Sentence":
        sentence = super().__new__(cls, again())
        sentence.again = again
        return sentence

    def __str__(self) -> str:
        return self

    def __mod__(self, values: Any, /) -> "Sentence":
        return Sentence(lambda: str.__mod__(self.again(), _said(values)))

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str.__str__(self),)


def gettext(message: str) -> Sentence:
    return Sentence(lambda: translation.gettext(message))


def ngettext(singular: str, plural: str, number: int) -> Sentence:
    return Sentence(lambda: translation.ngettext(singular, plural, number))


def spoken(label: object) -> Sentence:
    """A label or another lazy text, which ``str`` would fix to the language of the moment."""
    return Sentence(lambda: str.__str__(str(_said(label))))


def joined(separator: str, parts: Iterable[object]) -> Sentence:
    kept = list(parts)
    return Sentence(lambda: separator.join(_said(part) for part in kept))


def of_refusal(error: ValidationError) -> Sentence:
    """What a refusal says, as one text; ``ValidationError.messages`` would fix its language."""
    told = _each(error.error_dict) if hasattr(error, "error_dict") else error.error_list
    return joined(" ", dict.fromkeys(_one(each) for each in told))


def of_language_error(error: LanguageError | Note) -> Sentence:
    """What the floor of languages says in Japanese, in the language of the reader as far as the catalogue knows it."""
    values = {
        name: of_language_error(value) if isinstance(value, Note) else value
        for name, value in error.values.items()
    }
    said = gettext(error.template)
    return said % values if values else said


def _each(by_name: Mapping[str, list[ValidationError]]) -> list[ValidationError]:
    return [error for errors in by_name.values() for error in errors]


def _one(error: ValidationError) -> Sentence:
    return Sentence(
        lambda: _said(error.message) % _said(error.params) if error.params else _said(error.message)
    )


def _said(value: Any) -> Any:
    """The value in words of the active language; what is no text stays, for ``%d``."""
    if isinstance(value, Sentence):
        return value.again()
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, Mapping):
        return {name: _said(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return tuple(_said(each) for each in value)
    return value


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """``language`` for a whole function, as its decorator: Django's own ``override`` would have all threads share one memory."""
    with translation.override(language):
        yield


def in_language(text: str, language: str) -> str:
    with translation.override(language):
        return str.__str__(_said(text))


def in_source(text: str) -> str:
    """The text in the language in which the interface is written: what is kept beside its translations."""
    return in_language(text, settings.LANGUAGE_CODE)


def in_other_languages(**texts: str) -> dict[str, dict[str, str]]:
    """What differs from the source, by language and name; ready to be kept as JSON."""
    kept = {
        language: {
            name: said
            for name, text in texts.items()
            if (said := in_language(text, language)) != in_source(text)
        }
        for language, _label in settings.LANGUAGES
        if language != settings.LANGUAGE_CODE
    }
    return {language: said for language, said in kept.items() if said}


def in_every_language(make: Callable[[], Made]) -> tuple[Made, dict[str, Made]]:
    """What ``make`` answers in the source language, and by language what it answers in the others."""
    made: dict[str, Made] = {}
    for language, _label in settings.LANGUAGES:
        with translation.override(language):
            made[language] = make()
    return made.pop(settings.LANGUAGE_CODE), made


def kept_in_words(said: Mapping[str, Mapping[str, str]], name: str, source: str) -> str:
    """What was kept under ``name``, in the language of the reader."""
    return made_for_reader(said, {}).get(name, source)


def made_for_reader(made: Mapping[str, Made], source: Made) -> Made:
    """What ``in_every_language`` kept, in the language of the reader as far as there is one."""
    return made.get((translation.get_language() or "")[:2], source)
