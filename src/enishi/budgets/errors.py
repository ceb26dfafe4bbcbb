"""Refusals a person can act on. Each carries the sentence the page shows."""


class RefusedError(Exception):
    """Something cannot be done now; ``sentence`` says what, why and how to go on."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class AppendOnlyError(Exception):
    """Entries are added and never changed: a mistake is corrected by another entry."""


class ImmutableUidError(Exception):
    """The number of a programme is given once."""
