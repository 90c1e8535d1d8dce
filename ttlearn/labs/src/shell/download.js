/** Files for the reader: the numbers as CSV, the picture as SVG or PNG. Nothing leaves the page. */

import { h } from "./dom.js";

const GAP = 16;

/** @param {string} name @param {Blob} blob */
export function save(name, blob) {
  const url = URL.createObjectURL(blob);
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/**
 * All panels of a lab as one free-standing SVG: styles and colours inside, placed as on the page.
 * @param {HTMLElement} root
 * @param {string} css
 * @param {string} sentence becomes the picture's description
 */
export function pictureOf(root, css, sentence) {
  const panels = [...root.querySelectorAll(".ttl-panel")];
  const origin = root.querySelector(".ttl-panels")?.getBoundingClientRect() ?? root.getBoundingClientRect();
  const style = getComputedStyle(root);
  let bottom = 0;
  const parts = panels.map((panel) => {
    const plot = panel.querySelector("svg.ttl-plot");
    if (!plot) return "";
    const box = plot.getBoundingClientRect();
    const left = box.left - origin.left + GAP;
    const top = box.top - origin.top + GAP;
    bottom = Math.max(bottom, top + box.height);
    const title = escape(panel.querySelector(".ttl-title")?.textContent ?? "");
    const copy = /** @type {Element} */ (plot.cloneNode(true));
    copy.querySelectorAll(".ttl-handle-reach").forEach((reach) => reach.remove());
    return `<g transform="translate(${left},${top})"><text class="ttl-title" x="4" y="-${GAP / 2}">${title}</text>${new XMLSerializer().serializeToString(copy)}</g>`;
  });
  const width = Math.ceil(origin.width + 2 * GAP);
  const height = Math.ceil(bottom + GAP);
  const colours = css.match(/--ttl-[a-z-]+(?=:)/g) ?? [];
  const values = [...new Set(colours)].map((name) => `${name}:${style.getPropertyValue(name).trim()}`).join(";");
  const rules = `svg{${values};font:13px system-ui,sans-serif;color:var(--ttl-ink)}${escape(css)}`;
  return {
    width,
    height,
    text: `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" class="ttl-lab" data-theme="${root.dataset.theme}" role="img"><desc>${escape(sentence)}</desc><style>${rules}</style><rect width="100%" height="100%" fill="${style.getPropertyValue("--ttl-page")}"/>${parts.join("")}</svg>`,
  };
}

/**
 * @param {{width: number, height: number, text: string}} picture
 * @returns {Promise<Blob>}
 */
export async function toPng({ width, height, text }) {
  const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    await new Promise((resolve, reject) => {
      image.onload = resolve;
      image.onerror = () => reject(new Error("the browser could not draw the picture"));
      image.src = url;
    });
    const canvas = h("canvas", { width: 2 * width, height: 2 * height });
    canvas.getContext("2d")?.drawImage(image, 0, 0, 2 * width, 2 * height);
    return await new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the browser could not write a PNG"))), "image/png"));
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** @param {string} text */
function escape(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

