// The theme's Font Awesome would turn the icons inside widgets (Play) into SVG and so break them:
// it may only replace the icons that the page itself came with.
window.FontAwesomeConfig = { observeMutations: false };

// There is script: what stands behind a widget waits whether the widget comes to life.
document.documentElement.classList.add("tt-script");

// Names and values for assistive technology that ipywidgets, docutils and the theme leave out.
(() => {
  const PLAY_BUTTONS = {
    "fa-play": "Play",
    "fa-pause": "Pause",
    "fa-stop": "Stop",
    "fa-retweet": "Repeat",
  };

  const set = (element, attribute, value) => {
    if (value && element.getAttribute(attribute) !== value) element.setAttribute(attribute, value);
  };

  const each = (selector, action) => document.querySelectorAll(selector).forEach(action);

  const nameSlider = (widget) => {
    const label = widget.querySelector(".widget-label")?.textContent.trim() || "slider";
    const readout = widget.querySelector(".widget-readout")?.textContent.trim();
    const handles = widget.querySelectorAll("[role=slider]");
    handles.forEach((handle, index) => {
      const part = index ? "to" : "from";
      set(handle, "aria-label", handles.length > 1 ? `${label} ${part}` : label);
      // A logarithmic slider would read out its exponent.
      if (handles.length === 1) set(handle, "aria-valuetext", readout);
    });
  };

  const namePlayButton = (button) => {
    for (const [icon, name] of Object.entries(PLAY_BUTTONS))
      if (button.querySelector(`.${icon}`)) set(button, "aria-label", name);
  };

  const nameWidgets = () => {
    each(".widget-slider, .widget-hslider, .widget-vslider", nameSlider);
    each(".widget-play button", namePlayButton);
  };

  // The button has a name; a second one on each of its icons, which the theme replaces when it
  // pleases, would contradict it.
  const nameThemeButton = (button) => {
    button.querySelectorAll("title").forEach((title) => title.remove());
    button.querySelectorAll(".theme-switch").forEach((icon) => {
      icon.removeAttribute("title");
      set(icon, "aria-hidden", "true");
    });
  };

  const mendPage = () => {
    // Visible text must be part of a control's name.
    each(".search-button-field, details > summary[aria-label]", (element) => {
      if (element.textContent.trim()) element.removeAttribute("aria-label");
    });
    // An icon alone is no name.
    each(".bd-sidebar-primary details > summary", (element) => {
      const entry = element.closest("li")?.querySelector("a")?.textContent.trim();
      if (!element.textContent.trim()) set(element, "aria-label", `Pages below ${entry}`);
    });
    each(".theme-switch-button", (button) => {
      nameThemeButton(button);
      new MutationObserver(() => nameThemeButton(button)).observe(button, { childList: true });
    });
    each(".sidebar-primary-item:has(> a.navbar-brand)", (element) => {
      element.setAttribute("role", "navigation");
      element.setAttribute("aria-label", "Home");
    });
    // docutils gives each reference a role that ARIA has dropped, inside a list.
    each("[role=list] > [role=doc-biblioentry]", (entry) => entry.setAttribute("role", "listitem"));
  };

  // Wide formulas, tables and outputs scroll inside themselves: the keyboard must reach them.
  const reachScrollers = () => {
    const wide = "div.math, .bd-article pre, .bd-article .pst-scrollable-table-container, .cell_output > .output";
    each(wide, (element) => {
      if (element.scrollWidth > element.clientWidth + 1) {
        set(element, "tabindex", "0");
        if (!element.matches("pre") && !element.hasAttribute("role")) {
          set(element, "role", "group"); // not a landmark: a page has many of these
          set(element, "aria-label", element.matches("div.math") ? "Formula" : "Wide content");
        }
      }
    });
  };

  const start = () => {
    mendPage();
    const once = { due: false };
    const later = () => {
      if (once.due) return;
      once.due = true;
      requestAnimationFrame(() => {
        once.due = false;
        nameWidgets();
      });
    };
    new MutationObserver(later).observe(document.querySelector("main") ?? document.body, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
      attributeFilter: ["aria-valuenow", "class"],
    });
    later();
  };

  addEventListener("DOMContentLoaded", start);
  addEventListener("load", () => {
    reachScrollers();
    window.MathJax?.startup?.promise?.then(reachScrollers);
  });
})();
