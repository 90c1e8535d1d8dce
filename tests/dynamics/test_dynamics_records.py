"""Records: what they refuse, how they are written, and that no damaged file is read."""

from __future__ import annotations

import io
import json
import os
import zipfile

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ttlearn import DamagedFileError, Trajectory
from ttlearn.dynamics import CheckpointError
from ttlearn.dynamics.checkpoint import read_checkpoint, write_checkpoint
from ttlearn.records import atomic_write


def record(**change):
    fields = {
        "times": np.arange(3.0),
        "arrays": {"x": np.arange(6.0).reshape(3, 2)},
        "losses": np.ones(3),
        "meta": {"seed": 1},
    }
    return Trajectory(**fields | change)


def test_a_saved_record_comes_back(tmp_path):
    path = tmp_path / "run.npz"
    meta = {"seed": np.int64(3), "ratio": np.float32(0.5), "jumps": np.array([0.1, 0.2])}
    meta |= {"flag": np.bool_(True), "rate": jnp.float32(2.0), "none": None, "deep": [{"a": (1,)}]}
    record(meta=meta, axes={"x": ("time", "neuron")}).save(path)
    found = Trajectory.load(path)
    assert found.meta["seed"] == 3
    assert found.meta["jumps"] == [0.1, 0.2]
    assert found.meta["flag"] is True
    assert found.meta["rate"] == 2.0
    assert found.axes == {"x": ("time", "neuron")}
    np.testing.assert_array_equal(found["x"], record()["x"])
    np.testing.assert_array_equal(found.losses, np.ones(3))
    assert os.listdir(tmp_path) == ["run.npz"]


@pytest.mark.parametrize("meta", [{"law": object()}, {"many": {1, 2}}, {(1, 2): 3}])
def test_meta_that_cannot_be_written_leaves_no_file(tmp_path, meta):
    with pytest.raises(TypeError, match="meta cannot be saved"):
        record(meta=meta).save(tmp_path / "run.npz")
    assert not os.listdir(tmp_path)


def changed_bytes(whole):
    """Each byte of a file changed in turn, and the file cut short."""
    for place in range(len(whole)):
        broken = bytearray(whole)
        broken[place] ^= 0xFF
        yield bytes(broken)
    yield from (whole[:length] for length in range(0, len(whole), 7))


def test_a_damaged_record_is_never_read(tmp_path):
    path = tmp_path / "run.npz"
    record().save(path)
    refused = 0
    for broken in changed_bytes(path.read_bytes()):
        path.write_bytes(broken)
        try:
            found = Trajectory.load(path)
        except DamagedFileError:
            refused += 1
        else:  # a byte that no reader looks at, such as a date
            np.testing.assert_array_equal(found["x"], record()["x"])
            np.testing.assert_array_equal(found.losses, np.ones(3))
    assert refused > 600


def test_a_damaged_checkpoint_is_never_read(tmp_path):
    path = tmp_path / "run.npz"
    arrays = {"state": np.arange(4.0)}
    write_checkpoint(path, {"kernel": "k"}, arrays, {"done": 1})
    refused = 0
    for broken in changed_bytes(path.read_bytes()):
        path.write_bytes(broken)
        try:
            found, _ = read_checkpoint(path, {"kernel": "k"})
        except CheckpointError:
            refused += 1
        else:
            assert {name: value.tolist() for name, value in found.items()} == {
                "state": [0.0, 1.0, 2.0, 3.0]
            }
    assert refused > 600


@pytest.mark.parametrize(
    "header",
    [
        [],
        {"format": "ttlearn.trajectory/1", "axes": [], "meta": {}},
        {"format": "ttlearn.trajectory/1", "axes": {"y": ["time"]}, "meta": {}},
        {"format": "ttlearn.trajectory/1", "axes": {"x": 3}, "meta": {}},
        {"format": "ttlearn.trajectory/2", "axes": {"x": ["time", "a"]}, "meta": {}},
        {"axes": {"x": ["time", "a"]}},
    ],
)
def test_a_foreign_header_is_refused(tmp_path, header):
    path = tmp_path / "run.npz"
    np.savez(path, header=json.dumps(header), times=np.arange(3.0), **{"array/x": np.ones((3, 2))})
    with pytest.raises(DamagedFileError, match=r"run\.npz"):
        Trajectory.load(path)


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "run.npz"
    with pytest.raises(FileNotFoundError):
        Trajectory.load(path)
    for content in (b"", b"text", b"\x00" * 100):
        path.write_bytes(content)
        with pytest.raises(DamagedFileError):
            Trajectory.load(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("header.npy", "no array")
    with pytest.raises(DamagedFileError):
        Trajectory.load(path)
    buffer = io.BytesIO()
    np.save(buffer, np.ones(3))
    path.write_bytes(buffer.getvalue())
    with pytest.raises(DamagedFileError):
        Trajectory.load(path)


def test_a_write_that_breaks_off_leaves_what_was_there(tmp_path):
    path = tmp_path / "file"
    with atomic_write(path) as file:
        file.write(b"before")

    def breaks_off():
        with atomic_write(path) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        breaks_off()
    assert path.read_bytes() == b"before"
    with atomic_write(path) as one, atomic_write(path) as other:
        one.write(b"one")
        other.write(b"other")
    assert path.read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize(
    "convert", [np.asarray, jnp.asarray, lambda x: x], ids=["np", "jnp", "list"]
)
@pytest.mark.parametrize(
    ("times", "array", "message"),
    [
        ([2.0, 1.0, 3.0], [1.0, 2.0, 3.0], "increasing"),
        ([1.0, 1.0, 3.0], [1.0, 2.0, 3.0], "increasing"),
        ([1.0, 2.0, float("nan")], [1.0, 2.0, 3.0], "finite"),
        ([1.0, 2.0, 3.0], [1.0, 2.0], "length of times, 3"),
        ([], [], "at least one entry"),
        ([[1.0]], [1.0], "one axis"),
    ],
)
def test_shapes_and_times_are_checked_whatever_the_arrays_are(convert, times, array, message):
    with pytest.raises(ValueError, match=message):
        Trajectory(convert(times), {"x": convert(array)})


def test_losses_and_axes_are_checked():
    with pytest.raises(ValueError, match="losses has shape"):
        record(losses=jnp.ones(2))
    with pytest.raises(ValueError, match=r"x has 2 axes, named \('time',\)"):
        record(axes={"x": ("time",)})
    with pytest.raises(ValueError, match=r"axes names \['y'\]; the arrays are \['x'\]"):
        record(axes={"y": ("time",)})


def test_records_pass_through_transformations():
    def made(scale):
        times = jnp.arange(3.0)
        return Trajectory(times, {"x": scale * times}, meta={"seed": np.int64(1)})

    one = jax.jit(made)(2.0)
    assert one["x"].tolist() == [0.0, 2.0, 4.0]
    many = jax.vmap(made)(jnp.arange(4.0))
    assert many["x"].shape == (4, 3)
    shapes = jax.eval_shape(made, 1.0)
    assert shapes["x"].shape == (3,)
    Trajectory(shapes.times, shapes.arrays)
    leaves, structure = jax.tree.flatten(record())
    assert jax.tree.unflatten(structure, leaves).meta == {"seed": 1}
    jax.tree.unflatten(structure, [None] * len(leaves))


def test_a_record_equals_itself_only():
    one, other = record(), record()
    assert one == one
    assert one != other
    assert len({one, other}) == 2
