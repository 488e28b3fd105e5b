"""Searches over parameters: their trials, who decides what is tried next, and how they compare."""
