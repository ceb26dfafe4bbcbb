"""Which acts to show."""

from django import forms
from django.utils.translation import gettext_lazy as _

from enishi.foundation.forms import TextField, WarekiDateField


class ActFilterForm(forms.Form):
    since = WarekiDateField(label=_("この日から"), required=False)
    until = WarekiDateField(label=_("この日まで"), required=False)
    actor = TextField(label=_("行った人"), max_length=100, required=False)
    subject = TextField(label=_("対象の名前"), max_length=100, required=False)
