"""Array types of the sample, and the number that stands for "absent" in integer arrays."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

ABSENT = -1
NEVER = 2**31 - 1
"""A day index that no log reaches: a user who has not left, an item that does not retire."""

USERS_AT_ONCE = 512
"""Users per block of a users x items matrix: 8 MB of float64 at 2,000 items, 200 MB at 50,000."""
