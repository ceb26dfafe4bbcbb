"""How acts on cycles, sheets, decisions and proposals are told."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from enishi.audit import wording
from enishi.evaluation.access import cycle_access, proposal_access, subject_access
from enishi.evaluation.models import OwnForm
from enishi.foundation.access import Actor
from enishi.organizations.visibility import reach_of

CYCLE = {
    "select_subjects": _("評価の対象を選びました。"),
    "open": _("評価を始めました。"),
    "close": _("評価の周期を終了しました。"),
    "delete": _("準備中の周期を削除しました。"),
    "add_panelist": _("外部評価委員を加えました。"),
    "remove_panelist": _("外部評価委員を外しました。"),
}
SHEET = {
    "fill": _("シートに書きました。"),
    "submit_first": _("一次評価を提出し、記録を固定しました。"),
    "submit_second": _("二次評価を提出しました。"),
    "submit_external": _("外部評価を提出しました。"),
    "approve_first": _("一次評価を承認しました。"),
    "send_back": _("差し戻しました。"),
    "choose_by_hand": _("対象を手で変えました。"),
    "assign_officer": _("記入する人を決めました。"),
    "propose_decision": _("決定の案を書きました。"),
    "edit_decision": _("決定の案を書き直しました。"),
    "confirm_decision": _("決定の案を確認しました。"),
    "decide": _("決定しました。"),
    "supersede_decision": _("決定を改める案を書きました。"),
    "add_follow_up": _("フォローを加えました。"),
    "end_follow_up": _("フォローを終えました。"),
    "publish_sheet": _("公表しました。"),
    "withdraw_sheet": _("公表をやめました。"),
}
PROPOSAL = {
    "propose_review": _("見直しを提案しました。"),
    "answer_proposal": _("提案に返事をしました。"),
}
FORM = {
    "keep_form": _("団体の様式を登録しました。"),
    "retire_form": _("はじめからある様式に戻しました。"),
}
UNSAID = frozenset({"opened_at", "closed_at", "deleted_at", "evaluator", "chosen_by", "told_on", "is_demo"})
"""What the sentence says already: who did it, and when."""


def _forms_of_house(actor: Actor) -> QuerySet[OwnForm, OwnForm]:
    return OwnForm.objects.filter(organization_id__in=reach_of(actor).organization_ids)


def register() -> None:
    """Called once, in ``apps.ready``."""
    wording.register(wording.Subject("evaluation.evaluationcycle", cycle_access.visible, CYCLE, UNSAID))
    wording.register(wording.Subject("evaluation.subject", subject_access.visible, SHEET, UNSAID))
    wording.register(wording.Subject("evaluation.ownform", _forms_of_house, FORM, UNSAID))
    wording.register(wording.Subject("evaluation.reviewproposal", proposal_access.visible, PROPOSAL, UNSAID))
