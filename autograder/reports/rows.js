// Sort a table by its columns and filter its rows; without it the table is whole, in the order of the ids.
"use strict";
const SHOWN = 200;  // rows that are laid out at once; the button shows the others
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  let rows = [...body.rows];
  const texts = new Map(rows.map((row) => [row, [...row.cells].map((cell) => cell.textContent.trim())]));
  const label = document.createElement("label");
  const field = document.createElement("input");
  const found = document.createElement("output");
  const all = document.createElement("button");
  let most = SHOWN;
  field.type = "search";
  all.type = "button";
  all.textContent = "Show all";
  label.append("Filter by name or id ", field);
  const tools = document.createElement("p");
  tools.className = "filter";
  tools.append(label, " ", found, " ", all);
  table.parentElement.before(tools);
  const show = (limit = most) => {
    const wanted = field.value.toLowerCase();
    let count = 0;
    for (const row of rows) {
      const text = texts.get(row);
      const fits = (text[0] + " " + text[1]).toLowerCase().includes(wanted);
      row.hidden = !fits || count >= limit;
      count += fits;
    }
    all.hidden = count <= most;
    found.textContent = Math.min(count, limit) + " of " + rows.length;
  };
  field.addEventListener("input", () => show());
  all.addEventListener("click", () => { most = Infinity; show(); });
  addEventListener("beforeprint", () => { most = Infinity; show(); });
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, k) => {
    if (!head.textContent.trim()) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const numbers = head.classList.contains("n");
      const down = head.getAttribute("aria-sort") === (numbers ? "descending" : "ascending") ? !numbers : numbers;
      heads.forEach((one) => one.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const number = (row) => { const value = parseFloat(texts.get(row)[k]); return isNaN(value) ? -Infinity : value; };
      const key = new Map(rows.map((row) => [row, numbers ? number(row) : texts.get(row)[k]]));
      const letters = new Intl.Collator(undefined, { numeric: true });
      const order = numbers ? (a, b) => (a === b ? 0 : a < b ? -1 : 1) : letters.compare;
      rows = rows.sort((a, b) => (down ? -1 : 1) * order(key.get(a), key.get(b)));
      body.replaceChildren();  // laid out once, not row by row
      show(SHOWN);
      body.append(...rows);
      if (most > SHOWN) requestAnimationFrame(() => setTimeout(show));  // the first rows are seen in their new order
    });
  });
  show();
}
