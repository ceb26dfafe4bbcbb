"""What somebody typed and could not save yet, kept until they come back."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import QueryDict

from enishi.foundation.forms import clean_text
from enishi.foundation.models import FormDraft, Submission

LONGEST = 200_000
"""Characters kept of one form: a hostile paste must not fill the disk."""

MOST = 200
"""Forms kept for one person; the oldest give way."""

KEPT = dt.timedelta(days=180)
"""What nobody came back to for so long is forgotten: it may name people."""

TOKENS_KEPT = dt.timedelta(days=30)

_NEVER = {"csrfmiddlewaretoken", "token", "version", "then"}


def keep(*, person_id: int, form: str, typed: QueryDict, at: dt.datetime) -> None:
    """Remember what was typed into the form, in place of what was remembered before."""
    values = _plain(typed)
    if sum(len(value) for several in values.values() for value in several) > LONGEST:
        return
    _draft, is_new = FormDraft.objects.update_or_create(
        person_id=person_id, form=form, defaults={"values": values, "saved_at": at}
    )
    if is_new:
        theirs = FormDraft.objects.filter(person_id=person_id).order_by("-saved_at", "-pk")
        FormDraft.objects.filter(pk__in=list(theirs.values_list("pk", flat=True)[MOST:])).delete()


def forget_old(at: dt.datetime) -> int:
    """Once a day: drafts nobody came back to, and one-time tokens of forms sent long ago."""
    count, _each = FormDraft.objects.filter(saved_at__lt=at - KEPT).delete()
    return count + Submission.objects.filter(at__lt=at - TOKENS_KEPT).delete()[0]


def kept(*, person_id: int, form: str) -> FormDraft | None:
    return FormDraft.objects.filter(person_id=person_id, form=form).first()


def as_typed(draft: FormDraft, also: Mapping[str, str] | None = None) -> QueryDict:
    """The draft as a form reads it."""
    typed = QueryDict(mutable=True)
    for name, several in draft.values.items():
        typed.setlist(name, several)
    for name, value in (also or {}).items():
        typed[name] = value
    return typed


def discard(*, person_id: int, forms: Iterable[str]) -> None:
    FormDraft.objects.filter(person_id=person_id, form__in=list(forms)).delete()


def _plain(typed: QueryDict) -> dict[str, Any]:
    return {
        clean_text(name)[:100]: [clean_text(str(value), lines=True) for value in several]
        for name, several in typed.lists()
        if name not in _NEVER
    }
