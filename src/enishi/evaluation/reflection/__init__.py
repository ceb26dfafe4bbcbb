"""What the budget made of each decision: before, after, difference, status, reason, and the entries that show it."""
