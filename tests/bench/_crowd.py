"""A program: many people on one board who move their cursors; prints how late one of them sees the others'."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time

from pycrdt import Decoder
from websockets.asyncio.client import connect

from chalknet.boards import frames


def cursor(client: int, clock: int) -> bytes:
    state = json.dumps({"cursor": {"x": time.time(), "y": 0.0, "block": ""}, "selection": []}).encode()
    numbers = bytes((1, client, 0x80 | (clock & 127), clock >> 7, 0x80 | (len(state) & 127), len(state) >> 7))
    return frames.awareness(numbers + state)


async def move(url: str, cookie: str, client: int, rate: float, seconds: float, late: list[float] | None) -> None:
    async with connect(url, additional_headers={"Cookie": cookie}, compression=None, max_size=None) as line:
        end = time.monotonic() + seconds

        async def listen() -> None:
            async for message in line:
                if late is None or not isinstance(message, bytes) or message[0] != frames.AWARENESS:
                    continue
                now = time.time()
                decoder = Decoder(frames.payload(message[1:]))
                for _ in range(decoder.read_var_uint()):
                    other, _ = decoder.read_var_uint(), decoder.read_var_uint()
                    state = json.loads(decoder.read_message() or b"null")
                    if state and other != client:
                        late.append(now - state["cursor"]["x"])

        listening = asyncio.create_task(listen())
        clock = 0
        while time.monotonic() < end:
            clock += 1
            await line.send(cursor(client, clock))
            await asyncio.sleep(1 / rate)
        listening.cancel()


async def main() -> None:
    url, board, people, rate, seconds = sys.argv[1:]
    address = f"{url.replace('http', 'ws')}/ws/boards/{board}"
    late: list[float] = []
    await asyncio.gather(
        *(
            move(address, os.environ["COOKIE"], client, float(rate), float(seconds), late if client == 1 else None)
            for client in range(1, int(people) + 1)
        )
    )
    late.sort()
    print(json.dumps({"seen": len(late), "p99": late[int(0.99 * len(late))]}))


asyncio.run(main())
