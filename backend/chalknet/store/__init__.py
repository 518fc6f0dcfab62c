"""What outlives the process: people, boards and their edits, runs. SQLite by default, PostgreSQL by its URL."""
