"""How acts on calls, soundings, reviews and endings are told."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from enishi.audit import wording
from enishi.desk.calls.access import call_access
from enishi.desk.decisions.models import Learned
from enishi.desk.review.access import review_access
from enishi.desk.soundings.access import sounding_access
from enishi.foundation.access import Actor
from enishi.organizations.visibility import reach_of

OF_PROPOSAL: dict[str, wording.Words] = {
    "reply_first": _("最初の返事をしました。"),
    "decide": _("決定しました。"),
    "publish_result": _("結果を公表しました。"),
    "take_back_result": _("結果の公表を取りやめました。"),
    "write_meeting": _("打合せを記録しました。"),
    "finish_homework": _("宿題を済みにしました。"),
    "note": _("庁内メモを残しました。"),
    "offer_onward": _("ほかの課題への紹介を提案者にたずねました。"),
    "answer_onward": _("紹介への返事をもらいました。"),
}
_OF_CALL: dict[str, wording.Words] = {
    "create": _("募集の下書きを作りました。"),
    "set_criteria": _("審査の観点を決めました。"),
    "ask": _("質問が届きました。"),
    "answer": _("質問に答えました。"),
    "add": _("追加・訂正を知らせました。"),
}
_OF_SOUNDING: dict[str, wording.Words] = {
    "create": _("サウンディングの下書きを作りました。"),
    "add_slots": _("対話の日時を加えました。"),
    "remove_slot": _("対話の日時を取りやめました。"),
    "book": _("対話の日時が決まりました。"),
    "apply": _("申込がありました。"),
    "verify": _("申込が確かめられました。"),
    "withdraw_application": _("申込が取り下げられました。"),
    "decline_application": _("申込をお断りしました。"),
    "write_minutes": _("対話を記録しました。"),
    "write_summary": _("概要の段落を書きました。"),
    "remove_paragraph": _("概要の段落を消しました。"),
    "answer_consent": _("概要の確認に返事がありました。"),
}
_OF_REVIEW: dict[str, wording.Words] = {
    "create": _("審査を用意しました。"),
    "seat": _("審査する人を加えました。"),
    "invite_reviewer": _("外部の審査する人を招きました。"),
    "unseat": _("審査する人を外しました。"),
    "declare": _("利害関係を申告しました。"),
    "score": _("採点を保存しました。"),
    "submit_scores": _("採点を提出しました。"),
    "revise_score": _("協議で点を直しました。"),
    "order_tied": _("同点のなかでの順を決めました。"),
    "entry_withdrawn": _("取り下げられた提案を外しました。"),
}
_OF_LEARNED: dict[str, wording.Words] = {
    "write_learned": _("学びを書きました。"),
    "publish_learned": _("学びを公表しました。"),
    "take_back_learned": _("学びの公表を取りやめました。"),
}


def register() -> None:
    wording.register(wording.Subject("desk.call", _calls, _OF_CALL))
    wording.register(wording.Subject("desk.sounding", _soundings, _OF_SOUNDING))
    wording.register(wording.Subject("desk.review", review_access.visible, _OF_REVIEW))
    wording.register(wording.Subject("desk.learned", _learned, _OF_LEARNED))


def _calls(actor: Actor) -> Any:
    """The office's own: when questions and applications came in is not for everybody who reads the call."""
    return call_access.visible(actor).filter(organization_id__in=reach_of(actor).organization_ids)


def _soundings(actor: Actor) -> Any:
    return sounding_access.visible(actor).filter(organization_id__in=reach_of(actor).organization_ids)


def _learned(actor: Actor) -> Any:
    return Learned.objects.filter(organization_id__in=reach_of(actor).organization_ids)
