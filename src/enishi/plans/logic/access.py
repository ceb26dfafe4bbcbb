"""Who reads logic models, who writes them, and who approves."""

from enishi.plans.models import LogicModel
from enishi.plans.owned import OwnedAccess


class LogicAccess(OwnedAccess[LogicModel]):
    """What is being written is for the people of the house; managers and the planning office approve."""

    model = LogicModel
    approving = frozenset({"approve", "return"})


logic_access = LogicAccess()
