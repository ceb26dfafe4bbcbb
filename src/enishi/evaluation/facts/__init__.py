"""What the records already say of a programme or measure: gathered in bulk, shown with sources, frozen with a hash."""
