"""What can go wrong with a language model, in words a person can act on."""

from __future__ import annotations


class LanguageError(Exception):
    """Something about a model or a text; the message is a plain Japanese sentence.

    ``template`` and ``values`` are what it is made of, for whoever says it in another language.
    """

    def __init__(self, template: str, **values: object) -> None:
        super().__init__(template % values if values else template)
        self.template, self.values = template, values


class ModelMissingError(LanguageError):
    """The bundled model is not installed or not prepared."""


class ModelDamagedError(LanguageError):
    """A model file is not what its checksum says."""


class EmbeddingFailedError(LanguageError):
    """The model or the service behind it gave no vectors."""


class NotConfiguredError(LanguageError):
    """Nobody has set up a model that could do this; everything else works without it."""


class ServiceFailedError(LanguageError):
    """A language service gave no usable answer; what was asked may be asked again later."""


class ServiceRestingError(ServiceFailedError):
    """The service failed several times in a row and is left alone for a while."""


class CannotReadFileError(LanguageError):
    """The file gives no text; the sentence says why and what to do instead."""
