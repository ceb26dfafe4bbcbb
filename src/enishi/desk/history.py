"""How acts at the desk are told."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from enishi.audit import wording
from enishi.desk import engagement_history
from enishi.desk.access import proposal_access
from enishi.desk.models import DeskSettings, ReplyTemplate
from enishi.foundation.access import Actor
from enishi.organizations.visibility import reach_of

SENTENCES = {
    "create": _("下書きを作りました。"),
    "discard": _("下書きを消しました。"),
    "receive": _("受け付けました。"),
    "move": _("段階を変えました。"),
    "assign": _("担当を決めました。"),
    "start": _("事業の開始日を入れました。"),
    "write": _("連絡を書きました。"),
    "consult": _("課に照会しました。"),
    "answer_consultation": _("照会に答えました。"),
    "transfer_consultation": _("照会を別の課に回しました。"),
    "cancel_consultation": _("照会を取りやめました。"),
    "answer_suggestion": _("手がかりに答えました。"),
    "read_confidential": _("非公開のものを開きました。"),
    "give_confidential": _("非公開の部分を渡しました。"),
    "end_confidential": _("非公開の部分を読めなくしました。"),
}


def register() -> None:
    wording.register(
        wording.Subject(
            "desk.proposal", proposal_access.visible, {**SENTENCES, **engagement_history.OF_PROPOSAL}
        )
    )
    wording.register(wording.Subject("desk.desksettings", _settings))
    wording.register(wording.Subject("desk.replytemplate", _templates))


def _settings(actor: Actor) -> Any:
    return DeskSettings.objects.filter(organization_id__in=reach_of(actor).organization_ids)


def _templates(actor: Actor) -> Any:
    return ReplyTemplate.objects.filter(organization_id__in=reach_of(actor).organization_ids)
