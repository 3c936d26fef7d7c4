// Rows of fields that all have the same names: their numbers, and buttons to add and to remove one.

/** The lines of an element with `data-rows`. */
export const linesOf = (rows) => [...rows.querySelectorAll(".line")];

/** Empties a line. */
export function clear(line) {
  for (const input of line.querySelectorAll("input")) input.value = "";
  for (const select of line.querySelectorAll("select")) select.selectedIndex = 0;
}

/** Labels, ids and names of the lines go by where they stand. */
export function renumber(rows) {
  linesOf(rows).forEach((line, index) => {
    const number = index + 1;
    line.setAttribute("aria-label", line.getAttribute("aria-label").replace(/\d+$/, number));
    for (const input of line.querySelectorAll("input, select")) {
      const label = line.querySelector(`label[for="${input.id}"]`);
      input.id = `input.${input.name}-${number}`;
      label.htmlFor = input.id;
    }
    const remove = line.querySelector(".remove");
    remove.id = remove.id.replace(/\d+$/, number);
    remove.setAttribute("aria-label", remove.getAttribute("aria-label").replace(/\d+$/, number));
  });
}

/** One more line, empty, at the end. */
export function append(rows) {
  const line = linesOf(rows).at(-1).cloneNode(true);
  clear(line);
  rows.querySelector(".add").before(line);
  renumber(rows);
  return line;
}

/** Shows the buttons. */
export function withButtons(rows) {
  const add = rows.querySelector(".add");
  const show = () => {
    renumber(rows);
    for (const line of linesOf(rows)) line.querySelector(".remove").hidden = false;
  };
  add.hidden = false;
  add.addEventListener("click", () => append(rows).querySelector("input").focus());
  rows.addEventListener("click", (event) => {
    const remove = event.target.closest(".remove");
    if (!remove) return;
    const line = remove.closest(".line");
    if (linesOf(rows).length > 1) {
      line.remove();
      renumber(rows);
      add.focus();
    } else {
      clear(line);
      line.querySelector("input").focus();
    }
  });
  show();
}
