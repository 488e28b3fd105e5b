"""Whole models as a framework saves them, graph and weights together: what scripts leave, and how it is asked."""
