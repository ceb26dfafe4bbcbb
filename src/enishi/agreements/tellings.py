"""What pages tell around an agreement: its thread, its history in words, the steps of a draft."""

import datetime as dt
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.agreements.access import agreement_access, template_access
from enishi.agreements.enums import AgreementStatus, AsleepReason
from enishi.agreements.models import Agreement, CalendarFeed
from enishi.audit import history as acts
from enishi.audit import selectors as audit
from enishi.audit import wording
from enishi.foundation.access import Actor
from enishi.foundation.thread import Knot, case_knots
from enishi.foundation.ui import Step

SENTENCES = {
    "create": gettext_lazy("協定の案を起こしました。"),
    "edit": gettext_lazy("書き直しました。"),
    "edit_parties": gettext_lazy("当事者を書き直しました。"),
    "edit_obligations": gettext_lazy("義務を書き直しました。"),
    "edit_risks": gettext_lazy("リスク分担表を書き直しました。"),
    "submit": gettext_lazy("決裁に回しました。"),
    "approve": gettext_lazy("合議で承認しました。"),
    "approve_in_place": gettext_lazy("不在の人に代わって承認しました(代決)。"),
    "decide": gettext_lazy("決裁しました。"),
    "return": gettext_lazy("差し戻しました。"),
    "share_draft": gettext_lazy("案を当事者に見せました。"),
    "unshare_draft": gettext_lazy("案を当事者に見せるのをやめました。"),
    "take_back": gettext_lazy("決裁から取り戻しました。"),
    "look_afterwards": gettext_lazy("代決を後で確かめました(後閲)。"),
    "sign": gettext_lazy("締結を記録しました。"),
    "reopen": gettext_lazy("締結の前に、新しい版で書き直すことにしました。"),
    "verify_copy": gettext_lazy("写しが変わっていないかを確かめました。"),
    "fulfil": gettext_lazy("義務の結果を記録しました。"),
    "record_activity": gettext_lazy("活動を記録しました。"),
    "explain_sleep": gettext_lazy("動いていない理由を記録しました。"),
    "prolong": gettext_lazy("期間を更新しました。"),
    "let_end": gettext_lazy("更新しないことを記録しました。"),
    "end": gettext_lazy("終了を記録しました。"),
    "abandon": gettext_lazy("取りやめました。"),
    "request_change": gettext_lazy("変更を申し出ました。"),
    "assess_change": gettext_lazy("変更の影響を書きました。"),
    "ask_consent": gettext_lazy("変更への同意を求めました。"),
    "consent": gettext_lazy("変更に同意しました。"),
    "refuse_change": gettext_lazy("変更に同意しませんでした。"),
    "new_version": gettext_lazy("新しい版を起こしました。"),
    "withdraw_change": gettext_lazy("変更の申し出を取り下げました。"),
    "report_incident": gettext_lazy("事故・問題を記録しました。"),
    "edit_incident": gettext_lazy("事故・問題の記録を直しました。"),
    "open_dispute": gettext_lazy("紛争の記録を始めました。"),
    "move_dispute": gettext_lazy("紛争の段階を進めました。"),
    "add_template": gettext_lazy("ひな形を登録しました。"),
    "retire_template": gettext_lazy("ひな形を外しました。"),
}


def register() -> None:
    """Called once, in ``apps.ready``: how the acts of this room are told."""
    hidden = frozenset(
        {"deleted_at", "import_key", "is_demo", "counterparts", "next_due_on", "last_activity_on"}
    )
    codes = {"status": dict(AgreementStatus.choices), "asleep_reason": dict(AsleepReason.choices)}
    wording.register(
        wording.Subject("agreements.agreement", agreement_access.visible, SENTENCES, hidden, codes)
    )
    wording.register(wording.Subject("agreements.documenttemplate", template_access.visible, SENTENCES))
    made = {"make_feed": gettext_lazy("カレンダーの購読の番地を作りました。")}
    wording.register(wording.Subject("agreements.calendarfeed", _own_feeds, made))


def _own_feeds(actor: Actor) -> models.QuerySet[models.Model, models.Model]:
    """A feed is its person's alone."""
    rows: models.QuerySet[Any, Any] = CalendarFeed.objects.filter(person=actor.pk)
    return rows


def history(agreement: Agreement, *, limit: int = 12) -> list[acts.Line]:
    """The latest acts, newest first."""
    return acts.told(audit.history(agreement)[:limit])


def knots(actor: Actor, agreement: Agreement, today: dt.date) -> list[Knot]:
    """The red thread, as far as this person may read it."""
    return case_knots(actor, "agreement", agreement.pk, today)


def steps(agreement: Agreement, here: str) -> list[Step]:
    """The pages on which a draft is written."""
    named = (
        ("about", _("担当・分野"), "agreement_about"),
        ("terms", _("内容"), "agreement_terms"),
        ("parties", _("当事者と役割"), "agreement_parties"),
        ("obligations", _("義務と期限"), "agreement_obligations"),
        ("risks", _("リスク分担"), "agreement_risks"),
        ("submit", _("決裁に回す"), "agreement_submit"),
    )
    return [
        Step(label, reverse(f"agreements:{name}", args=[agreement.pk]), "here" if key == here else "ahead")
        for key, label, name in named
    ]
