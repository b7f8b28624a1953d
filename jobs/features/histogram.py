"""Histograms in a few numbers: three counters of 21 bits in one long, so that sums of them are cheap.

A histogram of 24 hours is eight sums instead of twenty-four. A counter holds two million: no user has as many
events in one hour of one day.
"""

_BITS = 21
_IN_A_LONG = 63 // _BITS
_MASK = (1 << _BITS) - 1


def n_packed(size: int) -> int:
    """How many longs a histogram of `size` counters takes."""
    return -(-size // _IN_A_LONG)


def pack_one(position: str, size: int) -> list[str]:
    """SQL for the longs of a histogram with a single count, at an integer expression from 0 to size - 1."""
    one = f"shiftleft(1L, {_BITS} * ({position} % {_IN_A_LONG}))"
    return [f"IF({position} DIV {_IN_A_LONG} = {slot}, {one}, 0L)" for slot in range(n_packed(size))]


def pack(counts: list[str]) -> list[str]:
    """SQL for the longs of a histogram whose counts are given, lowest position first."""
    shifted = [f"shiftleft({count}, {_BITS * (place % _IN_A_LONG)})" for place, count in enumerate(counts)]
    return [" + ".join(shifted[start : start + _IN_A_LONG]) for start in range(0, len(shifted), _IN_A_LONG)]


def unpack(packed: list[str], size: int) -> list[str]:
    """SQL for the counts of a packed histogram, lowest position first."""
    return [
        f"(shiftright({packed[place // _IN_A_LONG]}, {_BITS * (place % _IN_A_LONG)}) & {_MASK}L)"
        for place in range(size)
    ]
