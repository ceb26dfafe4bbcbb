"""How passages are found: the tables are the truth, the arrays made of them a cache."""
