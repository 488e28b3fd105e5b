"""The only door: HTTP."""
