"""A table that was looked at and not yet taken over: it travels signed in the page, so that what is confirmed is what was shown."""

from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.foundation.spreadsheets import Table, UnreadableTableError, read_table
from enishi.plans.errors import PlanError

SALT = "plans.held"
VALID_SECONDS = 4 * 60 * 60
MOST_ROWS = 2_000
MOST_BYTES = 5 * 1024 * 1024


class TableForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("ファイル(xlsx または CSV)"),
        help_text=gettext_lazy("書き出した表と同じ見出しを使います。取り込む前に内容を見せます。"),
    )


def table_of(upload: Any) -> Table:
    """The uploaded table, or the sentence why it is none."""
    if upload.size > MOST_BYTES:
        raise PlanError(
            _("ファイルが大きすぎます。%(most)d MBまでに分けてください。")
            % {"most": MOST_BYTES // 1024 // 1024}
        )
    try:
        return read_table(upload.read(), max_rows=MOST_ROWS)
    except UnreadableTableError as refused:
        raise PlanError(str(refused)) from refused


def require_headings(table: Table, needed: tuple[str, ...]) -> None:
    missing = [name for name in needed if name not in table.headings]
    if missing:
        raise PlanError(
            _("見出し「%(missing)s」がありません。書き出した表の見出しをそのまま使ってください。")
            % {"missing": _("」「").join(missing)}
        )


def hold(kind: str, rows: list[dict[str, Any]]) -> str:
    return signing.dumps({"kind": kind, "rows": rows}, salt=SALT, compress=True)


def take(kind: str, token: str) -> list[dict[str, Any]]:
    try:
        found = signing.loads(token, salt=SALT, max_age=VALID_SECONDS)
    except signing.BadSignature as error:
        raise PlanError(_("確認した内容が古くなりました。もう一度ファイルを選んでください。")) from error
    if found.get("kind") != kind:
        raise PlanError(_("確認した内容がこのページのものではありません。もう一度ファイルを選んでください。"))
    rows: list[dict[str, Any]] = found["rows"]
    return rows
