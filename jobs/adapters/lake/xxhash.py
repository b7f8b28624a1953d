"""XXH64 over whole columns with numpy, one seed a row, as Spark's `xxhash64` computes it.

Arithmetic is modulo 2^64; numpy wraps unsigned integers as the definition asks.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

U64 = np.uint64
Hashes = npt.NDArray[np.uint64]

_P1 = U64(0x9E3779B185EBCA87)
_P2 = U64(0xC2B2AE3D27D4EB4F)
_P3 = U64(0x165667B19E3779F9)
_P4 = U64(0x85EBCA77C2B2AE63)
_P5 = U64(0x27D4EB2F165667C5)
_STRIPE = 32


def hash_long(values: Hashes, seeds: Hashes) -> Hashes:
    """Hash 8-byte values, shape (n,), each with its seed."""
    return _avalanche(_mix_word(seeds + _P5 + U64(8), values))


def hash_int(values: npt.NDArray[np.uint32], seeds: Hashes) -> Hashes:
    """Hash 4-byte values, shape (n,), each with its seed."""
    return _avalanche(_mix_half(seeds + _P5 + U64(4), values.astype(U64)))


def hash_bytes(values: Any, seeds: Hashes) -> Hashes:
    """Hash an Arrow large_binary array of length n, each value with its seed; nulls hash as empty."""
    offsets = np.frombuffer(values.buffers()[1], dtype=np.int64)[values.offset : values.offset + len(values) + 1]
    data = np.frombuffer(values.buffers()[2] or b"", dtype=np.uint8)
    lengths = np.diff(offsets)
    hashes = seeds.copy()
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        block = data[offsets[rows][:, None] + np.arange(length)]
        hashes[rows] = _hash_block(np.ascontiguousarray(block), seeds[rows])
    return hashes


def _hash_block(block: npt.NDArray[np.uint8], seeds: Hashes) -> Hashes:
    """Hash n texts of one length, shape (n, length)."""
    length = block.shape[1]
    striped = length - length % _STRIPE
    hashes = _hash_stripes(block[:, :striped], seeds) if striped else seeds + _P5
    hashes = hashes + U64(length)
    words = striped + (length - striped) // 8 * 8
    for start in range(striped, words, 8):
        hashes = _mix_word(hashes, _read(block, start, 8))
    if length - words >= 4:
        hashes = _mix_half(hashes, _read(block, words, 4))
        words += 4
    for start in range(words, length):
        hashes = _rotate(hashes ^ block[:, start].astype(U64) * _P5, 11) * _P1
    return _avalanche(hashes)


def _hash_stripes(block: npt.NDArray[np.uint8], seeds: Hashes) -> Hashes:
    lanes = [seeds + _P1 + _P2, seeds + _P2, seeds, seeds - _P1]
    for start in range(0, block.shape[1], _STRIPE):
        for lane in range(4):
            word = _read(block, start + 8 * lane, 8)
            lanes[lane] = _rotate(lanes[lane] + word * _P2, 31) * _P1
    hashes = sum((_rotate(lane, by) for lane, by in zip(lanes, (1, 7, 12, 18), strict=True)), start=U64(0))
    for lane_hash in lanes:
        hashes = (hashes ^ _rotate(lane_hash * _P2, 31) * _P1) * _P1 + _P4
    return np.asarray(hashes)


def _read(block: npt.NDArray[np.uint8], start: int, width: int) -> Hashes:
    """Little-endian words at `start`, shape (n,)."""
    part = np.ascontiguousarray(block[:, start : start + width])
    return part.view(f"<u{width}").ravel().astype(U64)


def _mix_word(hashes: Hashes, words: Hashes) -> Hashes:
    return _rotate(hashes ^ _rotate(words * _P2, 31) * _P1, 27) * _P1 + _P4


def _mix_half(hashes: Hashes, words: Hashes) -> Hashes:
    return _rotate(hashes ^ words * _P1, 23) * _P2 + _P3


def _avalanche(hashes: Hashes) -> Hashes:
    hashes = (hashes ^ hashes >> U64(33)) * _P2
    hashes = (hashes ^ hashes >> U64(29)) * _P3
    return hashes ^ hashes >> U64(32)


def _rotate(values: Hashes, by: int) -> Hashes:
    return values << U64(by) | values >> U64(64 - by)
