"use strict";
const list = document.getElementById("students");
if (list) {
  const rows = [...list.children];
  const filter = document.getElementById("filter");
  const sort = document.getElementById("sort");
  const shown = document.getElementById("shown");
  const show = () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const row of rows) {
      row.hidden = !row.querySelector("h3").textContent.toLowerCase().includes(wanted);
    }
    const count = rows.filter((row) => !row.hidden).length;
    shown.textContent = wanted ? `${count} of ${rows.length} shown` : "";
  };
  const order = () => {
    const sign = { name: 0, up: 1, down: -1 }[sort.value];
    const key = (row) => sign * Number(row.dataset.points);
    rows.sort((a, b) => key(a) - key(b) || a.dataset.order - b.dataset.order);
    list.append(...rows);
  };
  filter.addEventListener("input", show);
  sort.addEventListener("change", order);
  const setOpen = (open) => rows.forEach((row) => { row.open = open && !row.hidden; });
  document.getElementById("open").addEventListener("click", () => setOpen(true));
  document.getElementById("close").addEventListener("click", () => setOpen(false));
  document.getElementById("tools").hidden = false;
  // a link to a submission opens it, also if the filter hides it or if it was the last one clicked
  const reveal = (hash) => {
    const row = rows.find((other) => `#${other.id}` === hash);
    if (row) {
      row.hidden = false;
      row.open = true;
    }
  };
  document.addEventListener("click", (event) => reveal(event.target.closest("a")?.hash));
  // a reload restores the fields in some browsers
  show();
  order();
  reveal(location.hash);
}
