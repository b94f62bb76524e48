// What stands beside the picture: the inset, the bars, the strip chart, the status.

import { crop, featureMap, heatOverFace, pixelsOverFace, sized } from "./paint.js";

const SPAN_S = 20;
const STATUS_MS = 250; // between numbers while the picture moves: nobody reads quicker, and each lays out the page anew
const BAR_STEPS = 200; // of a bar's length, about a pixel each
const $ = (name) => document.querySelector(name);

export class Panel {
  constructor(about, choose, filters) {
    this.about = about;
    this.choose = choose;
    this.filters = filters;
    this.past = [];
    this.toldMs = 0;
    $("#figures").open = !matchMedia("(max-width: 36rem)").matches;
  }

  show(frame, reading, state, stats) {
    const face = reading.faces[reading.chosen];
    this.remember(frame, face);
    this.inset(frame, reading, face, state);
    this.bars(face, state, reading.covered);
    this.history(face, state);
    this.status(frame, reading, state, stats);
  }

  inset(frame, reading, face, state) {
    const shown = Boolean(face) && state.view !== "off";
    $("#inset").hidden = !shown;
    if (!shown) return;
    const canvas = $("#inset canvas"), grid = $("#insetmaps");
    canvas.classList.remove("cells");
    canvas.hidden = state.view === "maps" && Boolean(reading.maps);
    grid.hidden = !canvas.hidden;
    $("#insetfilter").hidden = true;
    const [title, note] = this[`${state.view}Inset`](canvas, grid, frame, reading, face, state);
    put($("#insettitle"), { textContent: title });
    put($("#insetnote"), { textContent: note });
  }

  gradcamInset(canvas, grid, { bitmap }, reading, face, state) {
    const { gradcam } = reading;
    heatOverFace(canvas, bitmap, face.square, gradcam && reading.arrays[gradcam.array], state.colour_map, state.opacity);
    if (!gradcam) return ["preparing", this.layerLine(state)];
    const pinned = state.target >= 0 ? " (pinned)" : "", rather = gradcam.against ? ` rather than ${gradcam.against}` : "";
    const score = this.score(gradcam.method, gradcam.layer);
    const title = `${this.methodTitle(gradcam.method)} • ${gradcam.target}${pinned}${rather} • face ${face.track}`;
    return [title, this.layerLine(state, gradcam.layer) + (score === undefined ? "" : ` • measured ${score.toFixed(2)}`)];
  }

  mapsInset(canvas, grid, { bitmap }, reading, face, state) {
    const { maps } = reading;
    if (!maps) {
      heatOverFace(canvas, bitmap, face.square, null, state.colour_map, state.opacity);
      return ["preparing", this.layerLine(state)];
    }
    fillMaps(grid, maps, reading.arrays[maps.array], (unit) => this.choose({ view: "map", unit }));
    return [`${maps.channels.length} ${state.sort ? "most active" : "first"} maps • face ${face.track}`, this.layerLine(state, maps.layer)];
  }

  mapInset(canvas, grid, { bitmap }, reading, face, state) {
    const { map, pixels } = reading;
    if (map && pixels) pixelsOverFace(canvas, bitmap, face.square, reading.arrays[pixels.array]);
    else if (map) featureMap(canvas, reading.arrays[map.array], map.signed, 0);
    else heatOverFace(canvas, bitmap, face.square, null, state.colour_map, state.opacity);
    if (map) this.filters.show($("#insetfilter"), map.layer, map.channels[0]);
    if (map && pixels) return [`map ${map.channels[0]} • ${this.ruleTitle(pixels.rule)} • face ${face.track}`, this.pixelsLine(state, map, pixels)];
    return [map ? `map ${map.channels[0]} • peak ${map.peak.toFixed(2)} • face ${face.track}` : "preparing", this.layerLine(state, map?.layer)];
  }

  cropInset(canvas, grid, frame, reading, face) {
    const pixels = reading.arrays[reading.crop.array];
    crop(canvas, pixels);
    return [`network input • face ${face.track}`, cropLine(pixels)];
  }

  // Where a part is covered, the bars are those of the covered face, and a mark stands at what the whole one says now.
  bars(face, state, covered) {
    const rows = $("#shares"), { labels, colours } = this.about, shares = covered?.probabilities ?? face?.probabilities;
    $("#bars").hidden = !face || !state.bars;
    if ($("#bars").hidden) return;
    if (!this.rows) rows.append(...(this.rows = labels.map((label, number) => new Bar(label, colours[number]))).map(({ row }) => row));
    const best = covered ? shares.indexOf(Math.max(...shares)) : face.class;
    shares.forEach((share, number) => this.rows[number].show(share, number === best, covered ? face.raw[number] : null));
    rows.classList.toggle("pale", !covered && face.label === "unreadable");
    put(rows, { ariaLabel: best < 0 ? face.label : `${labels[best]} ${percent(covered ? shares[best] : face.confidence)}` });
    $("#covered").hidden = !covered;
    if (covered) put($("#covered"), { textContent: this.coveredLine(face.raw, shares) });
  }

  coveredLine(whole, shares) {
    const said = (from) => from.indexOf(Math.max(...from)), before = said(whole), now = said(shares), { labels } = this.about;
    const change = `Covered: ${labels[before]} ${percent(shares[before])} in place of ${percent(whole[before])}`;
    return `${change}${now === before ? "" : `; now ${labels[now]} ${percent(shares[now])}`}. The marks stand at the whole face.`;
  }

  remember(frame, face) {
    if (this.past.length && frame.time_s < this.past.at(-1).time_s) this.past = [];
    if (face) this.past.push({ time_s: frame.time_s, track: face.track, shares: face.probabilities });
    while (this.past.length && frame.time_s - this.past[0].time_s > SPAN_S) this.past.shift();
  }

