"""Where runs execute: warm processes, the queue, limits, coming back after a death. Never imports training."""
