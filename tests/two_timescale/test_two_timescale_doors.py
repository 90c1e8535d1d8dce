"""The model's functions take lists and NumPy arrays in float64, and JAX arrays as they come."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import ttlearn
from ttlearn import two_timescale as tt

WEIGHTS, POSITIONS, TARGET, WIDTH = [0.5, 1.0, -2.0], [0.3, 0.62], tt.PAPER_TARGET, 4e-3
CALLS: dict[str, Callable[[Callable[[Any], Any]], Any]] = {
    "predict": lambda of: tt.predict(of([0.1, 0.7]), of(WEIGHTS), of(POSITIONS), WIDTH),
    "features": lambda of: tt.features(of([0.1, 0.7]), of(POSITIONS), WIDTH),
    "quadrature": lambda of: tt.quadrature(of(POSITIONS), TARGET, WIDTH),
    "loss": lambda of: tt.loss(of(WEIGHTS), of(POSITIONS), TARGET, WIDTH),
    "loss_and_gradient": lambda of: tt.loss_and_gradient(
        of(WEIGHTS), of(POSITIONS), TARGET, WIDTH, slope="box"
    ),
    "loss_and_gradient_fast": lambda of: tt.loss_and_gradient_fast(
        of(WEIGHTS), of(POSITIONS), TARGET, WIDTH
    ),
    "cell_means": lambda of: tt.cell_means(of(POSITIONS), TARGET),
    "sharp_fast_solution": lambda of: tt.sharp_fast_solution(of(POSITIONS), TARGET),
    "sharp_reduced_loss": lambda of: tt.sharp_reduced_loss(of(POSITIONS), TARGET),
    "sharp_velocity": lambda of: tt.sharp_velocity(of(POSITIONS), TARGET),
    "fast_solution": lambda of: tt.fast_solution(of(POSITIONS), TARGET, WIDTH),
    "reduced_loss_and_gradient": lambda of: tt.reduced_loss_and_gradient(
        of(POSITIONS), TARGET, WIDTH
    ),
    "gram": lambda of: tt.gram(of(POSITIONS), activation_width=WIDTH),
    "plateau_gram": lambda of: tt.plateau_gram(of(POSITIONS), WIDTH),
    "target_vector": lambda of: tt.target_vector(of(POSITIONS), TARGET, WIDTH),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_lists_and_numpy_are_computed_in_float64(call: Any) -> None:
    with ttlearn.float64():
        exact = jax.tree.map(np.asarray, call(lambda x: jnp.asarray(x)))
        inside = call(np.array)
    for leaf in jax.tree.leaves(inside):
        assert isinstance(leaf, jax.Array)  # where JAX computes in float64 nothing changes
    for make in (list, np.array, lambda x: np.asarray(x, object)):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = call(make)
        for one, wanted in zip(jax.tree.leaves(found), jax.tree.leaves(exact), strict=True):
            assert isinstance(one, np.ndarray)
            assert one.dtype == np.float64
            np.testing.assert_array_equal(one, wanted)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_jax_arrays_keep_their_precision(call: Any) -> None:
    for leaf in jax.tree.leaves(call(lambda x: jnp.asarray(x, jnp.float32))):
        assert isinstance(leaf, jax.Array)
        assert leaf.dtype == jnp.float32


def test_kernels_stay_kernels_under_transformations() -> None:
    place = jnp.asarray(POSITIONS)
    by_place = jax.jit(jax.grad(tt.sharp_reduced_loss))(place, TARGET)
    np.testing.assert_allclose(by_place, -tt.sharp_velocity(place, TARGET), rtol=1e-5)
    many = jax.vmap(tt.cell_means, in_axes=(0, None))(jnp.stack([place, place]), TARGET)
    assert many.shape == (2, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        traced = jax.jit(lambda target: tt.loss(WEIGHTS, np.array(POSITIONS), target, WIDTH))
        constant = jax.jit(lambda: tt.cell_means(np.array(POSITIONS), TARGET))
        assert float(traced(TARGET)) == pytest.approx(float(tt.loss(*CASE)), rel=1e-5)
        np.testing.assert_allclose(constant(), tt.cell_means(POSITIONS, TARGET), rtol=1e-6)


CASE = (WEIGHTS, POSITIONS, TARGET, WIDTH)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: tt.fast_solution("here", TARGET, WIDTH), ValueError, "real numbers is needed"),
        (lambda: tt.fast_solution([], TARGET, WIDTH), ValueError, "at least one neuron"),
        (lambda: tt.gram([0.1, np.nan], WIDTH), ValueError, "must be finite"),
        (lambda: tt.gram([[0.1]], WIDTH), ValueError, "one axis"),
        (lambda: tt.loss([0.0], [0.1], TARGET, WIDTH), ValueError, r"1 neurons need \(2,\)"),
        (lambda: tt.cell_means([0.1], 0.5), TypeError, "give ttlearn.two_timescale.Target"),
        (lambda: tt.predict(["x"], [0.0, 1.0], [0.5], WIDTH), ValueError, "x is \\['x'\\]"),
    ],
)
def test_what_no_kernel_can_use_is_refused(call: Any, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        call()
