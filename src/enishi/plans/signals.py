"""Told after the transaction, to whoever keeps an index or a copy."""

from django.dispatch import Signal

plan_changed = Signal()
"""``plan_id``: the plan, one of its versions or a branch was written."""

version_approved = Signal()
"""``version_id``: a version was frozen."""

version_copied = Signal()
"""``old``, ``new``: versions; ``nodes``: keys of the old branches to those of the new ones.

Sent inside the transaction and not robustly: whatever hangs from branches and cannot follow stops the copy.
"""

owned_changed = Signal()
"""``pk``; the sender is the class: a logic model, a piece of evidence, a scoring or a reading was written."""
