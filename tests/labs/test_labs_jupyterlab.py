"""The same lab in a real JupyterLab: moved on the page, computed by JAX, alive without a kernel."""

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
CELLS = [
    "from ttlearn import labs\nlab = labs.RaceLab()\nlab",
    "print('jump', lab.jump, lab.trajectory().losses[0] > 0)",
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
        lab = LabDriver(page)
        lab.settle()
        page.wait_for_selector('[data-do="kernel"]', state="visible")
        assert not page.is_visible('[data-do="link"]')

        words = lab.summary()
        lab.find('[type=range][data-name="jump"]').focus()
        for _ in range(2):
            page.keyboard.press("ArrowRight")
        lab.settle()
        jump = lab.state()["jump"]
        assert jump == pytest.approx(0.51)
        assert lab.summary() != words

        lab.find('[data-do="kernel"]').click()
        page.wait_for_selector('.ttl-lab[data-source="kernel"]')
        assert float(lab.root.get_attribute("data-difference") or "nan") < 1e-9
        assert "JAX" in lab.note()

        page.locator(".jp-Cell").nth(1).locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
        page.wait_for_selector(f".jp-OutputArea-output:has-text('jump {jump} True')")

        _stop_kernels(jupyterlab)
        lab.find('[data-do="kernel"]').click()
        silent = "(root) => root.querySelector('.ttl-note').textContent.includes('own engine')"
        page.wait_for_function(silent, arg=lab.root)
        words = lab.summary()
        lab.find('[type=range][data-name="jump"]').focus()
        page.keyboard.press("ArrowLeft")
        lab.settle()
        assert lab.summary() != words
        assert lab.root.get_attribute("data-source") == "engine"
        assert errors == []
    finally:
        context.close()
