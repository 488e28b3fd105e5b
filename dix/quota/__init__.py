"""Quotas of projects: who may take how much, whose turn it is, and who gives back what was borrowed."""
