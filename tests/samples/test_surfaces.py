import numpy as np
import pytest

from tlstudio.samples import surfaces
from tlstudio.samples.surfaces import noise, table

KINDS = ("_wood", "_cloth", "_brushed", "_concrete", "_mat", "_paper")


def test_noise_has_zero_mean_and_the_wanted_coarseness():
    def roughness(grain: float) -> float:
        waves = noise(128, grain, np.random.default_rng(0))
        assert waves.shape == (128, 128)
        assert waves.dtype == np.float32
        assert abs(waves.mean()) < 0.3
        assert 0.5 < waves.std() < 1.5
        return float(np.abs(np.diff(waves, axis=0)).mean())

    assert roughness(2) > 3 * roughness(16)


def test_stretched_noise_is_smoother_along_the_rows():
    waves = noise(128, 3, np.random.default_rng(0), stretch=20)
    along, across = np.abs(np.diff(waves, axis=1)).mean(), np.abs(np.diff(waves, axis=0)).mean()
    assert across > 4 * along


@pytest.mark.parametrize("kind", KINDS)
def test_a_surface_has_visible_values_within_range(kind: str):
    for seed in range(3):
        colour = getattr(surfaces, kind)(64, np.random.default_rng(seed))
        assert colour.shape == (64, 64, 3)
        assert np.isfinite(colour).all()
        # A little beyond 0–1 may happen; who draws on it cuts that off.
        assert colour.min() > -0.5
        assert colour.max() < 1.5
        assert 0.02 < colour.mean() < 0.98
        assert colour.std() > 0.003


def test_the_table_depends_on_the_generator():
    def draw(seed: int) -> np.ndarray:
        return table(48, np.random.default_rng(seed))

    assert np.array_equal(draw(1), draw(1))
    assert draw(1).dtype == np.float32
    assert draw(1).flags.c_contiguous
    assert len({draw(seed).tobytes() for seed in range(12)}) == 12
    # Dark and bright ones among them, so that no class can be recognised by its table.
    means = [draw(seed).mean() for seed in range(12)]
    assert max(means) - min(means) > 0.2
