"""Nets on TensorFlow."""
