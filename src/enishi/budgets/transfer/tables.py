"""Files as lines of cells: the part that indicators and budgets share lies in ``foundation.tables``."""

from enishi.foundation.tables import Lines, encoding_of, open_table

__all__ = ["Lines", "encoding_of", "open_table"]
