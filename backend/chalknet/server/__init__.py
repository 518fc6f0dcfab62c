"""The web process: pages, HTTP, sockets. It never imports torch."""
