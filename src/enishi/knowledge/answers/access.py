"""Who may read, write and approve answers."""

from typing import Any

from enishi.foundation.access import Actor
from enishi.knowledge.models import ApprovedAnswer
from enishi.knowledge.staff.access import WHOLE_ORGANIZATION, StaffAccess
from enishi.organizations.enums import Role
from enishi.organizations.visibility import reach_of


class AnswerAccess(StaffAccess[ApprovedAnswer]):
    """Like other records of staff; approving is for those who answer for the whole house, never for the author."""

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if action == "approve":
            may = reach_of(actor).has_role(instance.organization_id, *WHOLE_ORGANIZATION)
            return may and instance.author_id != actor.pk
        return super().allows(actor, action, instance)


answer_access = AnswerAccess(ApprovedAnswer)


def may_run(actor: Actor, organization_id: int) -> bool:
    """Whether this person decides how the organisation's desk, question sets and limits are set."""
    return reach_of(actor).has_role(organization_id, *WHOLE_ORGANIZATION)


def may_read_questions(actor: Actor, organization_id: int) -> bool:
    """Masked questions are read by all who write answers there, and by auditors."""
    return reach_of(actor).has_role(organization_id, Role.OFFICER, Role.AUDITOR, *WHOLE_ORGANIZATION)
