"""How acts on plans are told."""

from django.utils.translation import gettext_lazy as _

from enishi.audit import wording
from enishi.plans.access import node_access, plan_access, version_access

PLAN = {"save_statutory": _("法定計画との対応を書きました。")}
VERSION = {
    "new_version": _("新しい版の下書きを作りました。"),
    "describe_version": _("版の説明を書きました。"),
    "set_levels": _("階層を決めました。"),
    "approve_version": _("版を承認し、凍結しました。"),
    "discard_version": _("版の下書きを取りやめました。"),
    "take_up_version": _("取りやめた下書きを元に戻しました。"),
    "undo_change": _("変更を取り消しました。"),
}
NODE = {
    "add_node": _("枝を足しました。"),
    "write_node": _("枝を書き直しました。"),
    "move_node": _("枝を移しました。"),
    "split_node": _("枝を分けました。"),
    "merge_node": _("ほかの枝を統合しました。"),
    "remove_node": _("枝を消しました。"),
    "place_programme": _("事務事業を位置づけました。"),
    "unplace_programme": _("事務事業の位置づけを外しました。"),
    "add_indicator": _("指標を結びました。"),
    "remove_indicator": _("指標を外しました。"),
    "link_nodes": _("ほかの計画の枝とつなぎました。"),
    "unlink_nodes": _("ほかの計画の枝とのつながりを外しました。"),
}
UNSAID = frozenset({"frozen_hash", "approved_at", "approved_by", "revision", "is_demo", "deleted_at"})


def register() -> None:
    """Called once, in ``apps.ready``."""
    wording.register(wording.Subject("plans.plan", plan_access.visible, PLAN, UNSAID))
    wording.register(wording.Subject("plans.planversion", version_access.visible, VERSION, UNSAID))
    wording.register(wording.Subject("plans.plannode", node_access.visible, NODE, UNSAID))
