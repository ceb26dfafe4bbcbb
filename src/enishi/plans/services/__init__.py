"""Everything that writes plans."""

from enishi.plans.services.keeping import undo
from enishi.plans.services.placing import (
    add_indicator,
    add_known_statutory,
    link_nodes,
    place_programme,
    place_programmes,
    remove_indicator,
    save_statutory,
    unlink_nodes,
    unplace_programme,
    unplace_programmes,
)
from enishi.plans.services.plans import create_plan, delete_plan, edit_plan, restore_plan
from enishi.plans.services.tree import (
    add_node,
    merge_node,
    move_node,
    remove_node,
    set_levels,
    shift_node,
    split_node,
    write_node,
)
from enishi.plans.services.versions import (
    approve_version,
    describe_version,
    discard_version,
    is_whole,
    missing_for_approval,
    new_version,
    take_up_version,
)

__all__ = [
    "add_indicator",
    "add_known_statutory",
    "add_node",
    "approve_version",
    "create_plan",
    "delete_plan",
    "describe_version",
    "discard_version",
    "edit_plan",
    "is_whole",
    "link_nodes",
    "merge_node",
    "missing_for_approval",
    "move_node",
    "new_version",
    "place_programme",
    "place_programmes",
    "remove_indicator",
    "remove_node",
    "restore_plan",
    "save_statutory",
    "set_levels",
    "shift_node",
    "split_node",
    "take_up_version",
    "undo",
    "unlink_nodes",
    "unplace_programme",
    "unplace_programmes",
    "write_node",
]
