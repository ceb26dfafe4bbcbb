"""Refusals around matches that a person can act on."""

from django.utils.translation import gettext as _

from enishi.exchange.errors import RefusedError
from enishi.exchange.matches.enums import ContactState


class NotMatchableError(RefusedError):
    """The record is a draft, thrown away or over: nobody is proposed to it."""

    def __init__(self) -> None:
        super().__init__(
            _("公開中か対話中のものだけが、縁を探せます。下書きのときは、先に公開の手続きをしてください。")
        )


class ContactMovedError(RefusedError):
    def __init__(self, before: ContactState, after: ContactState) -> None:
        super().__init__(
            _("いまは「%(before)s」なので「%(after)s」にはできません。画面を読み直してください。")
            % {"before": before.label, "after": after.label}
        )


class ReasonMissingError(RefusedError):
    def __init__(self) -> None:
        super().__init__(
            _("見送りの理由を一つ選び、ひとこと書き添えてください。相手が次の提案に生かせます。")
        )


class EmptyNoteError(RefusedError):
    def __init__(self) -> None:
        super().__init__(_("本文が空です。伝えたいことを書いてから送ってください。"))


class TooFewOutcomesError(RefusedError):
    def __init__(self, *, have: int, need: int) -> None:
        super().__init__(
            _("学ぶには、終わった対話が%(need)d件要ります。いまは%(have)d件です。")
            % {"need": need, "have": have}
        )
        self.have, self.need = have, need


class ConflictRefusedError(RefusedError):
    pass


class JointRefusedError(RefusedError):
    pass
