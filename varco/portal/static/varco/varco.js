// What improves a page when scripts run. No page needs it: buttons that only work here stay hidden without it.
"use strict";

// One place of the page says how copying went, for those who do not see the button.
const spoken = document.createElement("p");
spoken.setAttribute("role", "status");
spoken.className = "visually-hidden";
document.body.append(spoken);

async function copy(button) {
  const words = button.querySelector("span");
  if (button.dataset.before) return; // It says so at the moment.
  let copied = true;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    copied = false; // No permission: the value beside the button can still be selected.
  }
  button.dataset.before = words.textContent;
  words.textContent = spoken.textContent = copied ? button.dataset.copied : button.dataset.failed;
  button.classList.toggle("is-copied", copied);
  setTimeout(() => {
    words.textContent = button.dataset.before;
    delete button.dataset.before;
    spoken.textContent = "";
    button.classList.remove("is-copied");
  }, copied ? 2000 : 5000);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
  // A menu closes when something outside it is clicked.
  document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
});

// A form is sent once, however often its button is pressed; it can be sent again when the person comes back to the page.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.submitter?.formMethod === "dialog") { event.preventDefault(); return; } // Enter, where it decides nothing
  if (form.dataset.sent) { event.preventDefault(); return; }
  // By its attribute: a field called "method" would stand in the place of the form's own.
  if (form.getAttribute("method")?.toLowerCase() !== "post" || event.defaultPrevented) return;
  form.dataset.sent = "true";
  setTimeout(() => { delete form.dataset.sent; }, 8000);
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));

// What was typed and not sent outlives the change of language, which loads the page again. It stays in this tab, until then.
const TYPED = "varco-typed";
const fields = () => [...document.querySelectorAll("main form[method=post] :is(input, select, textarea), main textarea[form]")]
  .filter((field) => field.name && !["hidden", "password", "submit", "file"].includes(field.type));
const turned = (field) => field.type === "checkbox" || field.type === "radio";

function keepTyped() {
  const values = fields().map((field) => [field.name, turned(field) ? field.checked : field.value]);
  sessionStorage.setItem(TYPED, JSON.stringify({ at: location.pathname, values }));
}

function restoreTyped() {
  const kept = JSON.parse(sessionStorage.getItem(TYPED) || "null");
  sessionStorage.removeItem(TYPED);
  const shown = fields();
  // Another page, or the same one with other fields than before: then nothing fits.
  if (kept?.at !== location.pathname || kept.values.length !== shown.length) return;
  if (kept.values.some(([name], position) => name !== shown[position].name)) return;
  shown.forEach((field, position) => {
    const [, value] = kept.values[position];
    if (turned(field)) { if (!field.disabled) field.checked = value; } else { field.value = value; }
  });
}

document.addEventListener("submit", (event) => { if (event.target.hasAttribute("data-keep-typed")) keepTyped(); });

// What is typed as a password is shown while the person wants it, and hidden again when it is sent, so that no browser keeps it.
function showPassword(button, shown) {
  const pick = (name) => button.dataset[name].split("|")[shown ? 1 : 0];
  document.getElementById(button.dataset.showPassword).type = shown ? "text" : "password";
  button.textContent = pick("words");
  button.setAttribute("aria-label", pick("names"));
  button.nextElementSibling.textContent = pick("said");
}
const shownNow = (button) => document.getElementById(button.dataset.showPassword).type === "text";
const showing = (root) => root.querySelectorAll("[data-show-password]");
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-show-password]");
  if (button) showPassword(button, !shownNow(button));
  if (event.target.closest("[data-print]")) print();
});
document.addEventListener("submit", (event) => showing(event.target).forEach((button) => { if (shownNow(button)) showPassword(button, false); }));
document.querySelectorAll("[data-show-password][hidden], [data-print][hidden]").forEach((button) => { button.hidden = false; });

document.querySelectorAll("[data-copy][hidden]").forEach((button) => { button.hidden = false; });
document.querySelector("[data-focus]")?.focus();
restoreTyped();

// What is filled in is looked at by the form's own page, which says what is wrong and saves nothing (`then=look`).
let looking = new AbortController();

function showFault(field, fresh) {
  const fault = (where) => where.querySelector(".field__fault");
  const [old, found] = [fault(field), fault(fresh)];
  if (old?.textContent === found?.textContent) return;
  old?.remove();
  if (found) {
    const place = [...found.parentElement.children].indexOf(found);
    const parent = found.parentElement === fresh ? field : field.querySelector("fieldset");
    spoken.textContent = found.textContent;
    parent.insertBefore(found, parent.children[place] ?? null);
    field.closest("details")?.setAttribute("open", "");
  }
  field.className = fresh.className;
  const [here, there] = [field, fresh].map((where) => where.querySelector("[name], fieldset"));
  for (const name of ["aria-invalid", "aria-describedby"]) {
    if (there.hasAttribute(name)) here.setAttribute(name, there.getAttribute(name)); else here.removeAttribute(name);
  }
}

async function look(form) {
  looking.abort();
  looking = new AbortController();
  const body = new URLSearchParams(new FormData(form));
  body.set("then", "look");
  let page;
  try {
    const answer = await fetch(form.getAttribute("action") || location.href, { method: "POST", body, signal: looking.signal });
    if (answer.status !== 200 && answer.status !== 422) return;
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return; // Saving tells it all.
  }
  const pairs = (selector) => {
    const [here, there] = [document, page].map((where) => [...where.querySelectorAll(`main ${selector}`)]);
    return here.length === there.length ? here.map((element, position) => [element, there[position]]) : [];
  };
  const held = document.activeElement;
  const top = held.getBoundingClientRect().top;
  pairs(".field").forEach(([field, fresh]) => showFault(field, fresh));
  pairs("[data-looked]").forEach(([here, there]) => {
    // Nothing appears above the fields while somebody aims at one: what stands there already is only brought up to date.
    if (here.dataset.looked === "above" && !here.textContent.trim()) return;
    if (here.innerHTML !== there.innerHTML) here.replaceChildren(...there.childNodes);
  });
  // What is said above the field does not push it away from under whoever types in it.
  scrollBy({ top: held.getBoundingClientRect().top - top, behavior: "instant" });
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-look]");
  if (form) look(form);
});
let pause = 0; // Whoever pauses is told too, before they leave the field.
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-look]");
  clearTimeout(pause);
  if (form) pause = setTimeout(() => look(form), 800);
});
