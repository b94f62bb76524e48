// The page's own controls show the state and change it; a line of words tells what just happened.

import { element } from "./panel.js";

const NOTICE_MS = 4000;
const NUMBERS = ["layer", "method", "target", "against"];
const SWITCHES = ["heat", "sort"];
const $ = (name) => document.querySelector(name);

// Fills the lists with what the model has, and tells what is chosen.
export function offerChoices(about, choose) {
  options("#layer", about.layers.map(({ name, kind }, number) => [number, `${name} · ${kind}`]));
  options("#method", about.methods.map(({ title }, number) => [number, title]));
  options("#target", [[-1, "the predicted one"], ...about.labels.map((label, number) => [number, label])]);
  options("#against", [[-1, "none: the class itself"], [-2, "the runner-up"], ...about.labels.map((label, number) => [number, label])]);
  $("#against").parentElement.hidden = !about.contrasts;
  options("#rule", [["", "the map itself"], ...about.rules.map(({ name, title }) => [name, title])]);
  $("#rule").parentElement.hidden = !about.followed.length;
  $("#rule").onchange = ({ target }) => choose({ rule: target.value, ...(target.value ? { view: "map" } : {}) });
  options("#view", about.views.map(({ name, help }) => [name, help]));
  for (const name of NUMBERS) $(`#${name}`).onchange = ({ target }) => choose({ [name]: Number(target.value) });
  $("#view").onchange = ({ target }) => choose({ view: target.value });
  options("#prior", about.priors.map((share) => [share, priorLine(share, about.default_prior)]));
  $("#prior").onchange = ({ target }) => choose({ prior: Number(target.value) });
  $("#prior").parentElement.hidden = !about.priors.length;
  $("#rest").parentElement.hidden = !about.labels.includes("neutral");
  for (const name of SWITCHES) $(`#${name}`).onchange = ({ target }) => choose({ [name]: target.checked });
  $("#strip").onchange = ({ target }) => choose({ history: target.checked });
  $("#opacity").oninput = ({ target }) => choose({ opacity: Number(target.value) });
}

export function fillControls(state) {
  for (const name of [...NUMBERS, "view", "rule"]) $(`#${name}`).value = state[name];
  for (const name of SWITCHES) $(`#${name}`).checked = state[name];
  $("#strip").checked = state.history;
  if (!$("#opacity").matches(":active")) $("#opacity").value = state.opacity;
  if (state.prior !== null) $("#prior").value = state.prior;
  if (state.help && !$("#help").open) $("#help").showModal();
  if (!state.help && $("#help").open) $("#help").close();
}

function priorLine(share, usual) {
  const means = share === usual ? "usual" : { 0: "as trained", 1: "all alike" }[share];
  return means ? `${share} · ${means}` : `${share}`;
}

function options(select, rows) {
  $(select).append(...rows.map(([value, text]) => Object.assign(element("option", text), { value })));
}

let silence = 0;

// What went wrong, and a button to go on.
export function offer(words, goOn) {
  say(words, true);
  $("#again").hidden = false;
  $("#again").onclick = () => {
    $("#again").hidden = true;
    goOn();
  };
}

export function say(words, stays = false) {
  clearTimeout(silence);
  $("#again").hidden = true;
  $("#notice").textContent = words;
  if (!stays) silence = setTimeout(() => ($("#notice").textContent = ""), NOTICE_MS);
}

// What could not be done stays to be read, until the user does something.
export function refuse(words) {
  say(words, true);
  const silent = () => $("#notice").textContent === words && say("");
  for (const act of ["keydown", "pointerdown"]) document.addEventListener(act, silent, { once: true, capture: true });
}
