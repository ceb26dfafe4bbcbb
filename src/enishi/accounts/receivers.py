"""What allauth does to an account is written down like every other act."""

from typing import Any

from allauth.account import signals as account
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa
from django.dispatch import Signal, receiver
from django.http import HttpRequest
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.foundation import trail

_ACTS: tuple[tuple[Signal, str], ...] = (
    (account.user_signed_up, "sign_up"),
    (account.password_set, "change_password"),
    (account.password_changed, "change_password"),
    (account.password_reset, "reset_password"),
    (mfa.authenticator_added, "add_authenticator"),
    (mfa.authenticator_removed, "remove_authenticator"),
    (mfa.authenticator_reset, "renew_authenticator"),
)


def _written_down(action: str) -> Any:
    def write(sender: object, *, user: Person, request: HttpRequest | None = None, **kwargs: Any) -> None:
        authenticator = kwargs.get("authenticator")
        note = str(authenticator.get_type_display()) if authenticator is not None else ""
        trail.record(trail.Act(actor=user, action=action, subject=user, at=timezone.now(), note=note))

    return write


for _signal, _action in _ACTS:
    _signal.connect(_written_down(_action), weak=False, dispatch_uid=f"accounts-{id(_signal)}-{_action}")


@receiver(account.email_changed)
def _address_written_down(
    sender: object,
    *,
    user: Person,
    from_email_address: EmailAddress | None,
    to_email_address: EmailAddress,
    **kwargs: Any,
) -> None:
    before = from_email_address.email if from_email_address else ""
    change = {"email": (before, to_email_address.email)}
    trail.record(
        trail.Act(actor=user, action="change_email", subject=user, at=timezone.now(), changes=change)
    )
