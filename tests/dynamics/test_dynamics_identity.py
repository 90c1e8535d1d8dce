"""What makes a function this function, and that no checkpoint gives back another one's run."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import types

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ttlearn.dynamics import CheckpointError, run_ensemble, stochastic_descent
from ttlearn.dynamics.checkpoint import read_checkpoint, write_checkpoint
from ttlearn.dynamics.identity import identify

MEMBERS = np.array([1.0, 2.0, 3.0])


def power_of(x, power=2):
    return x**power


def holding(value):
    return lambda x: x + jnp.asarray(value)


class Power:
    def __init__(self, power):
        self.power = power

    def __call__(self, x):
        return x**self.power


class Slotted:
    __slots__ = ("power",)

    def __init__(self, power):
        self.power = power

    def __call__(self, x):
        return x**self.power


def written(source, **names):
    """A function from its source, with globals of its own."""
    module = types.ModuleType("written")
    vars(module).update({"jnp": jnp, **names})
    exec(source, vars(module))
    return module.kernel


PAIRS = {
    "partial": (functools.partial(power_of, power=2), functools.partial(power_of, power=3)),
    "lambda": (lambda x: x + 1, lambda x: x + 2),
    "called": (lambda x: jnp.sin(x), lambda x: jnp.cos(x)),
    "closure": (holding(1.0), holding(2.0)),
    "array": (holding(np.zeros(3)), holding(np.eye(3)[0])),
    "jax array": (holding(jnp.zeros(3)), holding(jnp.eye(3)[0])),
    "dict": (holding({"a": [1, 2]}["a"]), holding({"a": [1, 3]}["a"])),
    "default": (
        written("def kernel(x, p=2): return x**p"),
        written("def kernel(x, p=3): return x**p"),
    ),
    "global": (
        written("def kernel(x): return x * RATE", RATE=0.1),
        written("def kernel(x): return x * RATE", RATE=0.2),
    ),
    "helper": (
        written("def helper(x): return x + 1\ndef kernel(x): return helper(x)"),
        written("def helper(x): return x + 2\ndef kernel(x): return helper(x)"),
    ),
    "inner": (
        written("def kernel(x):\n  def inner(y): return y + 1\n  return inner(x)"),
        written("def kernel(x):\n  def inner(y): return y + 2\n  return inner(x)"),
    ),
    "object": (Power(2), Power(3)),
    "slots": (Slotted(2), Slotted(3)),
    "class": tuple(
        written(
            "class Kernel:\n"
            f"  rate = {rate}\n"
            "  def __call__(self, x): return self.rate * self.added(x)\n"
            f"  def added(self, x): return x + {added}\n"
            "kernel = Kernel()"
        )
        for rate, added in ((2, 1), (3, 1))
    ),
    "class's method": tuple(
        written(
            "class Kernel:\n"
            "  def __call__(self, x): return self.added(x)\n"
            f"  def added(self, x): return x + {added}\n"
            "kernel = Kernel()"
        )
        for added in (1, 2)
    ),
    "method": (Power(2).__call__, Power(3).__call__),
    "jit": (jax.jit(holding(1.0)), jax.jit(holding(2.0))),
    "vmap": (
        jax.vmap(functools.partial(power_of, power=2)),
        jax.vmap(functools.partial(power_of, power=3)),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_functions_that_compute_something_else_differ(name, tmp_path):
    one, other = PAIRS[name]
    assert identify(one) == identify(one)
    assert identify(one) != identify(other)
    if name not in ("array", "jax array", "dict", "vmap"):
        first = run_ensemble(one, MEMBERS, checkpoint=tmp_path, progress=False)
        with pytest.raises(CheckpointError, match="another run \\(kernel is"):
            run_ensemble(other, MEMBERS, checkpoint=tmp_path, progress=False)
        again = run_ensemble(one, MEMBERS, checkpoint=tmp_path, progress=False)
        np.testing.assert_array_equal(first.results, again.results)


@pytest.mark.parametrize(
    "make",
    [
        lambda: functools.partial(power_of, power=3),
        lambda: holding(np.arange(3.0)),
        lambda: Power(2),
        lambda: written("def kernel(x):\n  'doc'\n  return x * RATE", RATE=0.1),
        lambda: written("def kernel(x): return 1 if x < 1 else kernel(x - 1)"),
        lambda: holding(jax.random.key_data(jax.random.key(1))),
    ],
)
def test_functions_made_alike_are_equal(make):
    assert identify(make()) == identify(make())


def test_running_comments_and_docstrings_change_nothing():
    kernel = written("def kernel(x):\n  'one'\n  return x + 1")
    same = written("def kernel(x):\n  'another'\n  # a comment\n\n  return x + 1")
    before = identify(kernel)
    assert before == identify(same)
    run_ensemble(kernel, MEMBERS, progress=False)
    for _ in range(100):
        kernel(1)
    assert identify(kernel) == before


class Area:
    def __init__(self, side):
        self.side = side

    @functools.cached_property
    def area(self):
        return self.side**2

    def __call__(self, x):
        return x * self.area


def test_what_an_object_has_cached_changes_nothing():
    area = Area(3.0)
    before = identify(area)
    assert area(1.0) == 9.0
    assert identify(area) == before != identify(Area(2.0))


def test_a_message_shows_what_a_partial_holds(tmp_path):
    run_ensemble(PAIRS["partial"][0], MEMBERS, checkpoint=tmp_path, progress=False)
    with pytest.raises(CheckpointError, match=r"power_of\(power=2\), .*power_of\(power=3\), "):
        run_ensemble(PAIRS["partial"][1], MEMBERS, checkpoint=tmp_path, progress=False)


STRANGE = """
import functools, threading
import jax, jax.numpy as jnp, numpy as np
from ttlearn.dynamics.identity import identify

