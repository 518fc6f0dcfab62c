"""What runs tell, to whoever watches: one room a run, a cursor and the newest pictures a watcher."""
