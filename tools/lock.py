"""Write requirements.txt: every package of the library, the labs, the book and the tests, pinned.

    make lock

pyproject.toml says what is needed, requirements.in which versions were seen working together; uv
resolves both for Python 3.11 and newer at once.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Resolve, then add the package itself as the last line."""
    uv = Path(sys.executable).with_name("uv")
    options = "--universal --python-version 3.11 --no-emit-index-url --no-annotate --no-header"
    files = ["requirements.in", "pyproject.toml", "--output-file", "requirements.txt"]
    command = [str(uv), "pip", "compile", "--quiet", *options.split(), "--extra", "test", *files]
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode == 0:
        target = ROOT / "requirements.txt"
        target.write_text(target.read_text(encoding="utf-8") + "-e .\n", encoding="utf-8")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
