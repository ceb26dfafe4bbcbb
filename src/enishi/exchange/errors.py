"""Refusals a person can act on. Each carries the sentence the page shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from enishi.exchange.enums import ChallengeStatus, ResourceStatus
from enishi.foundation.refusals import RefusedError as RefusedError
from enishi.foundation.refusals import StaleVersionError as StaleVersionError


@dataclass(frozen=True)
class Missing:
    """One thing a record still needs before it is shared, and the step where it is written."""

    name: str
    sentence: str
    step: str


class CannotPublishError(RefusedError):
    def __init__(self, missing: Sequence[Missing]) -> None:
        super().__init__(
            ngettext(
                "公開にはあと%(count)dか所の記入が必要です: %(what)s",
                "公開にはあと%(count)dか所の記入が必要です: %(what)s",
                len(missing),
            )
            % {"count": len(missing), "what": " ".join(one.sentence for one in missing)}
        )
        self.missing = tuple(missing)


class IllegalStatusError(RefusedError):
    def __init__(
        self,
        before: ChallengeStatus | ResourceStatus,
        after: ChallengeStatus | ResourceStatus,
        possible: Sequence[ChallengeStatus] | Sequence[ResourceStatus],
    ) -> None:
        names = _("・").join(str(one.label) for one in possible)
        super().__init__(
            _("「%(before)s」から「%(after)s」へは変えられません。いま選べるのは「%(possible)s」です。")
            % {"before": before.label, "after": after.label, "possible": names or _("なし")}
        )


class ReasonNeededError(RefusedError):
    def __init__(self) -> None:
        super().__init__(_("理由を書いてください。あとから見る人に、なぜ変えたかが伝わります。"))


class NotRestorableError(RefusedError):
    def __init__(self) -> None:
        super().__init__(_("削除から30日を過ぎたか、すでに元に戻されています。"))


class AttachmentRefusedError(RefusedError):
    pass


class LinkExpiredError(RefusedError):
    def __init__(self) -> None:
        super().__init__(
            _(
                "このリンクは期限が切れたか、途中で途切れています。サインインして資源のページから確認してください。"
            )
        )
