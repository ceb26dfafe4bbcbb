"""How acts on indicators are told."""

from django.utils.translation import gettext_lazy as _

from enishi.audit import wording
from enishi.indicators.access import element_access, indicator_access, run_access
from enishi.indicators.offices import offices_access

SENTENCES = {
    "define": _("定義を新しい版にしました。"),
    "retire": _("使うのをやめました。"),
    "take_up": _("また使い始めました。"),
    "set_baseline": _("基準値を入れました。"),
    "set_target": _("目標値を入れました。"),
    "take_back": _("基準値・目標値を、前のものに戻しました。"),
    "set_change": _("目標を増減で書きました。"),
    "drop_change": _("増減で書いた目標をやめました。"),
    "set_acquisition": _("取得方法を書きました。"),
    "record_values": _("値を下書きしました。"),
    "submit_values": _("値を入れ、承認を求めました。"),
    "approve_values": _("値を承認しました。"),
    "return_values": _("値を差し戻しました。"),
    "withdraw_value": _("値の下書きを捨てました。"),
    "compute": _("値を計算しました。"),
    "undo": _("取り込みを取り消しました。"),
    "set_offices": _("計画・評価・予算の役割を決めました。"),
}
UNSAID = frozenset(
    {"deleted_at", "is_demo", "retired_at", "retired_reason", "next_due_on", "reminded_on", "uid"}
)


def register() -> None:
    wording.register(wording.Subject("indicators.indicator", indicator_access.visible, SENTENCES, UNSAID))
    wording.register(wording.Subject("indicators.dataelement", element_access.visible, SENTENCES, UNSAID))
    wording.register(wording.Subject("indicators.acquisitionrun", run_access.visible, SENTENCES))
    wording.register(wording.Subject("indicators.offices", offices_access.visible, SENTENCES))
