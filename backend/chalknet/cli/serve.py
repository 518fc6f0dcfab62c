"""``chalknet serve``: the server, with the settings of the environment."""

from __future__ import annotations

import argparse
import os
import sys


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("serve", help="run the server", description="Settings come from the environment.")
    parser.add_argument("--host", help="address to listen on (default: CHALKNET_HOST, else 127.0.0.1)")
    parser.add_argument("--port", help="port to listen on (default: CHALKNET_PORT, else 8000); 0 takes a free one")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    from chalknet.server.serve import serve
    from chalknet.server.settings import Misconfigured, Settings

    given = {"CHALKNET_HOST": chosen.host, "CHALKNET_PORT": chosen.port}
    environment = {**os.environ, **{name: value for name, value in given.items() if value is not None}}
    try:
        serve(Settings.from_environment(environment))
    except (Misconfigured, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0
