"""Programmes and the budget: codes 款項目節 across years, entries of every stage, and what each programme is given."""
