// A filter above the claim ledger; without script the whole ledger is shown.
addEventListener("DOMContentLoaded", () => {
  const tables = [...document.querySelectorAll("table.tt-ledger")];
  if (!tables.length) return;

  const rows = tables.flatMap((table) => [...table.querySelectorAll("tbody tr")]);
  const label = document.createElement("label");
  const input = document.createElement("input");
  const count = document.createElement("output");
  label.className = "tt-filter";
  input.type = "search";
  input.placeholder = "saddle, recalled, D1 …";
  label.append("Show rows with ", input, count);

  const filter = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    count.textContent = ` ${shown} of ${rows.length}`;
  };

  input.addEventListener("input", filter);
  document.querySelector("section section")?.before(label);
  filter();
});
