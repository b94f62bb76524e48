// A crop's own darkest and brightest pixels become 0 and 255. As `reading/stretch.py`, where the formula stands.

import { percentile } from "./numbers.js";
import { reading } from "./tables.js";

const { FLOOR, WHITE } = reading.stretch;

export function stretched(values, bounds) {
  if (!bounds) return values;
  const sorted = Uint8Array.from(values).sort(), [low, high] = bounds.map((share) => percentile(sorted, share));
  const gain = WHITE / Math.max(high - low, FLOOR), offset = WHITE / 2 - ((low + high) / 2) * gain;
  return Float32Array.from(values, (value) => Math.min(Math.max(value * gain + offset, 0), WHITE));
}
