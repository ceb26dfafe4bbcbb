"""What a reader of a file should know of how it was read."""

from __future__ import annotations


class Note(str):
    """A plain Japanese sentence; ``template`` and ``values`` are what it is made of, for whoever says it in another language."""

    template: str
    values: dict[str, object]

    def __new__(cls, template: str, **values: object) -> Note:
        note = super().__new__(cls, template % values if values else template)
        note.template, note.values = template, values
        return note
