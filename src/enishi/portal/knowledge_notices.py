"""Tells owners of answers when they are to be looked at again: the rooms of knowledge and of notices do not know each other."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from enishi.accounts.models import Person
from enishi.foundation.sentences import gettext as _
from enishi.foundation.sentences import joined, ngettext
from enishi.knowledge.answers.signals import answers_to_review
from enishi.knowledge.models import ApprovedAnswer
from enishi.notifications import kinds
from enishi.notifications.services import notify

KIND = "answer_review"


def register() -> None:
    """Called once, in ``apps.ready``."""
    kinds.register(kinds.NoticeKind(KIND, gettext_lazy("回答の見直し日が来たとき")))
    answers_to_review.connect(tell_owner, dispatch_uid="portal.answers_to_review")


def tell_owner(sender: Any, person_id: int, answer_ids: Sequence[int], at: dt.datetime, **more: Any) -> None:
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    answers = list(ApprovedAnswer.objects.filter(pk__in=answer_ids).order_by("review_on", "pk"))
    if person is None or not answers:
        return
    title = ngettext(
        "見直し日が来た回答が%(count)d件あります", "見直し日が来た回答が%(count)d件あります", len(answers)
    ) % {"count": len(answers)}
    single = answers[0].get_absolute_url() if len(answers) == 1 else f"{reverse('answers:answer_list')}?due=1"
    lines = [f"・{answer.question}" for answer in answers[:10]]
    notify(
        kind=KIND,
        persons=[person],
        title=title,
        body=joined("\n", [_("いまも正しいか確かめてください。"), *lines]),
        url=single,
        at=at,
    )
