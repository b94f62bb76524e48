// The state of the page and what keys and controls do to it. As `view/state.py`, `view/actions.py` and, for what a page
// may choose, the server's `client_state.py`; which key does what comes from their table.

import { network, reading, view, web } from "./tables.js";

const { NOTHING, PREDICTED, RULES, RUNNER_UP } = network.network;
const { NOBODY } = reading.session;
const { NEUTRAL } = reading.baseline;
const { PRIOR, REST } = view.actions;
const { COLOUR_MAPS, VIEWS } = view.state;
const { NEWS } = view.told;
const { CHOICES } = web.client_state;

// Each takes a state and what its row in the table gives it, and returns the next state.
export const ACTIONS = {
  ask: (state, { what }) => ({ ...state, asked: what }),
  step: (state, { name, choices }) => ({ ...state, [name]: nextOf(choices, state[name], 1) }),
  toggle: (state, { name }) => ({ ...state, [name]: !state[name] }),
  show: (state, { view: name }) => ({ ...state, view: state.view === name ? "off" : name }),
  cycle_view: (state, { views, step }) => ({ ...state, view: nextOf(views, state.view, step) }),
  step_layer: (state, { step }) => atLayer(state, state.layer + step),
  end_convolution: (state, { last }) => {
    const numbers = state.layers.flatMap(({ kind }, number) => (kind === "conv" ? [number] : []));
    return numbers.length ? atLayer(state, last ? numbers.at(-1) : numbers[0]) : state;
  },
  step_unit: (state, { step }) => {
    if (!state.layers.length) return state;
    if (!["maps", "map"].includes(state.view)) return { ...state, view: "map" };
    const order = orderOf(state), size = pageSize(state), first = state.page * size, last = Math.min(order.length, first + size) - 1;
    let place = Math.max(0, order.indexOf(state.unit));
    if (state.view === "maps" && !(state.cursor && first <= place && place <= last)) place = step > 0 ? first - step : last - step;
    place = around(place + step, order.length);
    return { ...state, unit: order[place], page: Math.floor(place / size), cursor: true };
  },
  step_page: (state, { step }) => {
    if (!state.layers.length) return state;
    const pages = Math.ceil(state.layers[state.layer].channels / pageSize(state));
    return { ...state, view: "maps", page: state.view === "maps" ? around(state.page + step, pages) : Math.min(state.page, pages - 1) };
  },
  step_order: (state) => (state.sort && !state.held ? { ...state, held: true } : { ...state, sort: !state.sort, held: false }),
  step_method: (state, { step }) => ({ ...heatShown(state), method: around(state.method + step, Math.max(1, state.methods.length)) }),
  more_heat: (state, { step }) => ({ ...state, opacity: Math.min(1, Math.max(0.1, Math.round((state.opacity + step) * 100) / 100)) }),
  step_colours: (state) => ({ ...state, colours: around(state.colours + 1, COLOUR_MAPS.length) }),
  pin: (state, { number }) => {
    if (number > state.labels.length) return { ...state, asked: "classes" };
    return { ...state, target: number ? number - 1 : PREDICTED };
  },
  step_face: (state, { step }) => {
    const shown = state.tracks.includes(state.face) ? state.face : state.subject;
    return state.tracks.length ? { ...state, face: nextOf(state.tracks, shown, step) } : state;
  },
  step_prior: (state) => ({ ...state, prior: state.priors.length ? nextOf(state.priors, state.prior, 1) : state.prior, asked: PRIOR }),
  toggle_rest: (state) => {
    const asked = { ...state, asked: REST }, track = state.subject;
    if (track === NOBODY || !state.labels.includes(NEUTRAL)) return asked;
    const others = state.at_rest.filter((one) => one !== track);
    return { ...asked, at_rest: state.at_rest.includes(track) ? others : [...others, track] };
  },
  step_rule: (state) => {
    const shown = state.view === "map" ? state.rule : "";
    return state.layers.length ? { ...state, view: "map", rule: nextOf(["", ...RULES], shown, 1) } : state;
  },
  step_contrast: (state) => {
    const others = [...state.labels.keys()].filter((number) => number !== state.target);
    return { ...heatShown(state), against: nextOf([NOTHING, RUNNER_UP, ...others], state.against, 1) };
  },
};

