"""What the environment says: the only place where it is read."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class Misconfigured(ValueError):
    """A setting that cannot be; the message says which, and what would do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, with its default."""

    data: Path = Path(".chalknet")
    """CHALKNET_DATA: folder of the database, of runs and of prepared data."""
    database_url: str = ""
    """CHALKNET_DATABASE_URL: another database, such as ``postgresql://user:password@host/name``."""
    host: str = "127.0.0.1"
    """CHALKNET_HOST: the address to listen on."""
    port: int = 8000
    """CHALKNET_PORT: 0 takes a free one."""
    secret: str = ""
    """CHALKNET_SECRET: a long random text, with which cookies are hashed; needed when others can reach the server."""
    hosts: tuple[str, ...] = ()
    """CHALKNET_HOSTS: further host names, separated by commas, under which a proxy offers a server on loopback."""

    mirror: str = ""
    """CHALKNET_MIRROR: an address under which MNIST and its like lie (``mnist/train-images-idx3-ubyte.gz`` …), to be
    fetched from there instead of where they are published."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Raises Misconfigured."""
        port = environment.get("CHALKNET_PORT", "8000")
        if not port.isascii() or not port.isdigit() or int(port) > 65_535:
            raise Misconfigured(f"CHALKNET_PORT is a number from 0 to 65535, not {port!r}.")
        hosts = environment.get("CHALKNET_HOSTS", "")
        return cls(
            data=Path(environment.get("CHALKNET_DATA") or ".chalknet"),
            database_url=environment.get("CHALKNET_DATABASE_URL", ""),
            host=environment.get("CHALKNET_HOST") or "127.0.0.1",
            port=int(port),
            secret=environment.get("CHALKNET_SECRET", ""),
            mirror=environment.get("CHALKNET_MIRROR", ""),
            hosts=tuple(host.strip().lower() for host in hosts.split(",") if host.strip()),
        )

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{(self.data / 'chalknet.db').absolute()}"

    @property
    def is_loopback(self) -> bool:
        """Only this machine can reach the server."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def check(self) -> None:
        """Raises Misconfigured where starting would be unsafe."""
        if not self.is_loopback and len(self.secret) < 16:
            raise Misconfigured(
                f"Listening on {self.host} lets others in: set CHALKNET_SECRET to a random text of at least 16 "
                "characters first, or leave CHALKNET_HOST at 127.0.0.1."
            )
