"""A websocket that is closed for a message beyond every size says so in a way that arrives."""

from __future__ import annotations

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

LINGER = 5.0
"""Seconds for which what a refused client still sends is read and thrown away."""


class LingeringProtocol(WebSocketsSansIOProtocol):
    """uvicorn's, but for the end of a connection whose bytes cannot be taken (too long, or no websocket's).

    Closing a TCP connection while bytes wait to be read resets it, and a reset discards the close frame that was on its
    way: the client sees a lost connection, comes back, and sends the same message again. So the close frame is sent,
    our half of the connection ended, and the rest of the client's read and thrown away until it has ended its half.
    """

    _lingers = False

    def handle_parser_exception(self) -> None:
        close = self.conn.close_sent
        assert close is not None
        self._lingers = self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": close.code, "reason": close.reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.transport.resume_reading()
        # With a timer set, the end of the application leaves the connection to it.
        self.close_timer = self.loop.call_later(LINGER, self.transport.close)

    def data_received(self, data: bytes) -> None:
        if not self._lingers:
            super().data_received(data)

    async def send(self, message: ASGISendEvent) -> None:
        if self._lingers:
            raise ClientDisconnected
        await super().send(message)
