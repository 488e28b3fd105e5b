"""Rows: which format a path has, what is in it, reading it, scoring it in bulk."""
