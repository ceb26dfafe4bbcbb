"""Refusals a person can act on. Each carries the sentence the page shows."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from enishi.desk.enums import ProposalStatus
from enishi.exchange.errors import Missing, RefusedError

__all__ = [
    "CannotSubmitError",
    "ChangedMeanwhileError",
    "IllegalMoveError",
    "LinkRefusedError",
    "Missing",
    "ReasonNeededError",
    "RefusedError",
]


class IllegalMoveError(RefusedError):
    """A jump between stages that the way of a proposal does not know."""

    def __init__(
        self, before: ProposalStatus, after: ProposalStatus, possible: Sequence[ProposalStatus], why: str = ""
    ) -> None:
        names = _("・").join(str(one.label) for one in possible)
        sentence = _(
            "「%(before)s」から「%(after)s」へは進められません。いま選べるのは「%(possible)s」です。"
        ) % {
            "before": before.label,
            "after": after.label,
            "possible": names or _("なし"),
        }
        super().__init__(f"{sentence}{why}")


class ChangedMeanwhileError(RefusedError):
    """Another officer was faster."""

    def __init__(self, *, now: ProposalStatus, by: str) -> None:
        super().__init__(
            _(
                "開いているあいだに、%(who)sがこの提案を「%(now)s」にしました。いまの状態を確かめてから、もう一度操作してください。"
            )
            % {"who": by or _("ほかの人"), "now": now.label}
        )


class ReasonNeededError(RefusedError):
    def __init__(self, sentence: str = "") -> None:
        super().__init__(
            sentence or _("理由を書いてください。提案した人にも、あとから見る人にも、なぜかが伝わります。")
        )


class CannotSubmitError(RefusedError):
    def __init__(self, missing: Sequence[Missing]) -> None:
        super().__init__(
            ngettext(
                "送るまでにあと%(count)dか所の記入が必要です: %(what)s",
                "送るまでにあと%(count)dか所の記入が必要です: %(what)s",
                len(missing),
            )
            % {"count": len(missing), "what": " ".join(one.sentence for one in missing)}
        )
        self.missing = tuple(missing)


class LinkRefusedError(RefusedError):
    def __init__(self) -> None:
        super().__init__(
            _(
                "このリンクは使えません。期限が切れたか、新しいリンクが送られたか、途中で途切れています。いちばん新しいメールのリンクを開くか、窓口に電話してください。"
            )
        )
