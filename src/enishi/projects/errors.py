"""Refusals a person can act on. Each carries the sentence the page shows."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from enishi.exchange.errors import RefusedError, StaleVersionError
from enishi.projects.enums import ProjectStatus


class IllegalMoveError(RefusedError):
    def __init__(
        self, before: ProjectStatus, after: ProjectStatus, possible: Sequence[ProjectStatus]
    ) -> None:
        names = _("・").join(str(one.label) for one in possible)
        super().__init__(
            _("「%(before)s」から「%(after)s」へは変えられません。いま選べるのは「%(possible)s」です。")
            % {"before": before.label, "after": after.label, "possible": names or _("なし")}
        )


class NotReadyError(RefusedError):
    """Something has to be written first; ``missing`` says what, one sentence each."""

    def __init__(self, what: str, missing: Sequence[str]) -> None:
        super().__init__(what + " " + " ".join(missing))
        self.missing = tuple(missing)


class SelfApprovalError(RefusedError):
    def __init__(self) -> None:
        super().__init__(
            _(
                "起案した人や承認を求めた人は、自分では承認できません。ほかの管理職か企画の人に頼んでください。"
            )
        )


class CycleError(RefusedError):
    """Tasks would wait for each other in a circle."""

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__(
            _("作業の順番が輪になります: %(circle)s。どれか一つの「先に終える作業」を外してください。")
            % {"circle": " → ".join(f"「{title}」" for title in titles)}
        )


class FrozenError(RefusedError):
    def __init__(self) -> None:
        super().__init__(
            _(
                "仮説と基準は実証の開始とともに固定されました。変えるときは、この回の判断をしてから「もう一度実証する」で新しい回を作ってください。"
            )
        )


class OverError(RefusedError):
    def __init__(self) -> None:
        super().__init__(
            _("この事業は終わっています。書き足すには、先に管理職か企画の人が事業を再開してください。")
        )


__all__ = [
    "CycleError",
    "FrozenError",
    "IllegalMoveError",
    "NotReadyError",
    "OverError",
    "RefusedError",
    "SelfApprovalError",
    "StaleVersionError",
]
