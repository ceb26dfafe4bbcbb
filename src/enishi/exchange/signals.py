"""What the exchange tells the rooms that keep an index, once a change is safely stored."""

from django.dispatch import Signal

challenge_changed = Signal()
"""``challenge_id``: made, edited, moved on, thrown away or brought back."""

resource_changed = Signal()
"""``resource_id``."""

records_changed = Signal()
"""``kind`` ("challenge" or "resource") and ``ids``: many at once."""
