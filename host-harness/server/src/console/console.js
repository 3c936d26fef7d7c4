// What the console's pages do better with script: copy buttons and uploads. Everything else works without.
"use strict";

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      button.textContent = "Selected: press Ctrl+C";
    }
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}

// On a phone what folds does so, unless it is in use.
for (const box of document.querySelectorAll("details.folds:not([data-in-use])")) {
  if (matchMedia("(max-width: 40rem)").matches) box.open = false;
}

const upload = document.getElementById("upload");
if (upload) {
  upload.hidden = false;
  upload.addEventListener("submit", async (event) => {
    event.preventDefault();
    const progress = document.getElementById("upload-progress");
    const error = document.getElementById("upload-error");
    const button = document.getElementById("upload-button");
    const file = document.getElementById("file").files[0];
    const fail = (words) => {
      progress.textContent = "";
      error.textContent = words;
      button.disabled = false;
    };
    error.textContent = "";
    if (!file) return fail("Choose a file first.");
    if (file.size > Number(upload.dataset.mostBytes)) {
      return fail(`Expected at most ${upload.dataset.mostBytes} bytes, got ${file.size}.`);
    }
    button.disabled = true;
    const began = Date.now();
    const tell = () => {
      const seconds = Math.round((Date.now() - began) / 1000);
      progress.textContent = `Uploading and verifying; this can take a minute. ${seconds} s`;
    };
    tell();
    const ticking = setInterval(tell, 5000);
    try {
      const name = document.getElementById("name").value.trim() || file.name;
      const response = await fetch("/console/components?name=" + encodeURIComponent(name), {
        method: "PUT",
        headers: { "content-type": "application/wasm", "x-csrf-token": document.getElementById("main").dataset.csrf },
        body: file,
      });
      const isJson = (response.headers.get("content-type") || "").includes("json");
      const answer = isJson ? await response.json() : {};
      if (answer.page) location.assign(answer.page);
      else fail(answer.detail || `The server refused the upload (status ${response.status}): load this page again.`);
    } catch {
      fail("The server did not answer: see whether the component is in the list, or try again.");
    } finally {
      clearInterval(ticking);
    }
  });
}
