"""How acts on reflections, data sets and envelopes are told."""

from django.utils.translation import gettext_lazy as _

from enishi.audit import wording
from enishi.evaluation.envelopes.access import envelope_access
from enishi.evaluation.published.access import data_set_access
from enishi.evaluation.reflection.access import reflection_access

_REFLECTION = {
    "record_reflection": _("予算への反映を記録しました。"),
    "approve_reflection": _("予算への反映を承認しました。"),
}
_DATA_SET = {
    "freeze": _("公開データを凍結しました。"),
    "publish": _("公開データを公開しました。"),
    "withdraw_data_set": _("公開データを取り下げました。"),
}
_ENVELOPE = {
    "create": _("枠配分の案を作りました。"),
    "edit": _("枠配分の案を書き直しました。"),
    "adjust": _("枠を手で直しました。"),
    "choose": _("枠配分の案を採用しました。"),
    "set_aside": _("枠配分の案を見送りました。"),
}
_UNSAID = frozenset({"recorded_at", "approved_at", "chosen_at", "computed_at", "is_demo"})


def register() -> None:
    """Called once, in ``apps.ready``."""
    wording.register(
        wording.Subject("evaluation.reflection", reflection_access.visible, _REFLECTION, _UNSAID)
    )
    wording.register(
        wording.Subject("evaluation.publisheddataset", data_set_access.visible, _DATA_SET, _UNSAID)
    )
    wording.register(
        wording.Subject("evaluation.envelopescenario", envelope_access.visible, _ENVELOPE, _UNSAID)
    )
