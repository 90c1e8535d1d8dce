"""Take a picture of every lab of a built book as it opens, in Chromium."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, ElementHandle, Page

from bookext.stills import FOLDER, LIST, known, wanted

WIDTH, SHARPNESS = 1280, 2
# Colours and sharpness, the best first: a rare colour is worth more than a sharp edge.
STEPS = ((64, 2), (32, 2), (48, 1.5), (32, 1.5), (48, 1.25), (32, 1.25), (64, 1), (32, 1))
LARGEST = 40_000  # bytes

SETTLED = """async (root) => {
  root.scrollIntoView({ block: "center" });
  await document.fonts.ready;
  const frame = () => new Promise(requestAnimationFrame);
  await frame(); await frame();
  const { lab } = root;
  for (let i = 0; i < 20000; i++) {
    if (lab.visible && root.dataset.state === "ready" && !lab.pending && !lab.runner?.busy) return;
    await frame();
  }
  throw new Error("the lab does not settle: " + root.dataset.state);
}"""


def take(browser: Browser, site: Path) -> Iterator[Path]:
    """Take the pictures of all labs of a built book; of pages not in it nothing changes."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    stills = known()
    for page, labs in wanted(site).items():
        stem = PurePosixPath(page).stem
        for old in [key for key in stills if key.rsplit("-", 1)[0] == stem]:
            (FOLDER / f"{old}.webp").unlink(missing_ok=True)
            del stills[old]
        tab = browser.new_page(
            viewport={"width": WIDTH, "height": 1600}, device_scale_factor=SHARPNESS
        )
        tab.goto((site / page).as_uri(), wait_until="load")
        for index, (key, shown) in enumerate(labs):
            stills[key] = {"parameters": shown, **_take_one(tab, index, FOLDER / f"{key}.webp")}
            yield FOLDER / f"{key}.webp"
        tab.close()
    text = json.dumps(stills, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    LIST.write_text(text, encoding="utf-8")


def _take_one(tab: Page, index: int, target: Path) -> dict[str, Any]:
    """The panels of one lab, and its own sentence about them."""
    found = tab.wait_for_function(
        "i => document.querySelectorAll('.ttl-lab[data-lab]')[i]", arg=index
    )
    root = found.as_element()
    assert root is not None
    root.evaluate(SETTLED)
    # What floats above the article would be in the picture.
    tab.add_style_tag(content=".bd-header, .bd-header-article, .skip-link { display: none; }")
    panels, words = (root.query_selector(part) for part in (".ttl-panels", ".ttl-summary"))
    assert panels is not None
    assert words is not None
    return {"words": words.inner_text(), "size": _save(panels, target)}


def _save(panels: ElementHandle, target: Path) -> list[int]:
    """The picture in as many colours, or else as sharp, as the largest file allows; its size."""
    image = Image.open(io.BytesIO(panels.screenshot())).convert("RGB")
    width, height = image.width // SHARPNESS, image.height // SHARPNESS
    for colours, sharpness in STEPS:
        reduced = image.resize((int(sharpness * width), int(sharpness * height)))
        reduced = reduced.quantize(colours, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        reduced.convert("RGB").save(target, lossless=True, quality=100, method=5)
        if target.stat().st_size <= LARGEST:
            break
    return [width, height]
