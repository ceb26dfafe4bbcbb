"""Refusals of this room. Each carries the sentence its page shows."""

from django.utils.translation import gettext as _

from enishi.foundation.refusals import RefusedError, StaleVersionError

__all__ = ["FrozenVersionError", "PlanError", "RefusedError", "StaleVersionError"]


class PlanError(RefusedError):
    """Something a person can mend; ``sentence`` says what, where and how."""


class FrozenVersionError(PlanError):
    """An approved version stays as it is: changes go into a new one."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "この版は承認されて凍結されているため、書き換えられません。新しい版を作ってから直してください。"
            )
        )
