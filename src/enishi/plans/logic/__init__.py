"""Logic models: from what is put in to what changes, with the assumption of every step."""
