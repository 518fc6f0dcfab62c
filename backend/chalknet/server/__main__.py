"""``python -m chalknet.server``: the server with the settings of the environment."""

import os
import sys

from chalknet.server.serve import serve
from chalknet.server.settings import Misconfigured, Settings

try:
    serve(Settings.from_environment(os.environ))
except (Misconfigured, OSError) as error:
    sys.exit(str(error))
