"""The form that takes a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.exchange.access import access_of
from enishi.exchange.enums import RecordKind
from enishi.exchange.transfer.columns import MODELS
from enishi.foundation.access import Actor
from enishi.organizations.enums import Visibility
from enishi.organizations.models import Organization


class ImportForm(forms.Form):
    """Which file, for which organisation, and who may see what it holds."""

    organization = forms.ModelChoiceField(
        label=gettext_lazy("団体"), queryset=Organization.objects.none(), empty_label=None
    )
    file = forms.FileField(
        label=gettext_lazy("ファイル"),
        help_text=gettext_lazy(
            "Excel(.xlsx)か CSV(UTF-8、Shift_JIS)。表の上に題名や注記があっても、結合したセルがあっても読みます。"
        ),
    )
    visibility = forms.ChoiceField(
        label=gettext_lazy("公開範囲"),
        choices=[choice for choice in Visibility.choices if choice[0] != Visibility.SECTION],
        initial=Visibility.INTERNAL,
        help_text=gettext_lazy("ファイルに「公開範囲」の列があれば、そちらを使います。"),
    )
    status = forms.ChoiceField(
        label=gettext_lazy("取り込んだあとの状態"),
        choices=[
            ("open", gettext_lazy("公開(選んだ公開範囲の人が見られる)")),
            ("draft", gettext_lazy("下書き(自分の団体だけ)")),
        ],
        initial="open",
        help_text=gettext_lazy("ファイルに「状態」の列があれば、そちらを使います。"),
    )

    def __init__(self, *args: Any, kind: RecordKind, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owners = access_of(MODELS[kind.value]).owners(actor)
        self.fields["organization"].queryset = owners  # type: ignore[attr-defined]
        first = owners.first()
        self.fields["organization"].initial = first.pk if first else None

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
            limit = settings.UPLOAD_MAX_BYTES // 1024 // 1024
            raise ValidationError(
                _("ファイルが大きすぎます。%(limit)dMBまでにしてください。行を分けると小さくなります。")
                % {"limit": limit}
            )
        return file
