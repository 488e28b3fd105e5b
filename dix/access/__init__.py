"""Who comes in, and how that is found out."""
