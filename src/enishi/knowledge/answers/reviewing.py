"""Reminders: an answer whose day has come is looked at again by whoever owns it."""

import datetime as dt
from collections import defaultdict

from django.db import transaction
from django.utils import timezone

from enishi.knowledge.answers.signals import answers_to_review
from enishi.knowledge.models import ApprovedAnswer

AGAIN_AFTER = dt.timedelta(days=14)


def remind(at: dt.datetime) -> int:
    """Say once a fortnight to each owner what is due. Returns how many answers were told of."""
    today = timezone.localdate(at)
    due = ApprovedAnswer.objects.to_review(today).exclude(reminded_on__gt=today - AGAIN_AFTER)
    of_owner: dict[int, list[int]] = defaultdict(list)
    for key, owner, author in due.order_by("pk").values_list("pk", "owner_id", "author_id"):
        of_owner[owner or author].append(key)
    for person_id, keys in of_owner.items():
        with transaction.atomic():
            ApprovedAnswer.objects.filter(pk__in=keys).update(reminded_on=today)
            transaction.on_commit(
                lambda person_id=person_id, keys=keys: answers_to_review.send_robust(  # type: ignore[misc]
                    ApprovedAnswer, person_id=person_id, answer_ids=keys, at=at
                )
            )
    return sum(len(keys) for keys in of_owner.values())
