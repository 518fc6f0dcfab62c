"""Sockets: one of a board, one of a run."""
