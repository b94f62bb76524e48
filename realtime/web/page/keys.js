// The window's own keys: the page only names them, whoever it talks to knows what they mean.

import { element } from "./panel.js";

const NAMES = { " ": "space", ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down", Escape: "escape",
  PageUp: "pageup", PageDown: "pagedown", Home: "home", End: "end" };
const BROWSERS_OWN = new Set(["tab", "f5", "f6", "f11"]);
// The keys that a control needs for itself; all others keep their meaning while it has the focus.
const BUTTONS = [" ", "Enter"], LISTS = [...BUTTONS, "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"];
const CONTROLS = { submit: BUTTONS, button: BUTTONS, checkbox: [" "], "select-one": LISTS };
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

export function fillHelp(about, table) {
  const groups = [...about.help, ["This page", PAGE_ONLY]];
  table.replaceChildren(...groups.map(([title, rows]) => {
    const group = element("section");
    group.append(element("h2", title), ...rows.map(([key, words]) => {
      const row = element("div");
      row.append(element("kbd", key), element("span", words));
      return row;
    }));
    return group;
  }));
}
