"""Feast's registry in a database, looked at without Feast."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from jobs.adapters.online.registry_database import has_project
from jobs.core.errors import OnlineStoreError


def test_a_database_without_tables_holds_no_project(tmp_path: Path) -> None:
    assert not has_project(f"sqlite:///{tmp_path}/registry.db", "sample")


def test_a_project_is_there_with_its_first_view(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/registry.db"
    with create_engine(address).begin() as database:
        database.execute(text("CREATE TABLE feature_views (feature_view_name TEXT, project_id TEXT)"))
        database.execute(text("INSERT INTO feature_views VALUES ('churn', 'sample')"))
    assert has_project(address, "sample")
    assert not has_project(address, "shop")


def test_a_server_that_is_away_is_named_without_its_password() -> None:
    with pytest.raises(OnlineStoreError, match=r"127\.0\.0\.1") as told:
        has_project("postgresql+psycopg2://feast:hunter22@127.0.0.1:1/feast", "sample")
    assert "hunter22" not in str(told.value)
    assert told.value.__cause__ is None
