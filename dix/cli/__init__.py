"""The command dix."""
