// What the playground does better with script: rows to add and remove, parameters as the query names them, pickers filled
// from the org, results without a new page, further rows of a sub-query in their place, tables that sort. Everything it
// says of an org goes into the page as text.
import { fieldsOf, isName, objectsOf } from "./described.js";
import { follow, parametersOf } from "./parameters.js";
import { withButtons } from "./rows.js";

const form = document.getElementById("playground-form");
const output = document.getElementById("playground-result");
const element = (id) => document.getElementById(id);

const queries = [...form.querySelectorAll("textarea[data-soql]")];
for (const query of queries.filter(parametersOf)) follow(query, parametersOf(query));
const named = queries.map(parametersOf);
for (const rows of form.querySelectorAll("[data-rows]")) if (!named.includes(rows)) withButtons(rows);

/* The menu of actions closes as menus do. */
const menu = document.querySelector(".action-menu");
menu.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape" || !menu.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
document.addEventListener("click", ({ target }) => {
  if (!menu.contains(target)) menu.open = false;
});

/* Another component may have other actions: the server makes their form, with what is typed kept. */
const showComponent = element("show-component");
if (showComponent) {
  showComponent.hidden = true;
  element("component").addEventListener("change", () => form.requestSubmit(showComponent));
}

/* Pickers */
const saves = form.dataset.effect === "writes";
const objectInputs = [...form.querySelectorAll("input[list=objects]")];
const status = element("playground-status");
function fill(list, entries) {
  list.replaceChildren(...entries.map(({ name, label }) => {
    const option = document.createElement("option");
    option.value = name;
    option.label = label && label !== name ? `${name} – ${label}` : name;
    return option;
  }));
}

function fieldEntries(fields) {
  return fields.flatMap((field) => {
    const entries = [{ name: field.name, label: `${field.label} (${field.type})` }];
    if (field.relationship_name && !saves) {
      entries.push({ name: `${field.relationship_name}.Name`, label: `Name of ${field.reference_to.join(" or ")}` });
    }
    return entries;
  });
}

async function fillObjects() {
  const connection = element("connection").value;
  fill(element("objects"), []);
  status.textContent = "";
  if (!connection) return;
  try {
    const { objects } = await objectsOf(connection);
    const shown = objects.filter((object) => (saves ? object.createable || object.updateable : object.queryable));
    fill(element("objects"), shown.sort((one, other) => one.name.localeCompare(other.name)));
    element("objects").dataset.filled = "true";
  } catch (error) {
    status.textContent = `The org's objects cannot be listed: ${error.message}.`;
  }
}

/* Of the object that was named last. */
let object = "";

async function fillFields() {
  const connection = element("connection").value;
  const asked = object;
  for (const id of ["object-fields", "external-fields"]) {
    fill(element(id), []);
    delete element(id).dataset.object;
  }
  if (!connection || !isName(asked)) return;
  try {
    const { fields } = await fieldsOf(connection, asked);
    if (object !== asked) return;
    const shown = saves ? fields.filter((field) => field.createable || field.updateable) : fields;
    fill(element("object-fields"), fieldEntries(shown));
    fill(element("external-fields"), fields.filter((field) => field.external_id || field.id_lookup));
    for (const id of ["object-fields", "external-fields"]) element(id).dataset.object = asked;
    status.textContent = "";
  } catch (error) {
    status.textContent = `The fields of ${asked} cannot be listed: ${error.message}.`;
  }
}

if (objectInputs.length > 0) {
  element("connection").addEventListener("change", () => { fillObjects(); fillFields(); });
  for (const input of objectInputs) {
    input.addEventListener("change", () => {
      object = input.value.trim();
      fillFields();
    });
    object ||= input.value.trim();
  }
  fillObjects();
  if (object) fillFields();
}

function addToNames(list, picked) {
  if (!picked) return;
  const names = list.value.split(/[,\n]/).map((name) => name.trim()).filter(Boolean);
  if (!names.includes(picked)) names.push(picked);
  list.value = names.join(", ");
}

for (const pickers of form.querySelectorAll(".pickers")) {
  const target = element(pickers.dataset.for);
  const field = pickers.querySelector(".pick-field");
  const insert = () => {
    addToNames(target, field.value.trim());
    field.value = "";
    field.focus();
  };
  pickers.hidden = false;
  pickers.querySelector(".insert").addEventListener("click", insert);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); insert(); }
  });
}

