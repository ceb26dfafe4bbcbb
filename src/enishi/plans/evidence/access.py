"""Who reads evidence, who writes it, and who says that the original was looked at."""

from enishi.plans.models import Evidence
from enishi.plans.owned import OwnedAccess


class EvidenceAccess(OwnedAccess[Evidence]):
    """Whoever writes may also check: what counts is that a name and a day stand beside it."""

    model = Evidence
    approving = frozenset()


evidence_access = EvidenceAccess()
