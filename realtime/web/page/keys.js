// The window's own keys: the page only names them, whoever it talks to knows what they mean.

import { element } from "./panel.js";

const NAMES = { " ": "space", ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down", Escape: "escape",
  PageUp: "pageup", PageDown: "pagedown", Home: "home", End: "end" };
const NOT_TAPPED = new Set(["tab", "enter"]); // they mean something else on a page
const BROWSERS_OWN = new Set(["tab", "f5", "f6", "f11"]);
// The keys that a control needs for itself; all others keep their meaning while it has the focus.
const BUTTONS = [" ", "Enter"], LISTS = [...BUTTONS, "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"];
const CONTROLS = { submit: BUTTONS, button: BUTTONS, checkbox: [" "], "select-one": LISTS };
const LONG_MS = 600, NEAR = 12; // how long a finger stays, and within how many pixels
const PAGE_ONLY = [["Enter", "inside the network and back"], ["Tab", "from face to face, then to the controls"]];

export function listen(about, press, toggleMode) {
  const known = new Set(about.keys.filter((key) => !BROWSERS_OWN.has(key)));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]") && !"h?".includes(event.key)) return;
    if (CONTROLS[event.target.type]?.includes(event.key)) return;
    if (event.key === "Enter") return toggleMode();
    const key = NAMES[event.key] ?? event.key.toLowerCase();
    if (!known.has(key)) return;
    event.preventDefault();
    press(key);
  });
}

// A finger that stays on an element: what a key opens, where there are none.
export function onLongPress(place, act) {
  let timer = 0, from = null;
  const stop = () => clearTimeout(timer);
  place.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse") return;
    from = event;
    timer = setTimeout(act, LONG_MS);
  });
  place.addEventListener("pointermove", ({ clientX, clientY }) => from && Math.hypot(clientX - from.clientX, clientY - from.clientY) > NEAR && stop());
  for (const end of ["pointerup", "pointercancel"]) place.addEventListener(end, stop);
  place.addEventListener("contextmenu", (event) => from && event.preventDefault());
}

// press: what a row does when it is tapped.
export function fillHelp(about, table, press) {
  const groups = [...about.help, ["This page", PAGE_ONLY]];
  table.replaceChildren(...groups.map(([title, rows]) => {
    const group = element("section");
    group.append(element("h2", title), ...rows.map(([key, words]) => {
      const name = key.split(" ")[0].toLowerCase(), canTap = about.keys.includes(name) && !NOT_TAPPED.has(name);
      const row = element(canTap ? "button" : "div");
      if (canTap) row.onclick = () => press(name);
      row.append(element("kbd", key), element("span", words));
      return row;
    }));
    return group;
  }));
}
