"""Review (審査): declarations of interest, independent scores, discussion, ranking."""
