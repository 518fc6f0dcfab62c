"""``python -m chalknet``: the command line, where no script is installed."""

import sys

from chalknet.cli import main

sys.exit(main())
