"""Ways to the desk."""

from django.utils.translation import gettext_lazy as _

from enishi.desk.access import STAFF_ROLES, desk_access
from enishi.desk.enums import ProposalStatus
from enishi.desk.models import Consultation, Proposal
from enishi.foundation.access import Actor
from enishi.foundation.ui import NavigationItem, navigation
from enishi.organizations.visibility import reach_of


def register() -> None:
    for item in (
        NavigationItem(_("窓口"), "desk:board", order=30, icon="chat", shown=_has_desk, count=_new_ones),
        NavigationItem(
            _("庁内照会"), "desk:consultation_list", order=31, icon="list", shown=_has_desk, count=_questions
        ),
        NavigationItem(_("提案する"), "desk:proposal_new", order=30, bar="public"),
        NavigationItem(_("送った提案"), "desk:mine", order=31, bar="public", shown=_is_signed_in),
    ):
        navigation.register(item)


def _is_signed_in(actor: Actor) -> bool:
    return bool(actor.is_authenticated)


def _has_desk(actor: Actor) -> bool:
    staff = {role.value for role in STAFF_ROLES}
    return any(role in staff for _pk, role in reach_of(actor).roles)


def _new_ones(actor: Actor) -> int:
    houses = list(desk_access.visible(actor).values_list("pk", flat=True))
    return Proposal.objects.filter(
        organization_id__in=houses, status=ProposalStatus.RECEIVED, deleted_at__isnull=True
    ).count()


def _questions(actor: Actor) -> int:
    return Consultation.objects.waiting().filter(section_id__in=reach_of(actor).section_ids).count()
