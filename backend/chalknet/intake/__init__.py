"""How an upload becomes a data set: read in a process of its own, under limits, because anybody may have made it."""
