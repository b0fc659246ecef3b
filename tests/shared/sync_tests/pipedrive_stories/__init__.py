"""Stories of what may happen to an account while a tap reads it, and what has to be true."""
