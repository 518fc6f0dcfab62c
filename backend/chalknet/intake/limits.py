"""What an upload may hold, and what reading it may take."""

from __future__ import annotations

MOST_UPLOAD = 10**9
"""Bytes that are sent."""
MOST_FILES = 200_000
"""Files of a folder or an archive."""
MOST_EXPANDED = 2 * 10**9
"""Bytes of everything that an archive holds, unpacked."""
MOST_RATIO = 100
"""How many times larger than packed an archive of more than ``RATIO_FROM`` bytes may be unpacked."""
RATIO_FROM = 100 * 10**6
MOST_PICTURE = 50 * 10**6
"""Bytes of a picture's file."""
MOST_PIXELS = 40 * 10**6
"""Of a picture, told by its head, before it is decoded."""
MOST_SIDE = 512
"""Pixels of a side of the pictures that are kept."""
MOST_LINE = 4 * 10**6
"""Characters of a line."""
MOST_COLUMNS = 2_000
MOST_ROWS = 10**6
MOST_CELLS = 20 * 10**6
MOST_TEXT = 50 * 10**6
"""Bytes of a text."""
MOST_KEPT = 10**9
"""Bytes of a data set's arrays, which a run holds in memory."""
MOST_TROUBLES = 100
"""Troubles that are told one by one; the others are counted."""
MEMORY = 3 * 10**9
"""Bytes of private memory of the process that reads."""
SECONDS = 300.0
"""That it may take."""
