"""Questions about scorings. Nothing here writes."""

from collections.abc import Iterable, Mapping
from typing import Any

from enishi.plans.models import MeasureScore, Scorer, ScoringRound
from enishi.plans.priorities.calculations import Given, Ranking, ranking_of


def given_by(scorers: Iterable[Scorer]) -> list[Given]:
    rows = MeasureScore.objects.filter(scorer__in=[each.pk for each in scorers])
    return [
        Given(*row)
        for row in rows.values_list("scorer_id", "measure_id", "criterion_id", "points").order_by("pk")
    ]


def ranking(
    row: ScoringRound, scorers: Iterable[Scorer], weights: Mapping[int, float] | None = None
) -> Ranking | None:
    """The ranking by what these scorers gave, under the weights agreed or others."""
    agreed = {each.pk: float(each.weight) for each in row.criteria.all()}
    measures = [each.pk for each in row.measures.all()]
    return ranking_of(given_by(scorers), measures=measures, weights=weights or agreed)


def frozen_result(row: ScoringRound) -> dict[str, Any]:
    """The ranking as it is kept at the end: words and exact numbers, readable without these tables."""
    scorers = list(row.scorers.filter(submitted_at__isnull=False))
    found = ranking(row, scorers)
    titles = {each.pk: each.title for each in row.measures.all()}
    labels = {each.pk: each.label for each in row.criteria.all()}
    if found is None:
        return {}
    return {
        "scorers": len(scorers),
        "weights": {each.label: each.weight for each in row.criteria.all()},
        "rows": [
            {
                "place": each.place,
                "measure": titles[each.measure],
                "total": round(each.total, 4),
                "kept": round(each.kept, 4),
                "best": each.best,
                "worst": each.worst,
            }
            for each in found.rows
        ],
        "tipping": {
            labels[each.criterion]: None if each.change is None else round(each.change, 4)
            for each in found.tipping
        },
        "split": found.split_cells,
    }
