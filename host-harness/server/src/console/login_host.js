// Says, while a login host is typed, which address will be used. The server reads it, as it does when the form is sent.
"use strict";

for (const field of document.querySelectorAll("input[data-login-host]")) {
  const told = document.getElementById(field.dataset.loginHost);
  let asked = 0;
  const ask = async () => {
    const typed = field.value.trim();
    const turn = (asked += 1);
    let answer = { words: "", is_warning: false };
    if (typed) {
      try {
        const response = await fetch("/console/connections/new/login-host?typed=" + encodeURIComponent(typed));
        if (response.ok) answer = await response.json();
      } catch {
        // Without an answer nothing is said: the form says it when it is sent.
      }
    }
    if (turn !== asked) return;
    told.textContent = answer.words;
    told.classList.toggle("odd", answer.is_warning);
  };
  let waiting;
  field.addEventListener("input", () => {
    const choice = document.getElementById("environment-my-domain");
    if (choice && field.value) choice.checked = true;
    clearTimeout(waiting);
    waiting = setTimeout(ask, 200);
  });
  if (field.value) ask();
}