lock, stream = threading.Lock(), np.random.RandomState(1)
class Thing:
    pass
thing = Thing()
thing.itself = thing
cached = functools.lru_cache(lambda x: x)

@jax.custom_jvp
def root(x):
    return jnp.sqrt(x)

root.defjvp(lambda primals, tangents: (root(*primals), tangents[0]))

def kernel(x):
    return lock, stream, thing, cached, jax.devices()[0], x in {"a", "b", "c"}, root(x), np.sin(x)

print(identify(kernel), identify(jax.vmap(kernel)), identify(functools.partial(kernel, lock)))
print(identify(np.sin), identify(jnp.sin), identify(print), identify([].append))
"""


def test_any_object_reads_alike_in_every_process():
    found = {
        subprocess.run(
            [sys.executable, "-c", STRANGE],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "JAX_PLATFORMS": "cpu"},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


def draw_scaled(scale):
    return lambda key, count: scale * jax.random.normal(key, (count,))


def test_a_stochastic_run_of_other_functions_is_refused(tmp_path):
    def run(rate=0.1, scale=1.0, seen=1.0, **options):
        return stochastic_descent(
            functools.partial(lambda x, z, rate: x - rate * (x - z), rate=rate),
            1.0,
            draw_scaled(scale),
            50,
            seed=0,
            observe=lambda x: seen * x,
            checkpoint=str(tmp_path / "run.npz"),
            progress=False,
            **options,
        )

    first = run(identity={"law": np.array([1.0, np.pi]), "noise": np.float64(2)})
    for change, named in (
        ({"rate": 0.2}, "step"),
        ({"scale": 2.0}, "samples"),
        ({"seen": 2}, "ob"),
    ):
        with pytest.raises(CheckpointError, match=f"another run .*{named}"):
            run(**change, identity={"law": [1.0, np.pi], "noise": 2.0})
    with pytest.raises(CheckpointError, match=r"noise is 2\.0 there, 3\.0 here"):
        run(identity={"law": [1.0, np.pi], "noise": 3.0})
    again = run(identity={"law": [1.0, np.pi], "noise": 2.0})
    assert again.state == first.state


def test_a_function_that_keeps_count_can_be_resumed(tmp_path):
    calls = []

    def step(state, sample):
        calls.append(1)
        return state - 0.1 * sample

    options = {"seed": 0, "progress": False, "checkpoint_seconds": 0.0, "chunk": 16}
    path = str(tmp_path / "run.npz")
    stop = {"stop": lambda done, state: done >= 32}
    stochastic_descent(step, 1.0, draw_scaled(1.0), 100, checkpoint=path, **options, **stop)
    calls.clear()
    resumed = stochastic_descent(step, 1.0, draw_scaled(1.0), 100, checkpoint=path, **options)
    assert resumed.ending == "finished"


def test_a_checkpoint_of_an_older_format_is_refused_and_says_so(tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    monkeypatch.setattr("ttlearn.dynamics.checkpoint.FORMAT", "ttlearn.checkpoint/1")
    write_checkpoint(path, {"kernel": "k"}, {}, {})
    monkeypatch.undo()
    with pytest.raises(CheckpointError, match=r"checkpoint/1' found, .*checkpoint/2' expected"):
        read_checkpoint(path, {"kernel": "k"})
