// Times in the browser's zone: those that are shown, with UTC where one points at them, and those that are filled in.
"use strict";

{
  const two = (number) => String(number).padStart(2, "0");
  const day = (time) => `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const minute = (time) => `${two(time.getHours())}:${two(time.getMinutes())}`;

  for (const shown of document.querySelectorAll("time[datetime], text[data-time]")) {
    const time = new Date(shown.getAttribute("datetime") || shown.dataset.time);
    if (isNaN(time)) continue;
    if (shown.localName === "time") shown.title = shown.textContent;
    shown.textContent = `${day(time)} ${minute(time)}:${two(time.getSeconds())}`;
  }

  const zone = document.getElementById("zone");
  const { timeZone: name } = Intl.DateTimeFormat().resolvedOptions();
  if (zone && name !== "UTC") {
    zone.textContent = `Times are in your time zone, ${name}. Point at one to see it in UTC.`;
  }

  // A form knows no zones: what is filled in is local, what is sent is UTC.
  for (const field of document.querySelectorAll("input[type=datetime-local]")) {
    const sent = document.createElement("input");
    sent.type = "hidden";
    sent.name = field.name;
    field.removeAttribute("name");
    field.after(sent);
    if (field.value) {
      const time = new Date(field.value + "Z");
      field.value = `${day(time)}T${minute(time)}`;
    }
    field.form.addEventListener("submit", () => {
      sent.value = field.value ? new Date(field.value).toISOString() : "";
    });
    const label = document.querySelector(`label[for="${field.id}"] .in-utc`);
    if (label) label.remove();
  }
}
