"""What rooms above may want to hear about people and organisations."""

from django.dispatch import Signal

asked_to_join = Signal()
"""``kind`` (``registration`` or ``join_request``) and ``pk`` of what waits for an administrator."""

answered = Signal()
"""``kind`` and ``pk`` of what an administrator has answered."""

invitation_accepted = Signal()
"""``invitation_id`` of an invitation and ``person_id`` of who took it, inside the same transaction."""
