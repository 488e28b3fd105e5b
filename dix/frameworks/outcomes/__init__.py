"""What a model makes of the numbers that its net says: one file for each kind of answer."""
