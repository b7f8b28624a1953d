import pytest

from jobs.core.errors import ModelError
from jobs.models.als import AlsRecommender
from jobs.models.registry import create_recommender, load_recommender


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ModelError, match=r"no recommender is called 'alz'; there are \['als', 'popularity'\]"):
        create_recommender("alz")


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(ModelError, match=str(tmp_path)):
        load_recommender(tmp_path)


def test_a_broken_archive_is_named(tmp_path):
    (tmp_path / "model.json").write_text('{"model": "popularity", "format": 1, "params": {}}')
    (tmp_path / "arrays.npz").write_bytes(b"PK")
    with pytest.raises(ModelError, match=r"arrays\.npz"):
        load_recommender(tmp_path)


def test_another_format_is_refused(tmp_path):
    (tmp_path / "model.json").write_text('{"model": "popularity", "format": 9, "params": {}}')
    with pytest.raises(ModelError, match="format 9"):
        load_recommender(tmp_path)


def test_a_folder_of_another_model_is_refused(tmp_path):
    (tmp_path / "model.json").write_text('{"model": "popularity", "format": 1, "params": {}}')
    with pytest.raises(ModelError, match="'popularity', not 'als'"):
        AlsRecommender.load(tmp_path)
