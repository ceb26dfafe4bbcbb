"""Tables that come in."""
