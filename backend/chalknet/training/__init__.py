"""Training: a document becomes a module of PyTorch, and the module learns while it is watched."""
