"""Everything that writes in the room, by subject."""
