"""How acts on projects are told."""

from django.utils.translation import gettext_lazy as _

from enishi.audit import wording
from enishi.projects.access import project_access

SENTENCES = {
    "create": _("準備中の事業を作りました。"),
    "ask_approval": _("承認を求めました。"),
    "add_participant": _("団体を加えました。"),
    "edit_participant": _("団体の役割や提供を書き直しました。"),
    "remove_participant": _("団体を外しました。"),
    "add_milestone": _("節目を加えました。"),
    "edit_milestone": _("節目を書き直しました。"),
    "remove_milestone": _("節目を消しました。"),
    "add_task": _("作業を加えました。"),
    "edit_task": _("作業を書き直しました。"),
    "move_task": _("作業の状態を変えました。"),
    "remove_task": _("作業を消しました。"),
    "add_measure": _("指標を加えました。"),
    "edit_measure": _("指標を書き直しました。"),
    "retire_measure": _("指標を使うのをやめました。"),
    "record_value": _("値を入れました。"),
    "correct_value": _("値を訂正しました。"),
    "add_risk": _("リスクを加えました。"),
    "edit_risk": _("リスクを書き直しました。"),
    "record_incident": _("起きたことを記録しました。"),
    "edit_incident": _("起きたことの記録を書き直しました。"),
    "claim_expense": _("支出を申請しました。"),
    "edit_expense": _("支出の申請を書き直しました。"),
    "approve_expense": _("支出を承認しました。"),
    "return_expense": _("支出を差し戻しました。"),
    "withdraw_expense": _("支出の申請を取り下げました。"),
    "attach_receipt": _("領収書を加えました。"),
    "settle": _("精算しました。"),
    "write_minutes": _("議事録を書きました。"),
    "edit_minutes": _("議事録を書き直しました。"),
    "plan_trial": _("実証を計画しました。"),
    "edit_trial": _("実証の計画を書き直しました。"),
    "start_trial": _("実証を始めました。"),
    "decide_trial": _("実証の判断をしました。"),
    "take_up_indicator": _("指標の台帳から指標を選びました。"),
    "enter_into_register": _("指標を指標の台帳に載せました。"),
    "link_next_challenge": _("次の課題と結びました。"),
    "unlink_next_challenge": _("次の課題との結びつきを外しました。"),
    "link_programme": _("事務事業と結びました。"),
    "unlink_programme": _("事務事業との結びつきを外しました。"),
    "write_consent": _("同意文を書きました。"),
    "add_lab_participant": _("実証の参加者を加えました。"),
    "withdraw_consent": _("同意の撤回を記録しました。"),
}
UNSAID = frozenset(
    {
        "approval_asked_at",
        "approval_asked_by",
        "approved_at",
        "approved_by",
        "claimed_by",
        "decided_at",
        "decided_by",
        "decided_value",
        "deleted_at",
        "frozen_at",
        "is_demo",
        "retired_at",
        "settlement",
    }
)
"""What the sentence says already: who did it, and when."""


def register() -> None:
    wording.register(wording.Subject("projects.project", project_access.visible, SENTENCES, UNSAID))
