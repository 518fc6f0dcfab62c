"""Files of a data set that is known by its name, fetched from where they are published: each goes on where it broke
off, and is taken only if its checksum is the published one."""

from __future__ import annotations

import hashlib
import http.client
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path

from chalknet.datasets.famous import Famous, File
from chalknet.intake.report import Refused

PATIENCE = 30.0
"""Seconds without a byte after which a connection is given up."""
PIECE = 1 << 18
AGENT = "Chalknet"


class Unreachable(Exception):
    """A file is not to be had at an address; the message says why, in a few words."""


def fetch(named: Famous, folder: Path, mirror: str, told: Callable[[float], None]) -> list[tuple[str, Path]]:
    """All files of a data set, in ``folder``. ``mirror`` is an address to fetch from instead of where they are
    published; ``told`` hears how much is there, from 0 to 1. Raises Refused in words."""
    folder.mkdir(parents=True, exist_ok=True)
    bases = (mirror,) if mirror else named.bases
    whole = sum(file.size for file in named.files)
    before = 0
    found = []
    for file in named.files:
        place = folder / file.name
        reasons: list[str] = []
        for base in bases:
            try:
                _fetch(f"{base.rstrip('/')}/{file.name}", file, place, partial(_tell, told, before, whole))
                break
            except Unreachable as error:
                reasons.append(str(error))
        else:
            names = ", ".join(each.name for each in named.files)
            together = " together" if len(named.files) > 1 else ""
            raise Refused(
                f"{named.title} could not be fetched: {'; '.join(dict.fromkeys(reasons))}. If this machine has no way "
                f"to the internet, get {names} on another one and upload{together} here. Another try goes on where "
                "this one broke off."
            )
        before += file.size
        told(before / whole)
        found.append((file.name, place))
    return found


def _tell(told: Callable[[float], None], before: int, whole: int, here: int) -> None:
    told((before + here) / whole)


def _fetch(address: str, file: File, place: Path, told: Callable[[int], None]) -> None:
    """One file, complete and as published. Raises Unreachable."""
    if place.exists():
        return
    part = place.with_name(f"{file.name}.part")
    host = address.partition("://")[2].partition("/")[0]
    here = part.stat().st_size if part.exists() else 0
    if here > file.size:
        part.unlink()
        here = 0
    if here < file.size:
        _go_on(address, host, file, part, here, told)
    digest = hashlib.md5(usedforsecurity=False)
    with part.open("rb") as whole:
        while piece := whole.read(PIECE):
            digest.update(piece)
    if digest.hexdigest() != file.md5:
        part.unlink()
        raise Unreachable(f"what {host} sent as {file.name} is not what was published (its checksum differs)")
    part.replace(place)


def _go_on(address: str, host: str, file: File, part: Path, here: int, told: Callable[[int], None]) -> None:
    request = urllib.request.Request(address, headers={"User-Agent": AGENT})
    if here:
        request.add_header("Range", f"bytes={here}-")
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            # One that knows no ranges sends all of it again.
            going_on = answer.status == 206
            here = here if going_on else 0
            with part.open("ab" if going_on else "wb") as kept:
                while piece := answer.read(PIECE):
                    here += len(piece)
                    if here > file.size:
                        break
                    kept.write(piece)
                    told(here)
    except urllib.error.HTTPError as error:
        raise Unreachable(f"{host} answers {error.code} for {file.name}") from None
    except urllib.error.URLError as error:
        raise Unreachable(f"{host} cannot be reached ({error.reason})") from None
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"the connection to {host} broke off ({type(error).__name__})") from None
    if here > file.size:
        part.unlink()
        raise Unreachable(f"{host} sends more than {file.name} has")
    if here < file.size:
        raise Unreachable(f"the connection to {host} broke off after {here:,} of {file.size:,} bytes of {file.name}")
