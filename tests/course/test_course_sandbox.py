"""The sandbox for students' code: what it can reach, asked from inside."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from course_cases import needs_sandbox

from ttlearn.course import sandbox
from ttlearn.course.cells import ClassroomError


@pytest.fixture
def inside(tmp_path: Path):
    """A function that runs Python code in a sandbox and returns what it prints."""
    room, hidden = tmp_path / "room", tmp_path / "class"
    room.mkdir(), hidden.mkdir()
    (hidden / "gradebook.db").write_text("grades")

    def run(code: str) -> str:
        prelude = f"import os, pathlib\nhidden = pathlib.Path({str(hidden)!r})\n"
        words = [*sandbox.bubblewrap(room, hidden), sys.executable, "-c", prelude + code]
        done = subprocess.run(
            words, env=sandbox.environment(room), capture_output=True, text=True, check=False
        )
        return done.stdout.strip() or done.stderr.strip().splitlines()[-1]

    return run


@needs_sandbox
def test_the_room_can_be_written_and_ttlearn_be_read(inside, tmp_path):
    assert inside("pathlib.Path('here').write_text('x'); import ttlearn; print('yes')") == "yes"
    assert (tmp_path / "room/here").read_text() == "x"


@needs_sandbox
@pytest.mark.parametrize("place", ["/etc/x", "/usr/x", f"{sys.prefix}/x", f"{sandbox.PACKAGE}/x"])
def test_nothing_else_can_be_written(inside, place):
    assert "Read-only file system" in inside(f"open({place!r}, 'w')")


@needs_sandbox
def test_there_is_no_network_but_the_one_that_kernels_talk_over(inside):
    outward = "import socket; socket.create_connection(('192.0.2.1', 80), 2)"
    assert "Network is unreachable" in inside(outward)
    inward = """
import socket
with socket.create_server(("127.0.0.1", 0)) as server:
    socket.create_connection(server.getsockname(), 2)
print("yes")"""
    assert inside(inward) == "yes"


@needs_sandbox
def test_the_class_the_home_and_other_processes_are_out_of_sight(inside, tmp_path, monkeypatch):
    assert inside("print(list(hidden.iterdir()))") == "[]"
    home = tmp_path / "home"
    home.mkdir()
    (home / "letter").write_text("private")
    monkeypatch.setenv("HOME", str(home))
    assert inside(f"print(os.listdir({str(home)!r}))") == "[]"
    assert int(inside("print(sum(name.isdigit() for name in os.listdir('/proc')))")) < 5
    monkeypatch.setenv("SECRET", "token")
    assert inside("print(os.environ.get('SECRET'))") == "None"


@needs_sandbox
def test_a_file_that_fills_the_disk_is_cut(inside):
    assert "File too large" in inside(
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"with open('large', 'wb') as file: file.truncate({sandbox.BYTES_A_FILE + 1})"
    )


def test_without_bubblewrap_the_way_out_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ClassroomError, match="install the package bubblewrap"):
        sandbox.bubblewrap(tmp_path, tmp_path)
