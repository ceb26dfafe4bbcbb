"""What this reader presses next on the page of an agreement: one thing, and why it waits."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from enishi.agreements.access import consent_access
from enishi.agreements.calculations import Due
from enishi.agreements.enums import AgreementStatus, ChangeState, ConsentState
from enishi.agreements.models import Agreement, Consent
from enishi.foundation.access import Actor
from enishi.foundation.days import day_in_words

NEAR = dt.timedelta(days=30)
"""So long before its day the renewal is asked for."""


@dataclass(frozen=True)
class NextStep:
    """What to do, the page where it is done, and what it is that waits; the usual things need no reason."""

    words: str
    url: str
    why: str = ""


def next_step(
    actor: Actor, agreement: Agreement, facts: Mapping[str, Any], today: dt.date
) -> NextStep | None:
    """The first thing that waits for this reader. ``facts`` are those of the page: what they may do, and what there is."""
    allows = facts["allows"]
    in_order = chain(
        _on_the_way(agreement, facts, allows),
        _consent(actor, facts),
        _changes(facts, allows),
        _overdue(agreement, facts.get("dues", ()), today),
        _renewal(agreement, facts, allows, today),
        _usual(agreement, allows),
    )
    return next(in_order, None)


def _at(name: str, *args: object) -> str:
    return reverse(f"agreements:{name}", args=args)


def _on_the_way(
    agreement: Agreement, facts: Mapping[str, Any], allows: Mapping[str, bool]
) -> Iterator[NextStep]:
    """From the draft to the signature."""
    turn = facts.get("turn")
    if facts.get("is_my_turn") and turn is not None:
        words = _("%(kind)sする") % {"kind": turn.get_kind_display()}
        yield NextStep(words, _at("approval_answer", turn.pk))
    elif allows["edit"] and facts.get("draft"):
        yield NextStep(_("案を書く"), _at("agreement_terms", agreement.pk))
    elif allows["sign"] and facts.get("approved_version"):
        yield NextStep(_("締結を記録する"), _at("agreement_sign", agreement.pk))


def _consent(actor: Actor, facts: Mapping[str, Any]) -> Iterator[NextStep]:
    """The reader's own word on a change that was put before the parties, who are all inside."""
    asked = [each for each in facts.get("changes", ()) if each.state == ChangeState.CONSENTING]
    awaited = Consent.objects.filter(change__in=asked, state=ConsentState.WAITING)
    for row in awaited.select_related("change__agreement"):
        if consent_access.allows(actor, "consent", row):
            why = _("「%(title)s」の変更に、%(name)sの返事が待たれています。")
            yield NextStep(
                _("変更に返事をする"),
                _at("change_detail", row.change_id),
                why % {"title": row.change.title, "name": row.name},
            )


def _changes(facts: Mapping[str, Any], allows: Mapping[str, bool]) -> Iterator[NextStep]:
    """What the keeper owes a change that was asked for."""
    for change in facts.get("changes", ()) if allows["edit"] else ():
        url, title = _at("change_detail", change.pk), {"title": change.title}
        if change.state == ChangeState.ASSESSING:
            yield NextStep(_("変更の影響を書く"), url, _("「%(title)s」の変更の申し出があります。") % title)
        elif change.state == ChangeState.AGREED and change.version_id is None:
            yield NextStep(
                _("新しい版の案を作る"), url, _("「%(title)s」の変更に、当事者の同意が揃いました。") % title
            )


def _overdue(agreement: Agreement, dues: Iterable[tuple[Due, bool]], today: dt.date) -> Iterator[NextStep]:
    if agreement.status != AgreementStatus.ACTIVE:
        return
    for due, may_tell in dues:
        if may_tell and due.on is not None and due.on < today:
            why = _("%(day)sが期限だった「%(text)s」(%(bearer)s)の結果が、まだ記録されていません。")
            yield NextStep(
                _("結果を記録する"),
                _at("obligation_fulfil", agreement.pk, due.obligation.key, due.on.isoformat()),
                why
                % {
                    "day": day_in_words(due.on),
                    "text": due.obligation.text,
                    "bearer": due.obligation.bearer,
                },
            )


def _renewal(
    agreement: Agreement, facts: Mapping[str, Any], allows: Mapping[str, bool], today: dt.date
) -> Iterator[NextStep]:
    day = agreement.notice_on or agreement.ends_on
    active = agreement.status == AgreementStatus.ACTIVE and agreement.ends_on is not None
    if (
        allows["edit"]
        and active
        and day is not None
        and day <= today + NEAR
        and not facts.get("end_is_decided")
    ):
        why = _("更新するかどうかを、%(day)sまでに決めます。") % {"day": day_in_words(day)}
        yield NextStep(_("更新を決める"), _at("agreement_prolong", agreement.pk), why)


def _usual(agreement: Agreement, allows: Mapping[str, bool]) -> Iterator[NextStep]:
    if allows["work"] and agreement.status == AgreementStatus.ACTIVE:
        yield NextStep(_("活動を記録する"), _at("activity_add", agreement.pk))
