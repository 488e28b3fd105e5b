"""What a model does to raw values before its net sees them: one file for each kind of data."""
