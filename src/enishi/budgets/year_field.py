"""The column of a fiscal year: what a year may be, for forms and for the database."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q

FIRST, LAST = 1900, 2200
YEARS = [MinValueValidator(FIRST), MaxValueValidator(LAST)]


def year_exists(field: str) -> Q:
    return Q(**{f"{field}__gte": FIRST, f"{field}__lte": LAST})
