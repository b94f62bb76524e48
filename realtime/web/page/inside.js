// The dashboard: crop, feature maps, pooling outputs, and the heat of every method side by side.

import { crop, heatOverFace } from "./paint.js";
import { cropLine, element, fillMaps } from "./panel.js";

const $ = (name) => document.querySelector(name);

export class Inside {
  constructor(about, choose) {
    this.about = about;
    this.choose = choose;
  }

  show(frame, reading, state) {
    const face = reading.faces[reading.chosen];
    $("#dashboard").classList.toggle("empty", !face);
    if (!face || !reading.crop) return;
    crop($("#crop"), reading.arrays[reading.crop.array]);
    $("#cropnote").textContent = cropLine(reading.arrays[reading.crop.array]);
    this.maps("layer", reading, state);
    this.maps("pool", reading, state);
    this.heats(frame, reading, face, state);
  }

  maps(part, reading, state) {
    const maps = reading[part];
    if (!maps) return;
    const layer = this.about.layers.find(({ name }) => name === maps.layer);
    const [height, width, channels] = layer.size;
    const shown = channels > maps.channels.length ? `${maps.channels.length} ${state.sort ? "most active" : "first"} of ${channels}` : `all ${channels}`;
    $(`#${part}name`).textContent = `${layer.name} · ${part === "pool" ? "pooling output" : "feature maps"}`;
    $(`#${part}note`).textContent = `${shown} maps of ${width}×${height}, brightest = ${maps.peak.toPrecision(3)}`;
    fillMaps($(`#${part}maps`), maps, reading.arrays[maps.array], (unit) => this.enlarge(layer, unit));
  }

  enlarge(layer, unit) {
    this.choose({ layer: this.about.layers.indexOf(layer), view: "map", unit });
    document.querySelector("#watch").click();
  }

  heats(frame, reading, face, state) {
    const heats = reading.heats ?? [];
    const grid = $("#heats");
    grid.style.setProperty("--methods", Math.max(4, heats.length));
    if (grid.children.length !== heats.length) grid.replaceChildren(...heats.map((_, number) => this.cell(number)));
    const target = this.about.labels[reading[heats.find(Boolean)]?.target] ?? "";
    $("#heatnote").textContent = `what at ${this.about.layers[state.layer]?.name ?? ""} speaks for ${target}; each map divided by its own maximum`;
    heats.forEach((name, number) => {
      const cell = grid.children[number], heat = name && reading.arrays[reading[name].array];
      cell.ariaPressed = String(number === state.method);
      heatOverFace(cell.firstChild, frame.bitmap, face.square, heat || null, state.colour_map, state.opacity);
      cell.children[1].textContent = this.about.methods[number].title;
      cell.lastChild.textContent = heat ? "" : "slow: pause to see";
    });
  }

  cell(method) {
    const cell = document.createElement("button");
    cell.append(document.createElement("canvas"), element("span"), element("small"));
    cell.onclick = () => this.choose({ method });
    return cell;
  }
}
