"""Endpoints: models that answer online."""
