"""The front doors of the directional wing: what is refused, and what it says when a run stops."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

from ttlearn import directional as di
from ttlearn.dynamics.ensemble import run_ensemble

GAUSSIAN = di.Gaussian()


@pytest.mark.parametrize("given", [True, "3", 2.5, float("nan"), None])
def test_a_count_is_a_whole_number(given: Any) -> None:
    for call in (lambda: di.Sphere(given), lambda: di.descent(GAUSSIAN, 1.0, 2.0, 1.0, [1], given)):
        with pytest.raises(ValueError, match="a whole number from"):
            call()


def test_a_whole_float_is_a_count() -> None:
    run = di.descent(GAUSSIAN, 1.0, 2.0, 1.0, [1], 2.0)
    assert run.meta["depth"] == 2


def test_ctrl_c_in_an_ensemble_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: Any, **options: Any) -> Any:
        run = run_ensemble(*arguments, **options)
        return run._replace(ending="interrupted", finished=np.array([True, False]))

    module = importlib.import_module("ttlearn.directional.flow")  # its name is the function's
    monkeypatch.setattr(module, "run_ensemble", interrupted)
    with pytest.raises(KeyboardInterrupt, match="1 of 2 starts"):
        di.flow_ensemble(GAUSSIAN, [1.0, 2.0], [2.0, 3.0], [1.0])
