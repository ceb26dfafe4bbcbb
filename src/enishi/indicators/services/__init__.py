"""Everything that writes in this room."""

from enishi.indicators.services.changes import drop_change, set_change
from enishi.indicators.services.computing import (
    compute_all,
    compute_element,
    compute_element_now,
    compute_indicator,
    compute_indicator_now,
    compute_metric,
)
from enishi.indicators.services.grid import GridRefusedError, record_grid
from enishi.indicators.services.indicators import (
    create_element,
    create_indicator,
    define,
    delete_indicator,
    edit_element,
    edit_indicator,
    restore_indicator,
    retire_element,
    retire_indicator,
    set_acquisition,
    take_up_element,
)
from enishi.indicators.services.targets import copy_frame, set_baseline, set_target
from enishi.indicators.services.values import (
    Entry,
    approve_values,
    record_values,
    return_values,
    submit_values,
    withdraw_draft,
)

__all__ = [
    "Entry",
    "GridRefusedError",
    "approve_values",
    "compute_all",
    "compute_element",
    "compute_element_now",
    "compute_indicator",
    "compute_indicator_now",
    "compute_metric",
    "copy_frame",
    "create_element",
    "create_indicator",
    "define",
    "delete_indicator",
    "drop_change",
    "edit_element",
    "edit_indicator",
    "record_grid",
    "record_values",
    "restore_indicator",
    "retire_element",
    "retire_indicator",
    "return_values",
    "set_acquisition",
    "set_baseline",
    "set_change",
    "set_target",
    "submit_values",
    "take_up_element",
    "withdraw_draft",
]
