// Sort a table by its columns and filter its rows; without it the table is whole, in the order of the ids.
"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const cell = (row, k) => row.cells[k].textContent.trim();
  const label = document.createElement("label");
  const field = document.createElement("input");
  const found = document.createElement("output");
  label.append("Filter by name or id ", field);
  field.type = "search";
  label.className = "filter";
  const words = rows.map((row) => (cell(row, 0) + " " + cell(row, 1)).toLowerCase());
  field.addEventListener("input", () => {
    const wanted = field.value.toLowerCase();
    let count = 0;
    rows.forEach((row, k) => { row.hidden = !words[k].includes(wanted); count += !row.hidden; });
    found.textContent = wanted ? count + " of " + rows.length : "";
  });
  label.append(" ", found);
  table.parentElement.before(label);
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, k) => {
    if (!head.textContent.trim()) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const numbers = head.classList.contains("n");
      const up = head.getAttribute("aria-sort") === (numbers ? "descending" : "ascending") ? !numbers : numbers;
      heads.forEach((one) => one.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "descending" : "ascending");
      const keys = new Map(rows.map((row) => {
        const text = cell(row, k);
        return [row, numbers ? (text === "" || text === "\u2013" ? -Infinity : parseFloat(text)) : text];
      }));
      const letters = new Intl.Collator(undefined, { numeric: true });
      const order = numbers ? (a, b) => keys.get(a) - keys.get(b) : (a, b) => letters.compare(keys.get(a), keys.get(b));
      const sorted = [...rows].sort((a, b) => (up ? -order(a, b) : order(a, b)));
      const piece = document.createDocumentFragment();
      piece.append(...sorted);
      body.append(piece);
    });
  });
}
