// The dashboard: crop, feature maps, pooling outputs, and the heat of every method side by side.

import { crop, featureMap, heatOverFace, pixelsOverFace } from "./paint.js";
import { cropLine, element, fillMaps, put } from "./panel.js";

const PARTS = { heat: "Heat", filter: "Filter", maps: "Maps", pooling: "Pooling" }; // of the dashboard; a phone shows one at a time
const $ = (name) => document.querySelector(name);

export class Inside {
  constructor(about, choose, panel, filters) {
    this.about = about;
    this.choose = choose;
    this.panel = panel;
    this.filters = filters;
    $("#parts").append(...Object.entries(PARTS).map(([part, words]) => {
      const button = Object.assign(element("button", words), { onclick: () => this.part(part) });
      button.dataset.part = part;
      return button;
    }));
    this.part("heat");
  }

  part(chosen) {
    $("#dashboard").dataset.part = chosen;
    for (const button of $("#parts").children) button.ariaPressed = String(button.dataset.part === chosen);
  }

  // A block a layer, from the picture on the left to the answer on the right.
  way(state) {
    const way = $("#way"), { layers } = this.about, most = Math.max(...layers.map(({ size }) => size[0]));
    if (!way.children.length) way.append(...layers.map((layer, number) => this.block(layer, number, most)));
    layers.forEach((_, number) => {
      const block = way.children[number], isLit = number === state.layer;
      if (isLit && block.ariaPressed !== "true") way.scrollLeft = block.offsetLeft - way.offsetLeft - (way.clientWidth - block.offsetWidth) / 2;
      put(block, { ariaPressed: String(isLit) });
    });
  }

  block({ name, kind, size: [height, width, channels] }, number, most) {
    const block = element("button"), box = element("i");
    block.title = `${name}: ${kind}, ${channels} maps of ${width}×${height}`;
    block.ariaLabel = block.title;
    block.dataset.kind = kind;
    Object.assign(box.style, { height: `${Math.max(8, (56 * height) / most)}px`, width: `${Math.round(4 + 2 * Math.sqrt(channels))}px` });
    block.append(box);
    block.onclick = () => this.choose({ layer: number });
    return block;
  }

  show(frame, reading, state) {
    this.way(state);
    const face = reading.faces[reading.chosen];
    $("#dashboard").classList.toggle("empty", !face);
    if (!face || !reading.crop) return;
    crop($("#crop"), reading.arrays[reading.crop.array]);
    put($("#cropnote"), { textContent: cropLine(reading.arrays[reading.crop.array]) });
    this.maps("layer", reading, state);
    this.maps("pool", reading, state);
    this.unit(frame, reading, face, state);
    this.heats(frame, reading, face, state);
  }

  maps(part, reading, state) {
    const maps = reading[part];
    if (!maps) return;
    const layer = this.about.layers.find(({ name }) => name === maps.layer);
    const [height, width, channels] = layer.size;
    const shown = channels > maps.channels.length ? `${maps.channels.length} ${state.sort ? "most active" : "first"} of ${channels}` : `all ${channels}`;
    put($(`#${part}name`), { textContent: `${layer.name} · ${part === "pool" ? "pooling output" : "feature maps"}` });
    put($(`#${part}note`), { textContent: `${shown} maps of ${width}×${height}, brightest = ${maps.peak.toPrecision(3)}` });
    const chosen = maps.layer === this.about.layers[state.layer]?.name ? state.unit : -1;
    fillMaps($(`#${part}maps`), maps, reading.arrays[maps.array], (unit) => this.pick(layer, unit), chosen);
  }

  // A map that is clicked is the one that is followed back to the pixels.
  pick(layer, unit) {
    this.choose({ layer: this.about.layers.indexOf(layer), unit });
    this.part("filter");
  }

  unit(frame, reading, face, state) {
    const { unit, unitpixels } = reading;
    $(".unit").hidden = !unit && !$("#unitnote").textContent;
    if (!unit) return;
    const canvas = $("#unitpixels"), number = unit.channels[0];
    put($("#unitname"), { textContent: `One filter · ${unit.layer}, map ${number}` });
    put($("#unitnote"), { textContent: `peak ${unit.peak.toFixed(2)}${unitpixels?.silent ? "; silent in this face" : ""}. Click another map, or press n and p.` });
    featureMap($("#unitmap"), reading.arrays[unit.array], unit.signed, 0);
    canvas.parentElement.hidden = !unitpixels;
    if (unitpixels) pixelsOverFace(canvas, frame.bitmap, face.square, reading.arrays[unitpixels.array]);
    put($("#unitrule"), { textContent: unitpixels ? `pixels that drive it: ${this.panel.ruleTitle(unitpixels.rule)}; amber: brighter raises its answer` : "" });
    this.filters.show($("#unitfilter"), unit.layer, number);
  }

  heats(frame, reading, face, state) {
    const { heats } = reading;
    if (!heats) return; // what was told last stays
    const grid = $("#heats");
    if (grid.children.length !== heats.length) grid.replaceChildren(...heats.map((_, number) => this.cell(number)));
    const told = reading[heats[0]], target = this.about.labels[told?.target] ?? "";
    const rather = told?.against ? ` rather than ${told.against}` : "", layer = this.about.layers[state.layer]?.name ?? "";
    const measured = this.about.scores.length ? " Numbers tell how faithful a method was measured to be." : "";
    const words = `What at ${layer} speaks for ${target}${rather}, each map divided by its own maximum.${measured}`;
    put($("#heatnote"), { textContent: told ? words : "" });
    heats.forEach((name, number) => {
      const cell = grid.children[number], heat = reading.arrays[reading[name].array];
      put(cell, { ariaPressed: String(number === state.method) });
      heatOverFace(cell.firstChild, frame.bitmap, face.square, heat, state.colour_map, state.opacity);
      const { name: method, title } = this.about.methods[number], score = this.score(method, layer);
      put(cell.children[1], { textContent: score === undefined ? title : `${title} ${score.toFixed(2)}` });
    });
  }

  // Some methods are taken at the input, whatever layer is looked at.
  score(method, layer) {
    return this.panel.score(method, layer) ?? this.panel.score(method, "input");
  }

  cell(method) {
    const cell = document.createElement("button");
    cell.append(document.createElement("canvas"), element("span"));
    cell.onclick = () => this.choose({ method });
    return cell;
  }
}
