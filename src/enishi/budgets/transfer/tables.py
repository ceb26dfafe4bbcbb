"""Files as lines of cells: the part that indicators and budgets share lies in ``foundation.tables``."""

from enishi.foundation.tables import Lines, column_letter, encoding_of, is_within, open_table

__all__ = ["Lines", "column_letter", "encoding_of", "is_within", "open_table"]
