"""What an algorithm node does."""
