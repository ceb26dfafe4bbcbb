"""Reading a policy document into plan, indicators and evidence: a person confirms every item first."""
