"""What others may listen to."""

from django.dispatch import Signal

indicator_changed = Signal()
"""``indicator_id``: a name, definition or visibility changed."""

indicators_changed = Signal()
"""``ids``: many at once."""

standings_changed = Signal()
"""``ids``: indicators whose values, targets or standings changed."""
