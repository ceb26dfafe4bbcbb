"""What rooms above may want to tell people about answers."""

from django.dispatch import Signal

answers_to_review = Signal()
"""``person_id``, ``answer_ids``, ``at``: these answers of this person are to be looked at again."""
