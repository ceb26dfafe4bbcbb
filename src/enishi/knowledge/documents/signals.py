from django.dispatch import Signal

documents_changed = Signal()
"""Sent after a commit with ``ids`` of documents whose words, circle or validity changed."""
