"""Who reads documents on their way into the plan: the people of the house."""

from enishi.plans.models import Reading
from enishi.plans.owned import OwnedAccess


class ReadingAccess(OwnedAccess[Reading]):
    """Officers confirm what they brought in; the planning office and managers everything. Writing needs the plan's leave."""

    model = Reading
    approving = frozenset()


reading_access = ReadingAccess()