  history(face, state) {
    $("#history").hidden = !state.history || !face;
    if ($("#history").hidden) return;
    const canvas = $("#history canvas"), context = canvas.getContext("2d");
    sized(canvas, Math.round(canvas.clientWidth * devicePixelRatio), Math.round(canvas.clientHeight * devicePixelRatio));
    context.clearRect(0, 0, canvas.width, canvas.height);
    const moments = this.past.filter(({ track }) => track === face.track), now = this.past.at(-1).time_s;
    const told = moments.length > 1 ? `probabilities over the last ${SPAN_S} s` : "no history yet";
    put($("#history figcaption"), { textContent: `face ${face.track} • ${told}` });
    context.lineWidth = 1.5 * devicePixelRatio;
    this.about.colours.forEach((colour, number) => {
      context.strokeStyle = colour;
      context.beginPath();
      for (const { time_s, shares } of moments) {
        context.lineTo(canvas.width * (1 - (now - time_s) / SPAN_S), (canvas.height - 4) * (1 - shares[number]) + 2);
      }
      context.stroke();
    });
  }

  status(frame, reading, state, { gap_ms, delay_ms, dropped, name, place }) {
    $("#figures").hidden = !state.hud;
    if (!frame.still && performance.now() < this.toldMs + STATUS_MS) return;
    this.toldMs = performance.now();
    const { quality, numbers = {} } = reading.faces[reading.chosen] ?? {};
    const stages = Object.entries(reading.stages).map(([stage, seconds]) => `${stage} ${(1000 * seconds).toFixed(1)}`);
    const rows = {
      source: name,
      "frames/s": gap_ms ? (1000 / gap_ms).toFixed(1) : "–",
      "to screen": `${Math.round(delay_ms)} ms`,
      skipped: dropped,
      faces: reading.faces.length,
      quality: quality === undefined ? null : `${Math.round(100 * quality)} %`,
      ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, value?.toFixed(2) ?? null])),
      model: `${this.about.model} on ${this.about.provider}`,
      prior: state.prior === null ? null : `${state.prior} taken off`,
      [`ms in ${place}`]: stages.join(" · "),
    };
    const told = Object.entries(rows).filter(([, text]) => text !== null), cells = $("#status").children;
    if (cells.length !== 2 * told.length) $("#status").replaceChildren(...told.flatMap(() => [element("dt"), element("dd")]));
    told.flat().forEach((text, at) => put(cells[at], { textContent: `${text}` }));
  }

  ruleTitle(name) {
    return this.about.rules.find((rule) => rule.name === name)?.title ?? name;
  }

  pixelsLine(state, map, { silent }) {
    const layer = this.layerLine(state, map.layer);
    return silent ? `${layer} • silent here` : `${layer} • amber: brighter raises its answer; blue: it lowers it`;
  }

  // How faithful a method was measured to be at a layer, where that was measured.
  score(method, layer) {
    return this.about.scores.find(([name, where]) => name === method && where === layer)?.[2];
  }

  methodTitle(name) {
    return this.about.methods.find((method) => method.name === name)?.title ?? name;
  }

  // Heat may come from the input, which is no layer.
  layerLine(state, name = this.about.layers[state.layer]?.name ?? "") {
    const layer = this.about.layers.find((layer) => layer.name === name);
    return layer ? `${layer.name}  ${layer.size.join("×")}` : name;
  }

  clear() {
    this.past = [];
    this.toldMs = 0;
    for (const part of ["#inset", "#bars", "#history", "#figures"]) $(part).hidden = true;
  }
}

export function element(tag, text = "") {
  return Object.assign(document.createElement(tag), { textContent: text });
}

// Sets those properties of an element that change: setting one to what it is lays the page out anew all the same.
export function put(target, properties) {
  for (const [name, value] of Object.entries(properties)) if (target[name] !== value) target[name] = value;
}

const percent = (share) => `${Math.round(100 * share)} %`;

export function cropLine({ shape: [height, width, depth] }) {
  return `${width}×${height} ${depth ? "colour" : "gray"}`;
}

// A grid of feature maps under their channels' numbers; each is a button that enlarges it.
export function fillMaps(grid, maps, pixels, choose, chosen = -1) {
  while (grid.children.length > maps.channels.length) grid.lastChild.remove();
  maps.channels.forEach((channel, place) => {
    const cell = grid.children[place] ?? grid.appendChild(mapCell());
    featureMap(cell.firstChild, pixels, maps.signed, place);
    put(cell.lastChild, { textContent: `${channel}` });
    put(cell, { ariaLabel: `feature map ${channel}`, ariaPressed: String(channel === chosen) });
    cell.onclick = () => choose(channel);
  });
}

function mapCell() {
  const cell = document.createElement("button");
  cell.append(document.createElement("canvas"), element("span"));
  return cell;
}

// The row of a class: its name, its bar, its percentage, and the mark that tells what the whole face says.
class Bar {
  constructor(label, colour) {
    const [row, track] = [element("div"), element("div")];
    Object.assign(this, { row, bar: element("i"), mark: element("b"), number: element("span") });
    row.className = "bar";
    this.bar.style.background = colour;
    track.append(this.bar, this.mark);
    row.append(element("span", label), track, this.number);
  }

  show(share, isBest, whole) {
    this.row.classList.toggle("best", isBest);
    put(this.bar.style, { width: `${Math.round(BAR_STEPS * share) / (BAR_STEPS / 100)}%` });
    put(this.number, { textContent: `${Math.round(100 * share)}` });
    this.mark.hidden = whole === null;
    if (whole !== null) this.mark.style.left = `calc(${100 * whole}% - 1px)`;
  }
}
