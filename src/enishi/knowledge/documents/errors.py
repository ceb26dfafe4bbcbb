"""Refusals a person can act on. Each carries the sentence the page shows."""

from django.utils.translation import gettext as _

from enishi.knowledge.documents.models import Document
from enishi.knowledge.staff.errors import RefusedError


class DocumentRefusedError(RefusedError):
    """Something cannot be done now; ``sentence`` says what, why and how to go on."""


class AlreadyThereError(DocumentRefusedError):
    """The very same file is kept already."""

    def __init__(self, document: Document) -> None:
        super().__init__(
            _("同じ中身の資料「%(title)s」がすでにあります。新しく加えることはしませんでした。")
            % {"title": document.title}
        )
        self.document = document
