"""Make the pinned environment: `python3 tools/setup_venv.py .venv`, run by make when it is needed.

A second argument names an extra of pyproject.toml that is installed too. Of PyTorch then comes the
build for CPUs, which is several times smaller, where uv and PyTorch's own index can be reached.

Works with a bare Python 3.11 or newer and pip, with or without the venv module's own pip (Debian
ships that apart), and uses uv where it can be had because it is several times faster than pip.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST = (3, 11)


def main() -> int:
    """Create or update the environment at the folder given."""
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        print(f"Python {found} found; ttlearn needs 3.11 or newer. Say which: make PYTHON=...")
        return 1
    folder = Path(sys.argv[1]).resolve()
    python = folder / "bin/python"
    print(f"Setting up {folder} (once; a few minutes at most)", flush=True)
    if not usable(python):
        shutil.rmtree(folder, ignore_errors=True)
        run(sys.executable, "-m", "venv", "--without-pip", str(folder))
        bootstrap_pip(python)
    run(python, "-m", "pip", "install", "--quiet", "uv", check=False)
    requirements = ["-r", str(ROOT / "requirements.txt")]
    for extra in sys.argv[2:]:
        requirements += ["-e", f"{ROOT}[{extra}]"]
    uv = folder / "bin/uv"
    for options in (["--torch-backend", "cpu"], []) if uv.exists() else ():
        with_uv = [uv, "pip", "install", "--quiet", "--python", python, *options]
        if not run(*with_uv, *requirements, check=False):
            return 0
    return run(python, "-m", "pip", "install", "--quiet", *requirements, check=False)


def usable(python: Path) -> bool:
    """Whether the environment's Python still starts, is recent enough and has pip."""
    test = f"import pip, sys; sys.exit(sys.version_info < {OLDEST})"
    return python.exists() and not run(python, "-c", test, check=False, quiet=True)


def bootstrap_pip(python: Path) -> None:
    """Put pip into the environment: from Python itself, else by the pip outside of it."""
    if run(python, "-m", "ensurepip", "--default-pip", check=False, quiet=True):
        run(sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "pip")


def run(*command: object, check: bool = True, quiet: bool = False) -> int:
    """Run a program from the repository's folder and return its exit status."""
    sink = subprocess.DEVNULL if quiet else None
    environment = {k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"}
    return subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        check=check,
        stdin=subprocess.DEVNULL,
        stdout=sink,
        stderr=sink,
        env=environment,
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
