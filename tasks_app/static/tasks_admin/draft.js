// While a task is being written: what its schedule would do, asked of the server a moment after each change.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const panel = document.getElementById("ordinaut-draft");
  const form = document.getElementById("task_form");
  if (!panel || !form) return;

  const PAUSE = 400; // ms without a change before it is asked
  const LARGE = new Set(["payload", "description"]); // say nothing about when
  const answer = panel.querySelector("[data-answer]");
  let asked = written().toString();
  let timer = null;
  let underWay = null;

  function written() {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && !LARGE.has(name)) fields.append(name, value);
    }
    return fields;
  }

  // The calendar's buttons change a field without an event of their own, hence so many kinds.
  function look() {
    const fields = written();
    if (fields.toString() === asked) return;
    asked = fields.toString();
    clearTimeout(timer);
    timer = setTimeout(() => ask(fields), PAUSE);
  }

  async function ask(fields) {
    if (underWay) underWay.abort();
    underWay = new AbortController();
    panel.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(panel.dataset.url, {
        method: "POST",
        body: fields, // with the form's csrfmiddlewaretoken
        credentials: "same-origin",
        redirect: "error", // to the login page
        signal: underWay.signal,
      });
      if (!response.ok) throw new Error(`${response.status}`);
      answer.innerHTML = await response.text(); // made by a template, which escapes
    } catch (error) {
      if (error.name === "AbortError") return;
      answer.textContent = "The preview does not answer now: reload the page, or try again in a moment.";
    }
    panel.removeAttribute("aria-busy");
  }

  for (const kind of ["input", "change", "click", "focusin"]) document.addEventListener(kind, look);
});
