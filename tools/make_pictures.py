"""Take the README's pictures, the link preview and every lab's still from the built book.

    make pictures

The book must have been built. Pictures are committed: the README shows them where no book is built,
the book's pages show the labs' on paper and without script. After a change of one page:

    .venv/bin/python tools/build_book.py --only notebooks/01_the_picture
    .venv/bin/python tools/make_pictures.py --stills --site _build_only/01_the_picture/_build/html
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, FloatRect, Locator, Page, sync_playwright

import chromium
import lab_pictures

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build/html"
STATIC = ROOT / "book/_static"
LAB = ".widget-subarea:has(.ttl-plot)"
SETTLED = "async () => { await document.fonts.ready; await window.MathJax?.startup?.promise; }"
FINISHED = """() => !document.querySelector('.ttl-busy:not([hidden])')
  && !document.body.textContent.includes('training…')"""
FRAMES = 24
MARGIN = 6
MILLISECONDS_A_FRAME = 120


def main() -> int:
    """Stills of all labs; of the whole book also screenshot, animation and preview."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", type=Path, default=SITE, help="folder of a built book")
    parser.add_argument("--stills", action="store_true", help="only the labs of the pages in it")
    arguments = parser.parse_args()
    site = arguments.site.resolve()
    program = chromium.find()
    if program is None or not (site / "index.html").exists():
        print(chromium.MISSING if program is None else f"No book in {site}; run `make book` first")
        return 1
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for picture in lab_pictures.take(browser, site):
            tell(picture)
        for name, take in PICTURES.items() if not arguments.stills else ():
            take(browser, site, STATIC / name)
            tell(STATIC / name)
        browser.close()
    return 0


def tell(picture: Path) -> None:
    """One line about a file."""
    print(f"{picture.stat().st_size / 1000:6.0f} kB  {picture.relative_to(ROOT)}")


def open_page(browser: Browser, page: Path, width: int, height: int) -> Page:
    """A page of the book, its labs drawn."""
    tab = browser.new_page(viewport={"width": width, "height": height})
    tab.goto(page.as_uri(), wait_until="load")
    tab.locator(f"{LAB} .ttl-plot path").first.wait_for(state="attached")
    tab.evaluate(SETTLED)
    tab.wait_for_function(FINISHED)
    return tab


def screenshot(browser: Browser, site: Path, target: Path) -> None:
    """The plots of the first lesson's lab."""
    # So tall that nothing scrolls below the page's header.
    tab = open_page(browser, site / "notebooks/01_the_picture.html", 1280, 4000)
    panels = tab.locator(LAB).first.locator(".ttl-panel").all()
    tab.screenshot(path=target, clip=around(panels))
    tab.close()


def preview(browser: Browser, site: Path, target: Path) -> None:
    """The first screen, in the format that link previews have."""
    tab = open_page(browser, site / "book/intro.html", 1200, 630)
    tab.screenshot(path=target)
    tab.close()


def animation(browser: Browser, site: Path, target: Path) -> None:
    """The race, from the start to the end, by the slider of its time."""
    tab = open_page(browser, site / "book/intro.html", 900, 1200)
    lab = tab.locator(LAB).first
    scrub = lab.locator(".ttl-scrub")
    panels = lab.locator(".ttl-panel").all()[:3]
    frames: list[Image.Image] = []
    for index in range(FRAMES):
        scrub.evaluate(
            """(input, share) => {
              input.value = Number(input.min) + share * (input.max - input.min);
              input.dispatchEvent(new Event("input", { bubbles: true }));
            }""",
            index / (FRAMES - 1),
        )
        tab.evaluate("() => new Promise(requestAnimationFrame)")
        # The sentence above the panels may take another line: they are looked for in each frame.
        shot = Image.open(io.BytesIO(tab.screenshot(clip=around(panels)))).convert("RGB")
        frames.append(shot.resize(frames[0].size) if frames else shot)
    pauses = [MILLISECONDS_A_FRAME] * (FRAMES - 1) + [1500]
    frames[0].save(
        target, save_all=True, append_images=frames[1:], duration=pauses, loop=0, quality=80
    )
    tab.close()


def around(elements: list[Locator]) -> FloatRect:
    """The smallest rectangle around some elements, with a margin."""
    boxes = [box for element in elements if (box := element.bounding_box())]
    left, top = min(box["x"] for box in boxes), min(box["y"] for box in boxes)
    right = max(box["x"] + box["width"] for box in boxes)
    bottom = max(box["y"] + box["height"] for box in boxes)
    return {
        "x": left - MARGIN,
        "y": top - MARGIN,
        "width": right - left + 2 * MARGIN,
        "height": bottom - top + 2 * MARGIN,
    }


PICTURES = {"screenshot.png": screenshot, "preview.png": preview, "race.webp": animation}

if __name__ == "__main__":
    sys.exit(main())
