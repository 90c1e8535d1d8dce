"""Find a Chromium to test the book with; `--install` gets Debian's where this may be done.

    python tools/chromium.py [--install]

prints its path, or says in a sentence what is missing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
MISSING = (
    "No Chromium found, and the browser tests need one. Install it (Debian, Ubuntu: "
    "sudo apt-get install chromium; macOS: Google Chrome), or set CHROMIUM to its program."
)


def find() -> str | None:
    """The path of a Chromium or Chrome, or None. The variable CHROMIUM decides where it is set."""
    if os.environ.get("CHROMIUM"):
        return shutil.which(os.environ["CHROMIUM"])
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or (str(MAC) if MAC.exists() else None)


def install() -> None:
    """Install Debian's package, when we are root on a machine that has apt-get."""
    if shutil.which("apt-get") is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        subprocess.run(
            ["apt-get", "-qq", *command],
            env=quiet,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=False,
        )


def main() -> int:
    """Print the path, after installing if asked to; 1 when there is none."""
    if find() is None and "--install" in sys.argv[1:]:
        install()
    print(find() or MISSING)
    return 0 if find() else 1


if __name__ == "__main__":
    sys.exit(main())
