from django.utils.translation import gettext_lazy as _

from enishi.projects.forms import RowForm, row_field
from enishi.projects.reports.models import CompletionReport, ProjectPublication


class ReportForm(RowForm):
    class Meta:
        model = CompletionReport
        fields = ("summary", "results", "difficulties", "next_steps")
        formfield_callback = row_field
        help_texts = {
            "summary": _("だれの、どんな困りごとに、何をしたか。三行で。"),
            "results": _(
                "数字だけでなく、だれの暮らしや仕事がどう変わったか。数字は記録から自動で入ります。"
            ),
            "difficulties": _("続く人のために。隠さず書くほど役に立ちます。"),
            "next_steps": _("続けるのか、広げるのか、やめるのか。だれが、いつまでに。"),
        }


class PublicationForm(RowForm):
    class Meta:
        model = ProjectPublication
        fields = ("title", "lead", "trouble", "work", "outcome", "partners", "contact")
        formfield_callback = row_field
        help_texts = {
            "lead": _("中学生にも伝わる一文で。"),
            "trouble": _("役所のことばを使わずに。"),
            "outcome": _("数字があれば、いつの、だれが数えたものかも書きます。"),
            "partners": _("名前を出してよいと確かめた団体だけを書いてください。"),
        }
