"""Everything that writes organisations, sections and who belongs where."""

from enishi.organizations.errors import FirstAdministratorRefusedError
from enishi.organizations.services.first_administrator import create_first_administrator
from enishi.organizations.services.invitations import (
    accept_invitation,
    invite,
    invite_outsider,
    resend_invitation,
    usable_invitation,
    withdraw_invitation,
)
from enishi.organizations.services.joining import (
    accept_join_request,
    accept_registration,
    ask_registration,
    ask_to_join,
    decline_join_request,
    decline_registration,
    live_in,
    withdraw_join_request,
    withdraw_registration,
)
from enishi.organizations.services.memberships import change_role, end_membership, roles_in, transfer
from enishi.organizations.services.organizations import PartnerValues, edit_organization, register_partner
from enishi.organizations.services.reorganizations import (
    add_step,
    carry_out_due,
    decide_reorganization,
    faults_of,
    prepare_reorganization,
    remove_step,
    withdraw_reorganization,
)
from enishi.organizations.services.sections import (
    add_section,
    close_section,
    edit_section,
    open_responsibilities,
)

__all__ = [
    "FirstAdministratorRefusedError",
    "PartnerValues",
    "accept_invitation",
    "accept_join_request",
    "accept_registration",
    "add_section",
    "add_step",
    "ask_registration",
    "ask_to_join",
    "carry_out_due",
    "change_role",
    "close_section",
    "create_first_administrator",
    "decide_reorganization",
    "decline_join_request",
    "decline_registration",
    "edit_organization",
    "edit_section",
    "end_membership",
    "faults_of",
    "invite",
    "invite_outsider",
    "live_in",
    "open_responsibilities",
    "prepare_reorganization",
    "register_partner",
    "remove_step",
    "resend_invitation",
    "roles_in",
    "transfer",
    "usable_invitation",
    "withdraw_invitation",
    "withdraw_join_request",
    "withdraw_registration",
    "withdraw_reorganization",
]
