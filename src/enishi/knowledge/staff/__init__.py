"""What the four tools for staff share: whose records, how they are kept, how pages ask, how files come in and go out."""
