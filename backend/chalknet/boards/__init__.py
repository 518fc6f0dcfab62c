"""Shared boards: the document as a CRDT, who is there, what may be done. Rooms keep an open board in memory."""
