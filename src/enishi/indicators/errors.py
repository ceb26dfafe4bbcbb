"""Refusals a person can act on. Each carries the sentence the page shows."""

from django.utils.translation import gettext as _

from enishi.foundation.refusals import RefusedError, StaleVersionError


class OwnValueError(RefusedError):
    """An approver would approve what they wrote themselves (M4)."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "自分が入れた値を自分で承認することはできません。担当課のほかの管理職か企画の人に頼んでください。"
            )
        )


__all__ = ["OwnValueError", "RefusedError", "StaleVersionError"]
