"""What the room tells others once a change is safely stored."""

from django.dispatch import Signal

project_changed = Signal()
"""``project_id``: made, edited, moved on, thrown away or brought back."""

projects_changed = Signal()
"""``ids``: many at once."""

project_moved = Signal()
"""``project_id``, ``before``, ``after``: the status changed."""

incident_recorded = Signal()
"""``incident_id``."""

trial_decided = Signal()
"""``trial_id``."""

stop_criterion_hit = Signal()
"""``trial_id``, ``at``: a value was written down by which the trial was to be stopped."""
