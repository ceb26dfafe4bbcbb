"""What others may listen to. Sent when the transaction is through."""

from django.dispatch import Signal

proposal_changed = Signal()
"""``proposal_id``: something open about a proposal changed."""
proposals_changed = Signal()
"""``ids``: several at once (imports, handovers)."""
proposal_moved = Signal()
"""``proposal_id``, ``before``, ``after``: a proposal went from one stage to another."""
