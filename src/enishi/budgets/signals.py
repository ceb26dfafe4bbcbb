"""What this room tells whoever listens, after the transaction is through."""

from django.dispatch import Signal

programme_changed = Signal()
"""``programme_id``"""
programmes_changed = Signal()
"""``ids``"""
money_changed = Signal()
"""``organization_id``, ``fiscal_year``"""
