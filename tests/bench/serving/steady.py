"""Requests at a steady rate, sent when they are due and not when an earlier one was answered."""

import asyncio
import itertools
import statistics
import time
from collections.abc import Sequence

_CONNECTIONS = 8  # taken in turn; a request that finds its connection busy waits, and its wait counts


def steady_p99_ms(port: int, paths: Sequence[str], rate: int, seconds: int) -> float:
    """99th percentile in milliseconds from when a request was due to the end of its answer."""
    return asyncio.run(_steady(port, paths, rate, seconds))


async def _steady(port: int, paths: Sequence[str], rate: int, seconds: int) -> float:
    streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(_CONNECTIONS)]
    locks = [asyncio.Lock() for _ in streams]
    turns, start = itertools.cycle(range(_CONNECTIONS)), time.perf_counter()
    tasks = []
    for n in range(rate * seconds):
        due = start + n / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        turn = next(turns)
        tasks.append(asyncio.create_task(_ask(*streams[turn], locks[turn], paths[n % len(paths)], due)))
    taken = await asyncio.gather(*tasks)
    for _, writer in streams:
        writer.close()
    return statistics.quantiles(taken, n=100, method="inclusive")[98]


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, lock: asyncio.Lock, path: str, due: float
) -> float:
    async with lock:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise SystemExit(f"{path} was answered with {head[:60]!r}")
        sizes = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        await reader.readexactly(int(sizes[0].partition(b":")[2]))
        return (time.perf_counter() - due) * 1000