// The state after a key; a key without a row changes nothing.
export function press(state, key) {
  const row = view.keys[key];
  return row ? ACTIONS[row.action](state, row.given) : state;
}

// The state after the page's own controls; a choice that does not exist changes nothing.
export function choose(state, choices) {
  const possible = Object.entries(choices).filter(([name, value]) => CHOICES.includes(name) && isPossible(state, name, value));
  return { ...state, ...Object.fromEntries(possible) };
}

// The state for another source: no choice of a face holds for those in it, and nobody was seen yet.
export const forget = (state) => ({ ...state, at_rest: [], face: NOBODY, tracks: [], subject: NOBODY });

// The state as the page reads it, and the state that follows: what was asked is told once.
export function told(state) {
  const { labels, layers, methods, ...shown } = state, { asked } = state;
  return [{ ...shown, said: newsOf(state, asked), colour_map: COLOUR_MAPS[state.colours] }, { ...state, asked: "" }];
}

// What a state asks of the session.
export function wishOf(state) {
  const shown = VIEWS[state.view], heat = (shown.heat || state.heat) && state.methods.length > 0, rule = state.view === "map" ? state.rule : "";
  const nothing = !state.layers.length || !(heat || shown.maps);
  const request = nothing ? {} : {
    layer: state.layers[state.layer].name, maps: shown.maps, method: heat ? state.methods[state.method] : "",
    against: heat ? state.against : NOTHING, rule, unit: rule ? state.unit : NOTHING,
  };
  return { request, target: state.target, face: state.face, prior: state.prior, atRest: state.at_rest };
}

function newsOf(state, asked) {
  if (asked === PRIOR) return !state.priors.length ? NEWS["no prior"] : filled(NEWS[`prior ${state.prior}`] ?? NEWS.prior, state);
  if (asked !== REST) return "";
  if (!state.labels.includes(NEUTRAL)) return NEWS["no neutral"];
  if (state.subject === NOBODY) return NEWS["no face"];
  return filled(NEWS[state.at_rest.includes(state.subject) ? "rest" : "no rest"], state);
}

const filled = (words, { prior, subject }) => words.replace("{prior}", prior).replace("{face}", subject);

function isPossible(state, name, value) {
  if (name === "prior") return state.priors.includes(value);
  if (name === "rule") return ["", ...RULES].includes(value);
  if (name === "view") return value in VIEWS;
  if (typeof state[name] === "boolean") return typeof value === "boolean";
  if (name === "opacity") return 0.1 <= value && value <= 1;
  const [low, high] = {
    layer: [0, state.layers.length], method: [0, state.methods.length], target: [PREDICTED, state.labels.length],
    against: [RUNNER_UP, state.labels.length], unit: [0, state.layers[state.layer]?.channels ?? 1], face: [0, 2 ** 31],
    colours: [0, COLOUR_MAPS.length],
  }[name];
  return Number.isInteger(value) && low <= value && value < high;
}

// A choice some steps on, around the end; where the current is none of them, the first.
function nextOf(choices, current, step) {
  const at = choices.indexOf(current);
  return at < 0 ? choices[0] : choices[around(at + step, choices.length)];
}

const around = (number, count) => ((number % count) + count) % count;

function atLayer(state, wanted) {
  if (!state.layers.length) return state;
  const layer = Math.min(Math.max(wanted, 0), state.layers.length - 1);
  return { ...state, layer, unit: Math.min(state.unit, state.layers[layer].channels - 1), order: [], page: 0 };
}

const heatShown = (state) => ({ ...state, view: state.heat ? state.view : "gradcam" });

function orderOf(state) {
  const { channels } = state.layers[state.layer];
  return state.sort && state.order.length === channels ? state.order : [...Array(channels).keys()];
}

const pageSize = (state) => state.page_size || state.layers[state.layer].channels;
