"""What others may listen to."""

from django.dispatch import Signal

agreement_changed = Signal()
"""``agreement_id``: something about the agreement was written."""
