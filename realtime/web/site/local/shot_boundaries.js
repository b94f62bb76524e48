// Is this picture of another scene than the last one? As `faces/shot_boundaries.py`, where r is explained.

import { clip, median } from "./numbers.js";
import { faces } from "./tables.js";

const { CLIP, COLUMNS, FLAT, NOISE, ROWS, SAME_SCENE } = faces.shot_boundaries;

export class ShotBoundaryDetector {
  last = null;

  isBoundary(raster) {
    const now = raster.points(COLUMNS, ROWS).values, last = this.last;
    this.last = now;
    return last !== null && similarity(last, now) < SAME_SCENE;
  }

  reset() {
    this.last = null;
  }
}

export function similarity(a, b) {
  const rows = between(a, b, ROWS, COLUMNS, (line, at) => line * COLUMNS + at);
  const columns = between(a, b, COLUMNS, ROWS, (line, at) => at * COLUMNS + line);
  const one = centred(inside(a, rows, columns)), other = centred(inside(b, rows, columns));
  const energyA = dot(one, one), energyB = dot(other, other), noise = one.length * NOISE ** 2;
  if (Math.max(energyA, energyB) <= noise) return 1;
  return dot(one, other) / (Math.sqrt(energyA * energyB) + noise);
}

// [first, after the last] of the lines between the still bars of both pictures.
function between(a, b, lines, length, place) {
  const extremes = Array.from({ length: lines }, (_, line) => {
    let low = 255, high = 0;
    for (let at = 0; at < length; at += 1) {
      const p = a[place(line, at)], q = b[place(line, at)];
      low = Math.min(low, p, q);
      high = Math.max(high, p, q);
    }
    return [low, high];
  });
  const first = even(extremes), last = lines - even(extremes.toReversed());
  return [first, Math.max(first, last)];
}

// How many of the first lines are of one level together.
function even(extremes) {
  let low = 255, high = 0, count = 0;
  for (const [least, most] of extremes) {
    low = Math.min(low, least);
    high = Math.max(high, most);
    if (high - low <= FLAT) count += 1;
  }
  return count;
}

function inside(points, [top, bottom], [left, right]) {
  const kept = [];
  for (let row = top; row < bottom; row += 1) kept.push(...points.subarray(row * COLUMNS + left, row * COLUMNS + right));
  return kept;
}

function centred(points) {
  if (!points.length) return points;
  const middle = median(points), about = points.map((value) => value - middle);
  const limit = CLIP * (about.reduce((sum, value) => sum + Math.abs(value), 0) / about.length + NOISE);
  const clipped = about.map((value) => clip(value, -limit, limit));
  const mean = clipped.reduce((sum, value) => sum + value, 0) / clipped.length;
  return clipped.map((value) => value - mean);
}

function dot(a, b) {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += a[at] * b[at];
  return sum;
}
