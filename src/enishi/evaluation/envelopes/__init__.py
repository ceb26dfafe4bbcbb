"""Performance-based budgeting: envelopes by 施策 simulated side by side, and the choice with its reasons."""
