// A crop's own darkest and brightest pixels become 0 and 255. As `reading/stretch.py`, where the formula stands.

import { percentile } from "./numbers.js";
import { reading } from "./tables.js";

const { FLOOR, WHITE } = reading.stretch;

export function stretched(values, bounds) {
  if (!bounds) return values;
  const sorted = sortedBytes(values), [low, high] = bounds.map((share) => percentile(sorted, share));
  const gain = WHITE / Math.max(high - low, FLOOR), offset = WHITE / 2 - ((low + high) / 2) * gain;
  const levels = Float32Array.from({ length: 256 }, (_, value) => Math.min(Math.max(value * gain + offset, 0), WHITE)), made = new Float32Array(values.length);
  for (let at = 0; at < made.length; at += 1) made[at] = levels[values[at]];
  return made;
}

// By counting them.
function sortedBytes(values) {
  const counts = new Uint32Array(256), made = new Uint8Array(values.length);
  for (let at = 0; at < values.length; at += 1) counts[values[at]] += 1;
  for (let byte = 0, at = 0; byte < 256; at += counts[byte], byte += 1) made.fill(byte, at, at + counts[byte]);
  return made;
}