/* Running */
form.addEventListener("submit", async (event) => {
  if (showComponent && event.submitter === showComponent) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form));
  const submitter = event.submitter;
  if (submitter && submitter.name) body.set(submitter.name, submitter.value);
  const buttons = [element("run"), submitter].filter(Boolean);
  for (const button of buttons) button.disabled = true;
  status.textContent = "Running…";
  try {
    const response = await fetch(form.getAttribute("action"), { method: "POST", body });
    const answer = new DOMParser().parseFromString(await response.text(), "text/html");
    const result = answer.getElementById("playground-result");
    if (submitter && submitter.matches(".rest") && addRows(submitter, answer)) {
      status.textContent = "More rows are in the cell.";
    } else if (result) {
      output.replaceChildren(...result.childNodes);
      status.textContent = "";
      tellWrong();
      prepare();
      const section = element("result");
      if (section) section.focus();
    } else {
      const error = answer.getElementById("error");
      status.textContent = error ? error.textContent : "You are not logged in any more: load this page again.";
    }
  } catch {
    status.textContent = "The server did not answer: the log of executions says whether it was run.";
  } finally {
    for (const button of buttons) button.disabled = false;
    if (submitter && submitter.matches(".rest") && submitter.isConnected) submitter.focus();
  }
});
for (const hint of form.querySelectorAll(".with-script")) hint.hidden = false;
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.defaultPrevented) {
    event.preventDefault();
    form.requestSubmit(element("run"));
  }
});

/* What is wrong is marked where it was typed, as the server marks it in a new page. */
function tellWrong() {
  for (const marked of form.querySelectorAll("[aria-invalid]")) marked.removeAttribute("aria-invalid");
  for (const marked of form.querySelectorAll("fieldset.wrong")) marked.classList.remove("wrong");
  const error = element("form-error");
  const wrong = error && element(error.dataset.element);
  if (!wrong) return;
  if (wrong.matches("input, select, textarea")) wrong.setAttribute("aria-invalid", "true");
  else if (wrong.matches("fieldset")) wrong.classList.add("wrong");
  for (let around = wrong.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
  error.querySelector("a").addEventListener("click", () => wrong.focus());
}

/* More rows of a sub-query stand in its cell, below those that are there. False if the answer has none, or not all of them. */
function addRows(button, answer) {
  const table = answer.getElementById("result-table");
  if (!table || answer.getElementById("result-cut")) return false;
  const details = button.parentElement.querySelector(":scope > details");
  const { total } = button.dataset;
  const count = Number(button.dataset.count) + Number(answer.getElementById("result-count").dataset.count);
  table.removeAttribute("id");
  table.className = "children";
  const downloads = document.createElement("p");
  for (const id of ["download-json", "download-csv"]) {
    const link = answer.getElementById(id);
    link.removeAttribute("id");
    link.className = "";
    link.textContent = `${link.textContent} of these`;
    downloads.append(link, " ");
  }
  details.append(table, downloads);
  details.open = true;
  const next = answer.getElementById("next-page");
  const summary = details.querySelector("summary");
  if (next) {
    button.value = next.value;
    button.dataset.count = count;
    summary.textContent = total ? `${count} of ${total}` : `${count} so far`;
  } else {
    button.remove();
    summary.textContent = `${count} rows`;
    summary.focus();
  }
  return true;
}

/* Results */
function sortable(table) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    heading.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const ascending = heading.getAttribute("aria-sort") !== "ascending";
      for (const other of headings) other.setAttribute("aria-sort", "none");
      heading.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      const body = table.tBodies[0];
      const rows = [...body.rows].map((row) => ({ row, text: row.cells[column].textContent, number: row.cells[column].classList.contains("number") }));
      rows.sort((one, other) => {
        if (!one.text || !other.text) return (one.text ? 0 : 1) - (other.text ? 0 : 1);
        const order = one.number && other.number
          ? Number(one.text) - Number(other.text)
          : one.text.localeCompare(other.text, undefined, { numeric: true });
        return ascending ? order : -order;
      });
      body.append(...rows.map(({ row }) => row));
    });
  });
}

function prepare() {
  for (const table of output.querySelectorAll("table.records")) sortable(table);
  for (const button of output.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const source = element(button.dataset.copy);
      try {
        await navigator.clipboard.writeText(source.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(source);
        button.textContent = "Selected: press Ctrl+C";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
  }
}

/* A result that came with the page has its copy buttons from the console's own script. */
const fresh = output.querySelector("#result");
if (fresh) {
  for (const table of output.querySelectorAll("table.records")) sortable(table);
  fresh.focus();
}
