"""Pure computation: values in, values with their reasons out. No Django, files, network or clock."""
