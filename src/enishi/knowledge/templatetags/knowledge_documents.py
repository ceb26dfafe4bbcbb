"""How a passage is shown: its lines, and what stands between bars as the table it was."""

from itertools import groupby

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def passage_body(text: str, is_marked: bool = False) -> SafeString:
    """The text of a passage, line by line; marked all through where it is the one that was cited."""
    form = "<mark>{}</mark>" if is_marked else "{}"
    parts = []
    for is_row, lines in groupby(text.split("\n"), key=_is_row):
        if is_row:
            rows = format_html_join("", "<tr>{}</tr>", ((_cells(line, form),) for line in lines))
            label = _("表")
            parts.append(
                format_html(
                    '<div class="table-scroll" tabindex="0" role="region" aria-label="{}"><table><tbody>{}</tbody></table></div>',
                    label,
                    rows,
                )
            )
        else:
            shown = format_html_join(mark_safe("<br>"), "{}", ((line,) for line in lines))
            parts.append(format_html('<p class="passage-text">{}</p>', format_html(form, shown)))
    return format_html_join("", "{}", ((part,) for part in parts))


def _is_row(line: str) -> bool:
    return line.startswith("| ") and line.endswith(" |")


def _cells(line: str, form: str) -> SafeString:
    cells = (cell.strip() for cell in line[1:-1].split("|"))
    return format_html_join("", "<td>{}</td>", ((format_html(form, cell) if cell else "",) for cell in cells))
