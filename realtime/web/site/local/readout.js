// What the page is told about a frame: facts, and bytes for it to draw. As the server's `readout.py`, which says how values
// become bytes.

import { clip, descending, percentile } from "./numbers.js";
import { shifted } from "./offset.js";
import { draw, web } from "./tables.js";

const { MOST_MAPS } = web.readout;
const { FULL_COLOUR } = draw.backprojection;
const rounded = (value, digits) => Number(value.toFixed(digits));

export class Readout {
  arrays = [];

  constructor(facts) {
    this.facts = facts;
  }

  faces(shown, labels, withHeat) {
    this.facts.faces = shown.map((one) => ({
      track: one.face.track,
      box: one.face.box.map((edge) => rounded(edge, 1)),
      square: one.square.map((value, at) => rounded(value, at < 4 ? 1 : 4)),
      label: one.label,
      class: labels.indexOf(one.label),
      confidence: one.confidence,
      probabilities: Array.from(one.probabilities),
      raw: Array.from(one.raw),
      score: one.face.score,
      ...(one.own ? { plain: shifted(Array.from(one.raw), one.own.map((value) => -value)) } : {}),
      ...(one.quality === undefined ? {} : { quality: one.quality }),
      ...(one.atRest === undefined ? {} : { at_rest: one.atRest }),
      ...(withHeat && one.why?.heat ? { heat: this.add(one.why.heat.shape, bytes(one.why.heat.data)) } : {}),
    }));
  }

  heat(name, heat, facts) {
    if (heat) this.facts[name] = { ...facts, array: this.add(heat.shape, bytes(heat.data)) };
  }

  crop(name, { width, height, depth, values }) {
    this.facts[name] = { array: this.add(depth === 1 ? [height, width] : [height, width, depth], Uint8Array.from(values)) };
  }

  // The first or the most active maps of a layer, on one scale.
  maps(name, maps, sort, facts) {
    if (maps) this.put(name, maps, order(maps, sort).slice(0, MOST_MAPS), scale(maps.data), facts);
  }

  // One feature map, on its own scale.
  oneMap(name, maps, unit, facts) {
    if (!maps) return;
    const number = Math.min(unit, maps.shape[2] - 1);
    this.put(name, maps, [number], scale(maps.data.filter((_, at) => at % maps.shape[2] === number)), facts);
  }

  // What in the network's input drives a channel, signed, over all its channels; 128 is zero.
  pixels(name, pixels, facts) {
    if (!pixels) return;
    const [height, width, depth] = pixels.shape, sums = new Float64Array(height * width);
    for (let at = 0; at < pixels.data.length; at += 1) sums[Math.floor(at / depth)] += pixels.data[at];
    const sizes = sums.map(Math.abs).sort(), peak = percentile(sizes, 100 * FULL_COLOUR) || sizes.at(-1) || 1;
    const array = this.add([height, width], Uint8Array.from(sums, (value) => 128 + 127 * clip(value / peak, -1, 1)));
    this.facts[name] = { ...facts, array, silent: sizes.at(-1) === 0 };
  }

  put(name, { shape: [height, width, all], data }, channels, [peak, signed], facts) {
    const values = new Uint8Array(channels.length * height * width);
    let to = 0;
    for (const channel of channels) {
      for (let at = channel; at < data.length; at += all) {
        const share = data[at] / (peak || 1);
        values[to++] = signed ? 128 + 127 * share : 255 * share + 0.5;
      }
    }
    this.facts[name] = { ...facts, array: this.add([channels.length, height, width], values), channels, peak, signed };
  }

  add(shape, values) {
    return this.arrays.push({ shape, values }) - 1;
  }
}

const bytes = (heat) => Uint8Array.from(heat, (value) => clip(value, 0, 1) * 255 + 0.5);

// The largest absolute value, and whether there are negative ones at all.
function scale(data) {
  let low = 0, high = 0;
  for (const value of data) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [Math.max(high, -low), low < 0];
}

// Channels by mean positive answer, or by number.
function order({ shape: [, , channels], data }, sort) {
  const activity = new Float64Array(channels);
  if (sort) for (let at = 0; at < data.length; at += 1) activity[at % channels] += Math.max(data[at], 0);
  return descending(activity);
}
