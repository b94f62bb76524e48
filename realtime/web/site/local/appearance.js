// What a person looks like, in a few hundred numbers, read without a network. As `faces/appearance.py`, which explains them.

import { centre, edge } from "./geometry.js";
import { Look } from "./looks.js";
import { clip, percentile, round } from "./numbers.js";
import { gray } from "./pixels.js";
import { faces } from "./tables.js";

const {
  ABOVE, BELOW, BESIDE, CELLS, CODES, COLOUR, COLUMNS, EDGE, EYE_DISTANCES, EYE_LINE, FAINTEST, FINE, FRONTAL, KEPT, LEAST,
  PERCENTILES, ROWS, SMALLEST, STEP, SURE, TEXTURE, TO_XYZ,
} = faces.appearance;
const WIDE = EDGE + 2;
const PAIRS = [[[-1, 0], [1, 0]], [[-1, 1], [1, -1]], [[0, 1], [0, -1]], [[1, 1], [-1, -1]]];

// Whether a face is frontal, sure and large enough to be looked at.
function isClear({ box, eyes: [[ax, ay], [bx, by]], score }) {
  const size = edge(box);
  return score >= SURE && size >= SMALLEST && Math.hypot(bx - ax, by - ay) >= FRONTAL * size;
}

// { texture, colours } of a face, or null where they cannot be seen well enough.
export function appearance(raster, face) {
  const texture = isClear(face) ? textureOf(raster, face) : null;
  return texture && { texture, colours: coloursAbout(raster, face) };
}

// How much one look differs from another; infinite where too little is seen in both.
export function difference(one, other) {
  const common = new Float64Array(CELLS ** 2);
  for (let at = 0; at < one.texture.length; at += 1) common[Math.floor(at / CODES)] += one.texture[at] * other.texture[at];
  const kept = round(KEPT * CELLS ** 2), alike = common.sort().subarray(CELLS ** 2 - kept);
  return (1 - alike.reduce((sum, value) => sum + value, 0) / kept) / TEXTURE + apart(one.colours, other.colours);
}

// How much colours differ from those of the look that is most alike; 0 where too little is seen to say so.
export function colourDifference(colours, others) {
  const all = others.map((other) => apart(colours, other.colours)).map((value) => (Number.isFinite(value) ? value : 0));
  return all.length ? Math.min(...all) : 0;
}

function apart(one, other) {
  const distances = [];
  for (let cell = 0; cell < ROWS * COLUMNS; cell += 1) {
    if (!one.inside[cell] || !other.inside[cell]) continue;
    distances.push(Math.hypot(...[0, 1, 2].map((at) => one.lab[3 * cell + at] - other.lab[3 * cell + at])));
  }
  if (distances.length < LEAST) return Infinity;
  const kept = distances.sort((a, b) => a - b).slice(0, round(KEPT * distances.length));
  return kept.reduce((sum, value) => sum + value, 0) / Math.max(kept.length, 1) / COLOUR;
}

// Square roots of the shares of the patterns in each cell of the face.
function textureOf(raster, face) {
  const pixels = Float32Array.from(gray(level(raster, face)).values), sorted = Float32Array.from(pixels).sort();
  const [low, high] = PERCENTILES.map((share) => percentile(sorted, share));
  if (high - low < FAINTEST) return null;
  const stretched = pixels.map((value) => clip((value - low) * (255 / (high - low)), 0, 255));
  const counts = new Float32Array(CELLS ** 2 * CODES), size = EDGE / CELLS;
  for (let row = 0; row < EDGE; row += 1) {
    for (let column = 0; column < EDGE; column += 1) {
      const cell = Math.floor(row / size) * CELLS + Math.floor(column / size);
      counts[cell * CODES + codeAt(stretched, row + 1, column + 1)] += 1;
    }
  }
  return counts.map((count) => Math.sqrt(count / size ** 2));
}

// Which of four pairs of opposite neighbours of a pixel differ.
function codeAt(pixels, row, column) {
  const at = ([down, right]) => pixels[(row + down) * WIDE + column + right];
  return PAIRS.reduce((code, [one, other], bit) => code + ((at(one) - at(other) > STEP) << bit), 0);
}

// The face turned level, a pixel of border about what is read.
function level(raster, { eyes: [[ax, ay], [bx, by]] }) {
  const side = EYE_DISTANCES * Math.hypot(bx - ax, by - ay), turn = Math.atan2(by - ay, bx - ax), below = (0.5 - EYE_LINE) * side;
  const x = (ax + bx) / 2 - below * Math.sin(turn), y = (ay + by) / 2 + below * Math.cos(turn), shown = (side * WIDE) / EDGE;
  const whole = Math.max(1, round(shown));
  return new Look(round(x - shown / 2), round(y - shown / 2), whole, whole, [WIDE, WIDE], turn).picture(raster);
}

// The colours about any face, also one that is turned away: { lab, inside } of the cells.
export function coloursAbout(raster, { box }) {
  const [x, y] = centre(box), size = edge(box);
  const across = marks(x - BESIDE * size, x + BESIDE * size, COLUMNS), down = marks(y - ABOVE * size, y + BELOW * size, ROWS);
  const [left, right] = within(across, raster.width), [top, bottom] = within(down, raster.height);
  const sums = new Float64Array(ROWS * COLUMNS * 4), wide = right - left, high = bottom - top;
  if (wide > 0 && high > 0) {
    const part = raster.part([across[left], down[top], across[right], down[bottom]], [wide, high]).values;
    for (let row = 0; row < high; row += 1) {
      for (let column = 0; column < wide; column += 1) {
        const cell = 4 * (Math.floor((row + top) / FINE) * COLUMNS + Math.floor((column + left) / FINE)), at = 3 * (row * wide + column);
        for (let channel = 0; channel < 3; channel += 1) sums[cell + channel] += part[at + channel];
        sums[cell + 3] += 1;
      }
    }
  }
  const lab = new Float32Array(ROWS * COLUMNS * 3), inside = [];
  for (let cell = 0; cell < ROWS * COLUMNS; cell += 1) {
    const count = sums[4 * cell + 3];
    lab.set(labOf([0, 1, 2].map((channel) => sums[4 * cell + channel] / Math.max(count, 1))), 3 * cell);
    inside.push(count >= FINE ** 2 / 2);
  }
  return { lab, inside };
}

// CIE Lab of an sRGB colour 0–255, white at D65, L 0–255.
function labOf(rgb) {
  const linear = rgb.map((value) => value / 255).map((share) => (share > 0.04045 ? ((share + 0.055) / 1.055) ** 2.4 : share / 12.92));
  const [x, y, z] = TO_XYZ.map((row) => row.reduce((sum, factor, at) => sum + factor * linear[at], 0))
    .map((value) => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116));
  return [2.55 * (116 * y - 16), 500 * (x - y), 200 * (y - z)];
}

// Where the finer cells between two coordinates begin and end, in whole pixels.
function marks(low, high, cells) {
  return Array.from({ length: FINE * cells + 1 }, (_, at) => round(low + ((high - low) * at) / (FINE * cells)));
}

// [first, after the last] of the finer cells that lie inside a picture of this length, an even number of them.
function within(places, length) {
  const first = places.filter((place) => place < 0).length, last = places.filter((place) => place <= length).length - 1;
  return [first, Math.max(first, last - ((((last - first) % 2) + 2) % 2))];
}
