/** Without Worker: the engines run on the page itself, in slices. Same interface as a Worker. */

/**
 * @param {string} source text of the worker
 * @returns {{onmessage: any, onerror: any, postMessage: (message: any) => void, terminate: () => void}}
 */
export function pageWorker(source) {
  let open = true;
  const outside = {
    /** @type {any} */ onmessage: null,
    onerror: null,
    postMessage: (/** @type {any} */ message) => {
      const data = structuredClone(message);
      setTimeout(() => open && inside.onmessage?.({ data }), 0);
    },
    terminate: () => {
      open = false;
      inside.onmessage = null;
    },
  };
  const inside = {
    /** @type {any} */ onmessage: null,
    postMessage: (/** @type {any} */ data) => {
      setTimeout(() => open && outside.onmessage?.({ data }), 0);
    },
  };
  // The worker's text speaks to `self` alone; here `self` is the object above.
  new Function("self", source)(inside);
  return outside;
}
