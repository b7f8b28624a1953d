import numpy as np

from jobs.models.two_stage.sampling import id_hashes, pair_shares, sample_positions

IDS = np.array([f"u{number}" for number in range(2000)])


def test_a_draw_depends_on_ids_and_seed_alone() -> None:
    shuffled = np.random.default_rng(1).permutation(len(IDS))

    np.testing.assert_array_equal(id_hashes(IDS[shuffled], 7), id_hashes(IDS, 7)[shuffled])
    assert (id_hashes(IDS, 7) != id_hashes(IDS, 8)).all()


def test_shares_are_even_and_independent_of_each_other() -> None:
    first, second = id_hashes(IDS, 7), id_hashes(IDS[::-1], 7)

    shares = pair_shares(first, second)

    assert abs(shares.mean() - 0.5) < 0.02
    assert abs(np.corrcoef(shares, pair_shares(second, first))[0, 1]) < 0.06
    np.testing.assert_allclose(np.histogram(shares, bins=10, range=(0, 1))[0], 200, atol=60)


def test_a_sample_is_the_same_users_wherever_they_stand() -> None:
    some = IDS[sample_positions(IDS, seed=7, most=50)]
    fewer_known = np.sort(np.append(some, "u9999"))

    assert len(some) == 50
    again = fewer_known[sample_positions(fewer_known, seed=7, most=50)]
    assert len(np.intersect1d(some, again)) >= 49


def test_a_sample_of_few_is_all_of_them() -> None:
    assert sample_positions(IDS, seed=7, most=5000).tolist() == list(range(2000))
