"""Stories of what may happen to a journy account while a tap reads it."""
