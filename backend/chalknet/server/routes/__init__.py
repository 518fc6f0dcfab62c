"""HTTP: a file for each noun."""
