"""A page that holds labs and nothing else, so that a lab's tests need no built book.

The model has the manners of a widget in a built page: state, events, and nobody who answers.
"""

from __future__ import annotations

import base64
import json
import pathlib

_PAGE = """<!doctype html><html lang="en" data-theme="THEME"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Labs</title>
<style>body { margin: 12px; max-width: 900px; margin-inline: auto; background: #fff } html[data-theme="dark"] body { background: #121212; color: #eee }</style>
<script type="application/vnd.jupyter.widget-state+json">{}</script></head>
<body><main><h1>Labs</h1><h2>Below</h2>MOUNTS</main><script type="module">
const specs = SPECS;
class Model {
  constructor(state, answer) { this.state = state; this.listeners = []; this.saved = []; this.sent = []; this.answer = answer; }
  get(name) { return this.state[name]; }
  set(name, value) { if (this.state[name] === value) return; this.state[name] = value; this.fire(`change:${name}`); }
  save_changes() { this.saved.push(structuredClone(this.state)); }
  on(event, callback) { this.listeners.push([event, callback]); }
  off(event, callback) { this.listeners = this.listeners.filter(([e, c]) => e !== event || c !== callback); }
  send(message) { this.sent.push(message); }
  fire(event, ...args) { for (const [e, c] of [...this.listeners]) if (e === event) c(...args); }
}
window.models = []; window.cleanups = []; window.workers = 0;
const NativeWorker = window.Worker;
if (NativeWorker) window.Worker = class extends NativeWorker {
  constructor(...args) { super(...args); window.workers += 1; }
  terminate() { super.terminate(); window.workers -= 1; }
};
for (const [i, { state, esm, bank }] of specs.entries()) {
  const bytes = Uint8Array.from(atob(bank), (c) => c.charCodeAt(0));
  const model = new Model({ ...state, _bank: new DataView(bytes.buffer) });
  const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  URL.revokeObjectURL(url);
  window.models.push(model);
  window.cleanups.push(await widget.render({ model, el: document.querySelectorAll(".mount")[i] }));
}
window.mounted = true;
</script></body></html>"""


def write_page(path: pathlib.Path, labs: list, theme: str = "light") -> str:
    """Write a page with these labs; its file:// address."""
    specs = []
    for lab in labs:
        state = lab.get_state()
        esm, bank = state.pop("_esm"), bytes(state.pop("_bank", b""))
        plain = {k: v for k, v in state.items() if k not in {"layout", "tabbable", "tooltip"}}
        specs.append({"state": plain, "esm": esm, "bank": base64.b64encode(bank).decode()})
    text = json.dumps(specs).replace("</", "<\\/")
    mounts = '<div class="mount"></div>' * len(labs)
    page = _PAGE.replace("THEME", theme).replace("MOUNTS", mounts).replace("SPECS", text)
    path.write_text(page, encoding="utf-8")
    return path.as_uri()
