"""Stories of what may happen to a service while a tap reads it: what all taps' stories share."""
