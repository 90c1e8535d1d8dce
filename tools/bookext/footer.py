"""Version and licences at the foot of every page."""

from __future__ import annotations

from typing import Any

import ttlearn

FOOTER = """\
<p>ttlearn {version}. Text and figures:
<a rel="license" href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>.
Code: <a href="https://opensource.org/license/bsd-3-clause">BSD 3-Clause</a>.</p>"""


def setup(app: Any) -> None:
    """Fill the theme's footer once the configuration is known."""
    app.connect("config-inited", _fill_footer)


def _fill_footer(app: Any, config: Any) -> None:
    config.html_theme_options["extra_footer"] = FOOTER.format(version=ttlearn.__version__)
    config.html_theme_options["footer_content_items"] = ["extra-footer.html"]
