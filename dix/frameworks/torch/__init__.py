"""Nets on PyTorch."""
