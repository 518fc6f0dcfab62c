from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection

import msgpack
import pytest

from chalknet.runtime import channel as channel_module
from chalknet.runtime.channel import Channel

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def pair() -> AsyncIterator[tuple[Channel, Connection]]:
    """The server's end and a worker's."""
    ours, theirs = socket.socketpair()
    channel = await Channel.over(ours)
    with Connection(theirs.detach()) as connection:
        yield channel, connection
    channel.close()


@pytest.mark.parametrize("size", [0, 1, 20_000, 5_000_000], ids=str)
async def test_messages_of_any_size_pass_both_ways(size: int):
    async with pair() as (channel, connection):
        message = [1, b"x" * size]
        sending = asyncio.create_task(asyncio.to_thread(connection.send_bytes, msgpack.packb(message)))
        assert await asyncio.wait_for(channel.receive(), 30) == message
        await sending
        reading = asyncio.create_task(asyncio.to_thread(connection.recv_bytes))
        channel.send(message)
        assert msgpack.unpackb(await asyncio.wait_for(reading, 30)) == message


async def test_a_peer_that_is_gone_is_an_end_of_file():
    async with pair() as (channel, connection):
        connection.send_bytes(msgpack.packb("last"))
        connection.close()
        assert await channel.receive() == "last"
        with pytest.raises(EOFError):
            await channel.receive()
        channel.send("into the void")


async def test_half_a_message_is_an_end_of_file():
    ours, theirs = socket.socketpair()
    channel = await Channel.over(ours)
    with theirs:
        theirs.sendall(struct.pack("!i", 100) + b"only this")
    with pytest.raises(EOFError):
        await channel.receive()
    channel.close()


@pytest.mark.parametrize("head", [struct.pack("!i", -5), struct.pack("!iQ", -1, 1 << 40)], ids=["negative", "huge"])
async def test_what_is_no_message_is_refused_before_it_is_read(head: bytes):
    ours, theirs = socket.socketpair()
    channel = await Channel.over(ours)
    with theirs:
        theirs.sendall(head)
        with pytest.raises(ValueError, match="bytes; at most"):
            await channel.receive()
    channel.close()


async def test_a_worker_stuck_in_mid_message_does_not_stop_the_loop():
    ours, theirs = socket.socketpair()
    channel = await Channel.over(ours)
    with theirs:
        theirs.sendall(struct.pack("!i", 1000) + b"x")
        receiving = asyncio.create_task(channel.receive())
        for _ in range(10):
            await asyncio.sleep(0)
        assert not receiving.done()
        receiving.cancel()
    channel.close()


async def test_a_peer_that_does_not_read_costs_a_bounded_buffer(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Channel, "MOST_UNREAD", 100_000)
    async with pair() as (channel, _):
        for _ in range(1000):
            channel.send(b"x" * 10_000)
        unread = channel._writer.transport.get_write_buffer_size()
        assert 100_000 < unread < 130_000


async def test_the_length_of_a_long_message_takes_eight_bytes(monkeypatch: pytest.MonkeyPatch):
    """As CPython writes it from 2 GiB on; here from 10 bytes on."""
    monkeypatch.setattr(channel_module, "_LONG", 10)
    async with pair() as (channel, connection):
        channel.send("a text of more than ten bytes")
        assert msgpack.unpackb(connection.recv_bytes()) == "a text of more than ten bytes"
