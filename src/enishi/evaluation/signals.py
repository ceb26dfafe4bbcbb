"""What the room tells others once it is stored."""

from django.dispatch import Signal

subject_changed = Signal()
"""``subject_id``: a sheet was written, moved, published or withdrawn."""
data_set_changed = Signal()
"""``data_set_id``: published data were put out, or taken back."""
decision_made = Signal()
"""``decision_id``: an improvement decision was decided, or replaced by another."""
subject_moved = Signal()
"""``subject_id``, ``before``, ``after``: a sheet went from one station to another."""
cycle_opened = Signal()
"""``cycle_id``: the sections are asked."""
proposal_answered = Signal()
"""``proposal_id``: whoever proposed a review has an answer."""
