"""Ensembles in one process: chunks, budgets, precision, what goes wrong."""

from __future__ import annotations

import signal

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ensemble_cases import POINTS, run

from ttlearn.dynamics import CheckpointError, gradient_flow, grid, run_ensemble
from ttlearn.dynamics.ensemble_programs import OutOfMemory, Runner
from ttlearn.dynamics.progress import deferred_interrupt


def square(x):
    return x * x


def batch(parameters=None, kernel=square, **options):
    parameters = np.arange(1.0, 11.0) if parameters is None else parameters
    return run_ensemble(kernel, parameters, **{"progress": False, **options})


def same(one, two):
    for name in one.results:
        np.testing.assert_array_equal(one.results[name], two.results[name])


def test_a_grid_comes_back_as_a_grid():
    table = grid(rate=[0.1, 0.2], power=[1, 2, 3])
    result = batch(table.parameters, lambda p: p["rate"] ** p["power"])
    expected = np.array([[0.1], [0.2]]) ** np.array([1, 2, 3])
    np.testing.assert_allclose(table.unflatten(result.results), expected, rtol=1e-14)
    assert result.results.dtype == np.float64
    assert result.finished.all()
    assert result.ending == "finished"


def test_chunks_do_not_change_the_numbers():
    whole = run(tile=4)
    for chunk in (4, 8, 20, 48, 500):
        cut = run(tile=4, chunk=chunk)
        same(whole, cut)
        assert cut.chunk == -(-chunk // 4) * 4


def test_tiles_change_at_most_the_last_digits():
    one, two = run(tile=1), run(tile=32)
    for name in one.results:
        np.testing.assert_allclose(one.results[name], two.results[name], rtol=1e-11, atol=1e-13)


def test_members_differ_and_seeds_too():
    result, other = run(), run(seed=4)
    assert len(np.unique(result.results["last"])) == result.results["last"].size
    assert np.all(result.results["last"] != other.results["last"])
    same(result, run())


def test_a_member_is_the_kernel_alone():
    def kernel(rate):
        return gradient_flow(lambda time, x: -rate * x, 1.0, jnp.array([1.0])).states[0]

    rates = np.array([0.5, 1.0, 2.0])
    np.testing.assert_allclose(batch(rates, kernel, tile=1).results, np.exp(-rates), rtol=1e-6)


def test_precision_follows_the_parameters():
    assert batch(np.ones(3, np.float32)).results.dtype == np.float32
    assert batch(np.ones(3)).results.dtype == np.float64
    assert not jax.config.jax_enable_x64


def test_members_that_end_in_nan_are_kept_and_counted():
    result = batch(np.array([1.0, -1.0, 4.0, -2.0]), jnp.sqrt)
    assert result.lost == 2
    assert result.finite.tolist() == [True, False, True, False]
    assert result.finished.all()
    assert result.results[[0, 2]].tolist() == [1.0, 2.0]


def test_the_chunk_follows_the_budget():
    def kernel(x):
        return jnp.sum(jnp.sort(x * jnp.arange(1000.0)))[None] * jnp.ones(100)

    parameters = np.arange(4000.0)
    options = {"kernel": kernel, "tile": 8}
    small, large = batch(parameters, memory=200_000, **options), batch(parameters, **options)
    assert small.chunk < large.chunk <= 4000 // 20
    assert small.chunk % 8 == 0
    np.testing.assert_array_equal(small.results, large.results)
    tiny = batch(parameters[:64], memory=20_000, **options)
    assert tiny.tile < 8
    with pytest.raises(MemoryError, match="one member on each of 1 devices needs about"):
        batch(parameters[:64], memory=1000, **options)


def test_out_of_memory_is_answered_by_a_smaller_chunk(monkeypatch):
    sizes, real = [], Runner.run

    def scarce(self, first, last):
        sizes.append((self.chunk, self.tile))
        if self.chunk > 4:
            raise OutOfMemory("RESOURCE_EXHAUSTED")
        return real(self, first, last)

    monkeypatch.setattr(Runner, "run", scarce)
    result = run(chunk=32, tile=8)
    assert sizes[:4] == [(32, 8), (16, 8), (8, 8), (4, 4)]
    assert result.finished.all()
    assert (result.chunk, result.tile) == (4, 4)
    monkeypatch.setattr(Runner, "run", real)
    for name, leaf in run(tile=8).results.items():
        np.testing.assert_allclose(result.results[name], leaf, rtol=1e-11, atol=1e-13)


def test_memory_that_never_suffices_is_an_error(monkeypatch):
    def none(self, first, last):
        raise OutOfMemory("RESOURCE_EXHAUSTED")

    monkeypatch.setattr(Runner, "run", none)
    with pytest.raises(MemoryError, match="does not fit in their memory"):
        run()


def test_stop_and_interrupt_return_what_is_finished():
    stopped = run(tile=4, chunk=8, stop=lambda done: done >= 16)
    assert stopped.ending == "stopped"
    assert stopped.finished.tolist() == [True] * 16 + [False] * 32
    assert np.isnan(stopped.results["last"][16:]).all()
    assert stopped.lost == 0
    interrupted = run(tile=4, chunk=8, stop=lambda done: signal.raise_signal(signal.SIGINT))
    assert interrupted.ending == "interrupted"
    assert interrupted.finished.sum() == 8


@pytest.mark.parametrize("how", ["stop", "interrupt"])
def test_what_is_finished_when_it_is_stopped_is_finished(how):
    def last(done):
        if done == 48 and how == "interrupt":
            signal.raise_signal(signal.SIGINT)
        return done == 48 and how == "stop"

    result = run(tile=4, chunk=8, stop=last)
    assert result.ending == "finished"
    assert result.finished.all()


def test_an_interrupt_reaches_who_runs_several_ensembles():
    with deferred_interrupt() as interrupted:
        first = run(stop=lambda done: done == 48 and signal.raise_signal(signal.SIGINT))
        assert first.ending == "finished"
        assert interrupted()
        second = run(tile=4, chunk=8)
        assert second.ending == "interrupted"
        assert second.finished.sum() == 8
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_checkpoint_is_taken_up_in_other_chunks(tmp_path):
    whole = run(tile=4)
    run(tile=4, chunk=8, checkpoint=tmp_path, stop=lambda done: done >= 16)
    (tmp_path / "members_0000000000_0000000008.npz").unlink()
    calls = []
    resumed = run(chunk=12, checkpoint=tmp_path, stop=calls.append)
    assert calls == [16, 28, 40, 48]
    assert resumed.tile == 4
    same(whole, resumed)
    (tmp_path / "members_0000000008_0000000016.npz").unlink()
    again = run(tile=2, checkpoint=tmp_path)
    assert again.tile == 4
    same(whole, again)
    same(whole, run(checkpoint=tmp_path, stop=lambda done: 1 / 0))


def test_a_damaged_or_foreign_checkpoint_is_refused(tmp_path):
    run(checkpoint=tmp_path)
    with pytest.raises(CheckpointError, match="another run \\(seed is 3 there, 4 here"):
        run(checkpoint=tmp_path, seed=4)
    with pytest.raises(CheckpointError, match="kernel is"):
        batch(POINTS.parameters, lambda p: p["rate"], seed=3, checkpoint=tmp_path)
    file = next(tmp_path.iterdir())
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match="not a whole checkpoint"):
        run(checkpoint=tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match="is a file"):
        run(checkpoint=tmp_path / "file")


