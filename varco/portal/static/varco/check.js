// What is unwise in a registration is said while it is typed; nothing is saved. Without scripts the summary says the same.
"use strict";

const PAUSE = 700; // milliseconds without a change before the server is asked
for (const form of document.querySelectorAll("form[data-check]")) {
  const place = form.querySelector("[data-found]");
  let waiting = 0;
  let asked = 0;
  let last = "";

  async function look() {
    const turn = ++asked;
    let answer;
    try {
      answer = await fetch(form.dataset.check, { method: "POST", body: new FormData(form), credentials: "same-origin", redirect: "error" });
    } catch {
      return; // No network: what was found before still stands.
    }
    if (!answer.ok || turn !== asked) return;
    const found = await answer.text();
    if (turn !== asked || found === last) return; // What is the same is not read out again.
    last = found;
    place.querySelector("[data-findings]").innerHTML = found;
    place.hidden = !place.querySelector("li");
  }

  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(look, PAUSE); });
}
