"""The door's other side: HTTP calls as Python objects."""
