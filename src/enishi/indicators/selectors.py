"""Questions about indicators; nothing here writes."""

from collections.abc import Iterable

from enishi.indicators.models import OWN_FRAME, Standing


def standings(indicator_ids: Iterable[int], fiscal_year: int, frame: str = OWN_FRAME) -> dict[int, Standing]:
    """Where these indicators stood, by indicator; one without a standing in this frame answers with its own."""
    rows = Standing.objects.filter(
        indicator_id__in=list(indicator_ids), fiscal_year=fiscal_year, frame__in={OWN_FRAME, frame}
    )
    found: dict[int, Standing] = {}
    for row in rows.order_by("frame"):
        found[row.indicator_id] = row
    return found
