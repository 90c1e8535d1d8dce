"""Where gradient descent ends, at full size, saved cell by cell and resumed."""

from __future__ import annotations

import argparse

from ttlearn.saddles.endings import endings_table


def main(arguments: list[str] | None = None) -> None:
    """``python -m ttlearn.saddles endings.json --starts 400``."""
    parser = argparse.ArgumentParser(prog="python -m ttlearn.saddles", description=__doc__)
    parser.add_argument("path", help="JSON file: finished cells are kept there and not run again")
    parser.add_argument("--starts", type=int, default=400, help="starts per cell (default 400)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    chosen = parser.parse_args(arguments)
    endings_table(chosen.starts, seed=chosen.seed, path=chosen.path, progress=not chosen.quiet)


if __name__ == "__main__":
    main()
