"""Says why a lake on an object store counts as not proven."""

import pytest

REASON = (
    "not proven: the lake is written through paths and locks of a file system (jobs/adapters/lake), nothing of it "
    "speaks S3; and Spark's wheel has no hadoop-aws, which neither PyPI nor Debian has as a package"
)


@pytest.mark.production
def test_a_lake_on_an_object_store() -> None:
    pytest.skip(REASON)
