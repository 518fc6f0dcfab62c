"""Training: a document becomes a module of PyTorch, and the module learns while it is watched."""

import os

# OpenMP's threads wait for each other by spinning, by default for milliseconds. Where a browser, a server or another
# run wants the same cores, that makes two threads many times slower than one; a short spin loses next to nothing. It
# is read when torch is loaded, so this must come before.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
