"""Who may read and run calls, and who sees who asked."""

from typing import Any

from enishi.desk.calls.models import Call
from enishi.desk.office.access import OfficeAccess
from enishi.foundation.access import Actor
from enishi.organizations.visibility import reach_of


class CallAccess(OfficeAccess[Call]):
    model = Call

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if action in {"answer", "add", "see_askers"}:
            return self._may_write(reach_of(actor), instance)
        return super().allows(actor, action, instance)


call_access = CallAccess()
