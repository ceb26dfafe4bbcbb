"""How an act is told: sentences for actions, labels for fields, names for keys. Rooms add their own in ``apps.ready``."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enishi.foundation.access import Actor
from enishi.organizations.models import OwnedQuerySet, OwnedRecord

Words = str | Promise

USUAL: dict[str, Words] = {
    "create": _("登録しました。"),
    "edit": _("書き直しました。"),
    "publish": _("公開しました。"),
    "change_status": _("状態を変えました。"),
    "delete": _("ごみ箱に入れました。"),
    "restore": _("ごみ箱から元に戻しました。"),
    "erase": _("ごみ箱に30日あったので、完全に消しました。"),
    "confirm": _("いまも有効だと確かめました。"),
    "attach": _("ファイルを添付しました。"),
    "detach": _("添付ファイルを外しました。"),
    "import": _("ファイルから取り込みました。"),
    "undo_import": _("取り込みを取り消しました。"),
    "export": _("書き出しました。"),
    "revoke": _("取り消しました。"),
    "sign_up": _("利用者として登録しました。"),
    "change_password": _("パスワードを変えました。"),
    "reset_password": _("パスワードを作り直しました。"),
    "change_email": _("メールアドレスを変えました。"),
    "add_authenticator": _("2段階認証の手段を加えました。"),
    "remove_authenticator": _("2段階認証の手段を外しました。"),
    "renew_authenticator": _("2段階認証の手段を作り直しました。"),
    "create_first_administrator": _("最初の管理者を登録しました。"),
    "invite": _("招待を送りました。"),
    "resend_invitation": _("招待を送り直しました。"),
    "withdraw_invitation": _("招待を取り消しました。"),
    "join": _("参加しました。"),
    "leave": _("離任を記録しました。"),
    "change_role": _("役割を変えました。"),
    "transfer": _("異動し、仕事を引き継ぎました。"),
    "close": _("閉じました。"),
    "decide": _("機構改革を決めました。"),
    "withdraw": _("取りやめました。"),
    "carry_out": _("機構改革を行いました。"),
    "hand_over": _("引き継ぎました。"),
    "ask_registration": _("団体の登録を申し込みました。"),
    "ask_to_join": _("参加を申し込みました。"),
    "answer_accepted": _("申込を認めました。"),
    "answer_declined": _("申込を見送りました。"),
    "answer_withdrawn": _("申込を取り下げました。"),
}

NEVER_SHOWN = frozenset({"digest", "password", "hash", "previous_hash", "version"})
"""Columns of which even the owner is not told the value."""

Visible = Callable[[Actor], models.QuerySet[models.Model, models.Model]]


@dataclass(frozen=True)
class Subject:
    """What the record of acts knows about one kind of thing. ``codes`` says the codes of a column in words."""

    label: str
    visible: Visible
    sentences: Mapping[str, Words] = field(default_factory=dict)
    private: frozenset[str] = frozenset()
    codes: Mapping[str, Mapping[str, Words]] = field(default_factory=dict)


_subjects: dict[str, Subject] = {}


def register(subject: Subject) -> None:
    """Say who may see one kind of thing, and how its acts are told; ``label`` is ``room.model`` in lower case."""
    _subjects[subject.label] = subject


def subject_of(label: str) -> Subject | None:
    """What is known of a kind. Owned records need not be registered: the five visibilities decide."""
    known = _subjects.get(label)
    if known is not None:
        return known
    model = model_of(label)
    if model is not None and issubclass(model, OwnedRecord):
        rows = model._default_manager.all()
        assert isinstance(rows, OwnedQuerySet)
        return Subject(label, visible=lambda actor: rows.all().visible_to(actor))
    return None


def sentence(label: str, action: str) -> str:
    """What was done, as a sentence; an action without one is told by its own word."""
    subject = _subjects.get(label)
    own = subject.sentences.get(action) if subject else None
    return str(own or USUAL.get(action, action))


def is_private(label: str, column: str) -> bool:
    subject = _subjects.get(label)
    return column in NEVER_SHOWN or bool(subject and column in subject.private)


def codes_of(label: str, column: str) -> Mapping[str, Words]:
    subject = _subjects.get(label)
    return subject.codes.get(column, {}) if subject else {}


COLUMNS: Mapping[str, Words] = {
    "added_by": _("加えた人"),
    "answered_by": _("答えた人"),
    "approver": _("承認する人"),
    "asked_by": _("たずねた人"),
    "author": _("書いた人"),
    "by": _("行った人"),
    "checked_by": _("確かめた人"),
    "claimed_by": _("申請した人"),
    "confirmed_by": _("確かめた人"),
    "decided_by": _("決めた人"),
    "entered_by": _("応募した人"),
    "given_by": _("認めた人"),
    "made_by": _("作った人"),
    "order": _("並び順"),
    "person": _("人"),
    "prepared_by": _("用意した人"),
    "recorded_by": _("記録した人"),
    "replied_by": _("返事をした人"),
    "requested_by": _("求めた人"),
    "section": _("課"),
    "organization": _("団体"),
    "submitted_by": _("提出した人"),
    "written_by": _("書いた人"),
}
"""Columns that are called alike in every room."""


def label_of(column: Any) -> str:
    """What a column is called; empty for one that says nothing to people (a counter, a digest)."""
    own = column._verbose_name or COLUMNS.get(column.name) or ""
    return str(own)


def model_of(label: str) -> type[models.Model] | None:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def kinds(labels: Iterable[str]) -> list[tuple[str, str]]:
    """Labels with what people call them."""
    named = ((label, model_of(label)) for label in labels)
    return [(label, str(model._meta.verbose_name) if model else label) for label, model in named]
