"""Boards as text that others can run."""
