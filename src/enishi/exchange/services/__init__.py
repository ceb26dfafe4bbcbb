"""Everything that writes challenges, resources and what belongs to them."""

from enishi.exchange.services.attachments import attach, remove_attachment, restore_attachment
from enishi.exchange.services.challenges import (
    change_status,
    create_challenge,
    delete_challenge,
    edit_challenge,
    move_to_means,
    publish_challenge,
    restore_challenge,
)
from enishi.exchange.services.fields import add_field, move_field, remove_field, rename_field, retire_field
from enishi.exchange.services.freshness import (
    announce_aged,
    confirm_by_link,
    confirm_resource,
    request_confirmations,
)
from enishi.exchange.services.importing import ImportedRow, SavedImport, save_imported
from enishi.exchange.services.resources import (
    change_resource_status,
    create_resource,
    delete_resource,
    edit_resource,
    publish_resource,
    restore_resource,
)
from enishi.exchange.services.searches import (
    delete_search,
    mark_search_looked_at,
    notify_new_hits,
    save_search,
)

__all__ = [
    "ImportedRow",
    "SavedImport",
    "add_field",
    "announce_aged",
    "attach",
    "change_resource_status",
    "change_status",
    "confirm_by_link",
    "confirm_resource",
    "create_challenge",
    "create_resource",
    "delete_challenge",
    "delete_resource",
    "delete_search",
    "edit_challenge",
    "edit_resource",
    "mark_search_looked_at",
    "move_field",
    "move_to_means",
    "notify_new_hits",
    "publish_challenge",
    "publish_resource",
    "remove_attachment",
    "remove_field",
    "rename_field",
    "request_confirmations",
    "restore_attachment",
    "restore_challenge",
    "restore_resource",
    "retire_field",
    "save_imported",
    "save_search",
]
