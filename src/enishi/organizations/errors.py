"""Refusals a person can act on. ``str()`` of each is a plain sentence."""


class RefusedError(Exception):
    """Something about organisations or people cannot be done; the sentence says why and what to do instead."""


class FirstAdministratorRefusedError(RefusedError):
    """The first administrator cannot be made."""


class DuplicateOrganizationError(RefusedError):
    """An organisation with this number is registered already."""


class NotWaitingError(RefusedError):
    """Somebody else has answered it already, or it was taken back."""


class InvitationRefusedError(RefusedError):
    """The invitation cannot be sent or opened."""


class LastAdministratorError(RefusedError):
    """Nobody would be left to run the organisation."""


class HandoverRefusedError(RefusedError):
    """The successor cannot take over."""


class SectionRefusedError(RefusedError):
    """The section cannot be changed so."""


class ReorganizationRefusedError(RefusedError):
    """The reorganisation cannot be decided or changed."""
