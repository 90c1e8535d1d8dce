/** Light or dark: as the page around the lab says, else as the system says. */

/** @returns {"light" | "dark"} */
export function currentTheme() {
  const page = document.documentElement;
  const named = page.dataset.theme ?? page.getAttribute("theme");
  if (named === "light" || named === "dark") return named;
  const lab = document.body?.dataset.jpThemeLight;
  if (lab) return lab === "true" ? "light" : "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/**
 * Keep `root.dataset.theme` in line with the page until `signal` aborts.
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 */
export function followTheme(root, signal) {
  const update = () => {
    const theme = currentTheme();
    if (root.dataset.theme !== theme) root.dataset.theme = theme;
  };
  const observer = new MutationObserver(update);
  const options = { attributes: true, attributeFilter: ["data-theme", "theme", "data-jp-theme-light"] };
  observer.observe(document.documentElement, options);
  if (document.body) observer.observe(document.body, options);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", update, { signal });
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
  update();
}

export function reducedMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** A page that was built from a notebook: the widget's state lies in it, and no kernel will ever answer. */
export function isStaticPage() {
  return document.querySelector('script[type="application/vnd.jupyter.widget-state+json"]') !== null;
}

/** @param {Element} element @param {() => void} act @param {AbortSignal} signal */
export function onResize(element, act, signal) {
  const observer = new ResizeObserver(act);
  observer.observe(element);
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
}

/** Told when an element comes near the screen and when it leaves. @param {Element} element @param {(near: boolean) => void} act @param {AbortSignal} signal */
export function onSight(element, act, signal) {
  const observer = new IntersectionObserver((entries) => act(entries[entries.length - 1].isIntersecting), { rootMargin: "300px" });
  observer.observe(element);
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
}
