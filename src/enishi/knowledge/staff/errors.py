"""Refusals a person can act on. Each carries the sentence the page shows."""

from django.utils.translation import gettext as _


class RefusedError(Exception):
    """Something cannot be done now; ``sentence`` says what, why and how to go on."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class StaleVersionError(RefusedError):
    """Somebody else saved the record since the form was opened."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "開いているあいだに、ほかの人が先に保存しました。あなたの入力は下に残っています。"
                "いまの内容を別の画面で確かめて、もう一度保存してください。"
            )
        )


class NotRestorableError(RefusedError):
    def __init__(self) -> None:
        super().__init__(_("削除から30日を過ぎたか、すでに元に戻されています。"))
