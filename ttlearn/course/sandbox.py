"""A sandbox for students' code, made by bubblewrap: no network, and one folder to write to."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from ttlearn.course.cells import ClassroomError

# Folders that hold what is nobody else's business: homes, other programs' files, other mounts.
PRIVATE = ("/home", "/root", "/tmp", "/run", "/mnt", "/media", "/srv")
PACKAGE = Path(__file__).resolve().parents[1]
BYTES_OF_MEMORY = 16_000_000_000  # addresses, of which JAX reserves more than it uses
BYTES_A_FILE = 200_000_000


def bubblewrap(room: Path, hidden: Path) -> list[str]:
    """The words in front of a command that runs it in a sandbox.

    Inside there is no network, no process of outside, and no file to be changed except below
    ``room``; private folders and ``hidden`` look empty but for Python, its packages and ttlearn.

    Arguments:
        room: the folder to work in, which is its home too.
        hidden: the class's folder, with the grades and what others have handed in.

    Raises:
        ClassroomError: where bubblewrap is missing.
    """
    for program in ("bwrap", "prlimit"):
        if shutil.which(program) is None:
            raise ClassroomError(
                f"--sandbox needs the program {program}: install the package bubblewrap (Linux "
                "only), or use another way of the teacher's guide"
            )
    words = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    words += ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    private = {folder for folder in PRIVATE if Path(folder).is_dir()}
    for folder in sorted(private | {str(Path.home()), str(hidden)}):
        words += ["--tmpfs", folder]
    for folder in dict.fromkeys([sys.base_prefix, sys.prefix, str(PACKAGE)]):
        words += ["--ro-bind", folder, folder]
    words += ["--bind", str(room), str(room), "--chdir", str(room)]
    return [*words, "prlimit", f"--as={BYTES_OF_MEMORY}", f"--fsize={BYTES_A_FILE}"]


def environment(room: Path) -> dict[str, str]:
    """The variables inside: none of the teacher's own."""
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TZ") if name in os.environ}
    return kept | {"HOME": str(room), "PATH": "/usr/local/bin:/usr/bin:/bin"}
