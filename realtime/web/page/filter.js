// What a filter looks for and says about classes, from the model's atlas; a layer is fetched when it is first asked for.

import { sized } from "./paint.js";
import { element } from "./panel.js";

const SHOWN = 0.002; // shares below this are next to nothing
const FEW_PIXELS = 12; // a made-up input of no more a side is shown as squares, for smoothing would invent shapes

export class Filters {
  // arrived: is called when a layer that was asked for is there, since a picture that stands still is not drawn again.
  constructor(about, link, arrived) {
    Object.assign(this, { about, link, arrived });
    this.layers = new Map();
  }

  // Fills a place with the made-up input that excites a filter most, and bars for and against each class.
  show(place, layer, unit) {
    const known = this.about.atlas.includes(layer) && this.layer(layer);
    place.hidden = !known?.sheet;
    if (place.hidden) return;
    if (place.dataset.of === `${layer} ${unit}`) return; // it is asked for with every frame
    place.dataset.of = `${layer} ${unit}`;
    if (!place.children.length) place.append(figure(), element("div"));
    const { numbers, sheet } = known, [picture, bars] = place.children;
    picture.firstChild.classList.toggle("cells", numbers.tile <= FEW_PIXELS);
    sprite(picture.firstChild, sheet, numbers, unit);
    const found = numbers.excited[unit] > 0 ? "likes best, made up" : "no picture was found that wakes it";
    picture.lastChild.textContent = `${found}; a cell sees ${numbers.field}×${numbers.field} pixels`;
    bars.hidden = !numbers.shares;
    if (numbers.shares) this.shares(bars, numbers.shares[unit]);
  }

  layer(name) {
    if (!this.layers.has(name)) {
      this.layers.set(name, {});
      this.link.filters(name).then((known) => this.layers.set(name, known) && this.arrived(), () => this.layers.delete(name));
    }
    return this.layers.get(name);
  }

  // Bars to the right speak for a class, to the left against it; the longest fills its half.
  shares(bars, shares) {
    const most = Math.max(SHOWN, ...shares.map((share) => Math.abs(share ?? 0)));
    const rows = shares.map((share, number) => {
      const row = element("div"), track = element("div"), bar = element("i");
      row.className = "share";
      const long = (50 * Math.abs(share ?? 0)) / most;
      Object.assign(bar.style, { width: `${long}%`, left: `${share < 0 ? 50 - long : 50}%`, background: this.about.colours[number] });
      track.append(bar);
      row.append(element("span", this.about.labels[number]), track, element("span", share === null ? "–" : percent(share)));
      return row;
    });
    bars.replaceChildren(element("small", "its share of what the layer says, against ◂ ▸ for"), ...rows);
  }
}

function figure() {
  const made = element("figure");
  made.append(element("canvas"), element("figcaption"));
  return made;
}

function sprite(canvas, sheet, { tile, columns }, unit) {
  sized(canvas, tile, tile);
  const x = (unit % columns) * tile, y = Math.floor(unit / columns) * tile;
  canvas.getContext("2d").drawImage(sheet, x, y, tile, tile, 0, 0, tile, tile);
}

function percent(share) {
  return `${share < 0 ? "−" : "+"}${(100 * Math.abs(share)).toFixed(1)} %`;
}
