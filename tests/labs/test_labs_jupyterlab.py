"""A lab of each part in a real JupyterLab: moved, computed by JAX, alive without a kernel."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from lab_driver import LabDriver
from playwright.sync_api import Browser, Page, TimeoutError

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TOKEN = "labs"
# Lab, the slider that is moved, and how far the kernel's run may be from the page's engine:
# rounding, what a saddle makes of rounding, and the integrators' tolerances.
LABS = {
    "RaceLab": ("jump", 1e-9),
    "EscapeClockLab": ("step_size", 1e-8),
    "PlaneLab": ("norm", 1e-6),
}
CELLS = [
    *(f"from ttlearn import labs\n{name} = labs.{name}()\n{name}" for name in LABS),
    "print('jump', RaceLab.jump, RaceLab.trajectory().losses[0] > 0)",
]


@pytest.fixture
def jupyterlab(tmp_path: Path) -> Iterator[str]:
    """A JupyterLab with one notebook; its address."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    (tmp_path / "work").mkdir()
    nbformat.write(notebook, tmp_path / "work/lab.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folders = ["JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"]
    environment = os.environ | {name: str(tmp_path / name.lower()) for name in folders}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    options = [f"--port={port}", "--ServerApp.ip=127.0.0.1", f"--IdentityProvider.token={TOKEN}"]
    quiet = ["--LabApp.news_url=None", f"--ServerApp.root_dir={tmp_path / 'work'}"]
    log = (tmp_path / "log").open("w")
    server = subprocess.Popen(command + options + quiet, env=environment, stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}/api?token={TOKEN}", server, tmp_path / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)
        log.close()


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert server.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(url, timeout=5).read()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text())


def _stop_kernels(url: str) -> None:
    def call(path: str, method: str) -> Any:
        request = urllib.request.Request(f"{url}{path}", method=method)
        request.add_header("Authorization", f"token {TOKEN}")
        body = urllib.request.urlopen(request, timeout=20).read()
        return json.loads(body) if body else None

    for kernel in call("/api/kernels", "GET"):
        call(f"/api/kernels/{kernel['id']}", "DELETE")


def _run_all(page: Page) -> None:
    """Run all cells. What is asked of a kernel that is still connecting is lost: ask again."""
    for _ in range(4):
        page.locator('li.lm-MenuBar-item:has-text("Run")').click()
        page.locator('li.lm-Menu-item[data-command="runmenu:run-all"]').click()
        with contextlib.suppress(TimeoutError):
            page.wait_for_selector('.jp-InputPrompt:has-text("[1]")', timeout=30_000)
            break
    page.wait_for_selector(".ttl-lab[data-finished]")


def _press(page: Page, lab: LabDriver, slider: str, *keys: str) -> None:
    lab.find(f'[type=range][data-name="{slider}"]').focus()
    for key in keys:
        page.keyboard.press(key)
    lab.settle()


def _move_and_compute(page: Page, lab: LabDriver, slider: str, tolerance: float) -> None:
    """Move a slider, see the words change, and let JAX compute what is then on the screen."""
    lab.settle()
    page.wait_for_function(
        "(root) => root.querySelector('[data-do=\"kernel\"]').checkVisibility()", arg=lab.root
    )
    assert not lab.find('[data-do="link"]').is_visible()
    words, before = lab.summary(), lab.state()[slider]
    _press(page, lab, slider, "ArrowRight", "ArrowRight")
    assert lab.state()[slider] > before
    assert lab.summary() != words
    lab.find('[data-do="kernel"]').click()
    page.wait_for_function("(root) => root.dataset.source === 'kernel'", arg=lab.root)
    assert float(lab.root.get_attribute("data-difference") or "nan") < tolerance
    assert "JAX" in lab.note()


def test_jupyterlab_runs_moves_computes_and_survives(jupyterlab: str, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1300, "height": 1400})
    context.set_default_timeout(90_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        page.goto(f"{jupyterlab}/lab/tree/lab.ipynb?reset&token={TOKEN}")
        page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
        page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
        _run_all(page)
        for index, (slider, tolerance) in enumerate(LABS.values()):
            page.locator(".jp-Cell").nth(index).scroll_into_view_if_needed()
            _move_and_compute(page, LabDriver(page, index), slider, tolerance)

        lab = LabDriver(page)
        jump = lab.state()["jump"]
        assert jump == pytest.approx(0.51)
        page.locator(".jp-Cell").nth(len(LABS)).locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
        page.wait_for_selector(f".jp-OutputArea-output:has-text('jump {jump} True')")

        _stop_kernels(jupyterlab)
        lab.find('[data-do="kernel"]').click()
        silent = "(root) => root.querySelector('.ttl-note').textContent.includes('own engine')"
        page.wait_for_function(silent, arg=lab.root)
        words = lab.summary()
        _press(page, lab, "jump", "ArrowLeft")
        assert lab.summary() != words
        assert lab.root.get_attribute("data-source") == "engine"
        assert errors == []
    finally:
        context.close()
