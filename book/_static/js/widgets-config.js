// Loaded after require.js and before embed-amd.js. Paths are relative to this file, so they hold at
// any page depth, under any base URL and from file://.
(() => {
  const here = document.currentScript.src;
  const vendor = (/** @type {string} */ path) => new URL(`../vendor/${path}`, here).href;
  requirejs.config({
    paths: {
      anywidget: vendor("anywidget"), // else it is looked for on a CDN
      // Both names take the folder of their own address as the home of their Font Awesome fonts.
      "@jupyter-widgets/html-manager": vendor("fonts/html-manager"),
      "@jupyter-widgets/html-manager/dist/libembed-amd": vendor("fonts/libembed-amd"),
    },
  });
  // Labels of ipywidgets call the interface of MathJax 2; the page has MathJax 3.
  addEventListener("load", () => {
    const mathjax = window.MathJax;
    if (!mathjax || mathjax.Hub) return;
    const typeset = (/** @type {Element} */ element) =>
      mathjax.startup?.promise?.then(() => mathjax.typesetPromise([element]));
    mathjax.Hub = { Queue: (...calls) => calls.forEach(([, , element]) => typeset(element)) };
  });
})();
