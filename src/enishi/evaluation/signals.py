"""What the room tells others once it is stored."""

from django.dispatch import Signal

subject_changed = Signal()
"""``subject_id``: a sheet was written, moved, published or withdrawn."""
decision_made = Signal()
"""``decision_id``: an improvement decision was decided, or replaced by another."""