def test_an_unfinished_write_is_ignored(tmp_path):
    (tmp_path / "members_0000000000_0000000008.npz.123.tmp").write_text("half")
    assert run(checkpoint=tmp_path).finished.all()


def test_a_second_call_does_not_compile_again():
    traces = []

    def kernel(x):
        traces.append(1)
        return x + 1

    batch(np.arange(100.0), kernel)
    first = len(traces)
    batch(np.arange(100.0) + 5, kernel)
    assert len(traces) == first


def test_progress_goes_to_stderr(capsys):
    batch(np.array([1.0, np.inf]), progress=True)
    out, err = capsys.readouterr()
    assert not out
    assert "2.00/2.00" in err
    assert "lost=1" in err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"parameters": {}}, "no array"),
        ({"parameters": 1.0}, "at least one member"),
        ({"parameters": []}, "no array"),
        ({"parameters": np.zeros((0, 2))}, "at least one member"),
        ({"parameters": {"a": np.ones(2), "b": np.ones(3)}}, "first axes differ"),
        ({"parameters": np.array(["a"])}, "numbers are needed"),
        ({"parameters": np.broadcast_to(1.0, 2**31)}, "split the ensemble"),
        ({"seed": -1}, "seed is -1"),
        ({"memory": 0}, "memory is 0"),
        ({"tile": 0}, "tile is 0"),
        ({"chunk": 2.5}, "chunk is 2.5"),
        ({"devices": []}, "devices is empty"),
        ({"kernel": lambda x: {}}, "returns no array"),
    ],
)
def test_bad_input_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        batch(**change)


def test_results_that_never_fit_are_refused():
    with pytest.raises(MemoryError, match="let the kernel return less"):
        batch(np.ones(1000), lambda x: x * jnp.ones(10**8))


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ({}, "at least one axis"),
        ({"rate": []}, "rate has shape \\(0,\\)"),
        ({"rate": 1.0}, "rate has shape \\(\\)"),
        ({"a": np.zeros(2**16), "b": np.zeros(2**16)}, "make it coarser"),
    ],
)
def test_bad_grids_are_refused(axes, message):
    with pytest.raises(ValueError, match=message):
        grid(**axes)
