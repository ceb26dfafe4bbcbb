"""How acts on logic models, evidence, scorings and readings are told."""

from django.utils.translation import gettext_lazy as _

from enishi.audit import wording
from enishi.plans.evidence.access import evidence_access
from enishi.plans.logic.access import logic_access
from enishi.plans.priorities.access import scoring_access
from enishi.plans.reading.access import reading_access

LOGIC = {
    "create": _("ロジックモデルの下書きを作りました。"),
    "put_node": _("要素を書きました。"),
    "remove_node": _("要素を消しました。"),
    "put_edge": _("矢印を書きました。"),
    "remove_edge": _("矢印を消しました。"),
    "confirm_proposed": _("案の要素を確かめました。"),
    "submit": _("承認を求めました。"),
    "return": _("書き手に戻しました。"),
    "approve": _("承認しました。"),
    "supersede": _("新しい版に置き換わりました。"),
}
EVIDENCE = {
    "check": _("原典を確かめた結果を記録しました。"),
    "use": _("使う箇所を加えました。"),
    "stop_using": _("使う箇所を外しました。"),
}
SCORING = {
    "set_criteria": _("観点と重みを決めました。"),
    "set_measures": _("採点する施策を決めました。"),
    "set_scorers": _("採点する人を決めました。"),
    "open": _("採点を始めました。"),
    "submit_scores": _("点を提出しました。"),
    "close": _("採点を締め切りました。"),
}
READING = {
    "create": _("文書を読み込みました。"),
    "accept_sure": _("不確かでないものをまとめて採用しました。"),
    "write": _("採用したものを計画に書き込みました。"),
    "undo_writing": _("書き込みを取り消しました。"),
}
UNSAID = frozenset(
    {
        "approved_at",
        "approved_by",
        "broken",
        "checked_at",
        "checked_by",
        "closed_at",
        "created_by",
        "deleted_at",
        "is_demo",
        "job",
        "made",
        "opened_at",
        "result",
        "sha256",
        "submitted_at",
        "submitted_by",
        "text",
        "written_at",
        "written_by",
    }
)
"""What the sentence says already, or what is no matter for people."""


def register() -> None:
    wording.register(wording.Subject("plans.logicmodel", logic_access.visible, LOGIC, UNSAID))
    wording.register(wording.Subject("plans.evidence", evidence_access.visible, EVIDENCE, UNSAID))
    wording.register(wording.Subject("plans.scoringround", scoring_access.visible, SCORING, UNSAID))
    wording.register(wording.Subject("plans.reading", reading_access.visible, READING, UNSAID))
