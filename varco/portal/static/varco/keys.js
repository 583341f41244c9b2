// Single keys of the review desk. They lead to things and press nothing; the page says which there are, and one switch turns them off.
"use strict";

const OFF = "varco-keys-off";
const box = document.querySelector("[data-keys-switch] input");
const typing = (element) => element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
const seen = (element) => element.checkVisibility ? element.checkVisibility() : element.offsetParent !== null;

function go(step) {
  const stops = [...document.querySelectorAll("[data-stop]")].filter(seen);
  const here = stops.findIndex((stop) => stop.contains(document.activeElement));
  const next = stops[Math.min(Math.max(here + step, 0), stops.length - 1)];
  if (next) next.focus();
}

function lead(key) {
  const target = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(seen);
  if (!target) return false;
  const part = target.hash && target.pathname === location.pathname ? document.querySelector(target.hash) : null;
  if (target.tagName === "SUMMARY") target.parentElement.open = true;
  if (target.tagName === "A" && !part) target.click();
  else (part || target).focus();
  return true;
}

if (box) {
  box.checked = !localStorage.getItem(OFF);
  box.addEventListener("change", () => box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "yes"));
  document.querySelectorAll("[data-keys-list], [data-keys-switch]").forEach((part) => { part.hidden = false; });
  document.addEventListener("keydown", (event) => {
    if (!box.checked || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target)) return;
    if (event.key === "j" || event.key === "k") go(event.key === "j" ? 1 : -1);
    else if (event.key === "/") document.querySelector("main [type=search], main [role=search] input")?.focus();
    else if (!lead(event.key)) return;
    event.preventDefault();
  });
}
