"""The server's end of a worker's ``multiprocessing.connection.Connection``, for asyncio: nothing in it blocks.

Format of such a connection on Unix: ``!i`` length, or ``!i`` −1 and ``!Q`` length, then the bytes
(CPython, Lib/multiprocessing/connection.py, ``Connection._send_bytes``).
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

import msgpack

MOST_BYTES = 64 << 20
"""Of one message from a worker."""
_LONG = 0x7FFFFFFF


class Channel:
    """Messages are msgpack. A peer that does not read costs its own buffer, ``MOST_UNREAD`` at most, and no time."""

    MOST_UNREAD = 4 << 20

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def over(cls, sock: socket.socket) -> Channel:
        return cls(*await asyncio.open_unix_connection(sock=sock, limit=1 << 18))

    async def receive(self) -> Any:
        """The next message. Raises EOFError when the peer is gone, ValueError when it speaks something else."""
        try:
            (length,) = struct.unpack("!i", await self._reader.readexactly(4))
            if length == -1:
                (length,) = struct.unpack("!Q", await self._reader.readexactly(8))
            if not 0 <= length <= MOST_BYTES:
                raise ValueError(f"a message of {length:,} bytes; at most {MOST_BYTES:,} are read")
            return msgpack.unpackb(await self._reader.readexactly(length))
        except (asyncio.IncompleteReadError, ConnectionError, OSError):
            raise EOFError from None

    def send(self, message: Any) -> None:
        """Queues a message; it is lost when the peer is gone or has stopped reading long ago."""
        transport = self._writer.transport
        if transport.is_closing() or transport.get_write_buffer_size() > self.MOST_UNREAD:
            return
        raw: bytes = msgpack.packb(message)
        head = struct.pack("!i", len(raw)) if len(raw) <= _LONG else struct.pack("!iQ", -1, len(raw))
        self._writer.write(head + raw)

    def close(self) -> None:
        self._writer.transport.abort()
