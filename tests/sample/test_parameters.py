import pytest

from jobs.core.errors import UsageError
from jobs.sample.parameters import Parameters


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"users": 0}, "--users is 0; give a whole number from 1"),
        ({"items": -1}, "--items is -1"),
        ({"days": 0}, "--days is 0"),
        ({"seed": -1}, "--seed is -1; give a whole number from 0"),
        ({"dirt": 0.51}, "--dirt is 0.51; give a share from 0 to 0.5"),
        ({"dirt": float("nan")}, "--dirt is nan"),
    ],
)
def test_values_out_of_range_are_refused(wrong, message):
    with pytest.raises(UsageError, match=message):
        Parameters(**wrong)
