"""What an office announces and runs, as calls and soundings have it in common: who may, how it is written, its pages."""
