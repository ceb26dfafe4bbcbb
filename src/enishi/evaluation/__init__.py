"""Evaluation: cycles, sheets, judgements, decisions, and what became of them in the budget."""
