"""Where gradient descent ends, at full size, saved cell by cell and resumed."""

from __future__ import annotations

import argparse

from ttlearn.saddles.endings import ENDINGS_CELLS, endings_table


def main(arguments: list[str] | None = None) -> None:
    """``python -m ttlearn.saddles endings.json --starts 400``."""
    parser = argparse.ArgumentParser(prog="python -m ttlearn.saddles", description=__doc__)
    parser.add_argument("path", help="JSON file: finished cells are kept there and not run again")
    parser.add_argument("--starts", type=int, default=400, help="starts per cell (default 400)")
    parser.add_argument("--seed", type=int, default=0)
    widths = sorted({width for _, _, width in ENDINGS_CELLS})
    parser.add_argument(
        "--neurons", type=int, nargs="+", choices=widths, default=widths, help="only these widths"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    chosen = parser.parse_args(arguments)
    cells = [cell for cell in ENDINGS_CELLS if cell[2] in chosen.neurons]
    options = {"seed": chosen.seed, "path": chosen.path, "progress": not chosen.quiet}
    endings_table(chosen.starts, cells=cells, **options)


if __name__ == "__main__":
    main()
