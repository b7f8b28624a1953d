"""Versions of one content name: one, whatever copies of a training do."""

import pytest
from mlflow.tracking import MlflowClient
from recommender_record import NAME, record

from jobs.adapters.tracking.versions import Versions


def test_a_copy_that_registers_at_the_same_moment_leaves_no_second_version(tracking, client, tmp_path, monkeypatch):
    first = tracking.register(record(tmp_path / "m"))
    find, looks = Versions.find, iter([True])
    # It looked before the first had registered, and looks again when it has.
    monkeypatch.setattr(Versions, "find", lambda self, name: None if next(looks, False) else find(self, name))
    late = tracking.register(record(tmp_path / "m"))
    assert (late.version, late.run_id) == (first.version, first.run_id)
    assert [one.version for one in client.search_model_versions("name = 'sample.recommender'")] == [1]


@pytest.fixture
def left(tracking, client, tmp_path, monkeypatch):
    """A second version of NAME, whose maker was killed before it took it back; the first one's run."""
    first = tracking.register(record(tmp_path / "m"))
    tracking.set_challenger("recommender", NAME)
    find, looks = Versions.find, iter([True])

    def die(self, name, version):
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(Versions, "find", lambda self, name: None if next(looks, False) else find(self, name))
        killed.setattr(MlflowClient, "delete_model_version", die)
        with pytest.raises(KeyboardInterrupt):
            tracking.register(record(tmp_path / "m"))
    assert versions_of(client) == [1, 2]
    return first.run_id


def versions_of(client):
    return sorted(one.version for one in client.search_model_versions("name = 'sample.recommender'"))


@pytest.mark.parametrize(
    "write",
    [
        lambda tracking, folder: tracking.register(record(folder)),
        lambda tracking, folder: tracking.set_champion("recommender", NAME),
        lambda tracking, folder: tracking.record_gate("recommender", NAME, True, "0.3 is above 0.2"),
    ],
    ids=["register", "alias", "gate"],
)
def test_the_second_version_of_a_killed_copy_goes_when_its_name_is_written_about(
    tracking, client, left, tmp_path, write
):
    write(tracking, tmp_path / "m")
    assert versions_of(client) == [1]
    assert client.get_model_version("sample.recommender", "1").run_id == left
    assert str(client.get_model_version_by_alias("sample.recommender", "challenger").version) == "1"


def test_readers_take_the_first_of_two_versions_and_remove_none(tracking, client, left):
    folder = tracking.load_folder("recommender", NAME)
    assert folder.is_dir()
    assert Versions(client, "sample", "recommender").get(NAME).run_id == left
    assert versions_of(client) == [1, 2]


def test_a_version_that_another_removes_at_the_same_moment_is_fine(tracking, client, left, monkeypatch):
    remove = MlflowClient.delete_model_version

    def twice(self, name, version):
        remove(self, name, version)
        remove(self, name, version)

    monkeypatch.setattr(MlflowClient, "delete_model_version", twice)
    tracking.set_champion("recommender", NAME)
    assert versions_of(client) == [1]
