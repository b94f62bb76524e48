// A look: which part of a picture a detector is shown, at what size and turn. As `faces/looks.py`.

import { centre, distance, edge, placed, roll, sound, turned } from "./geometry.js";
import { round } from "./numbers.js";
import { area, quarters, warp } from "./pixels.js";
import { faces } from "./tables.js";

const { CELL, CLOSE_EDGE, DRIFT, GROWTH, ROI, TILT } = faces.looks;

export class Look {
  constructor(left, top, width, height, size, turn = 0, ends = false) {
    Object.assign(this, { left, top, width, height, size, turn, ends });
  }

  get box() {
    return [this.left, this.top, this.left + this.width, this.top + this.height];
  }

  over() {
    return new Look(this.left, this.top, this.width, this.height, this.size, this.turn + Math.PI, this.ends);
  }

  // The same look ending with the picture, larger; null where it does already, or is not too large for it.
  closed(width, height) {
    if (this.width <= Math.min(width, height) || this.ends) return null;
    return new Look(this.left, this.top, this.width, this.height, [CLOSE_EDGE, CLOSE_EDGE], 0, true);
  }

  // The part that is shown of a picture of this size: the look itself, unless it ends with the picture.
  within(width, height) {
    const x0 = Math.max(this.left, 0), y0 = Math.max(this.top, 0);
    const across = Math.min(this.left + this.width, width) - x0, down = Math.min(this.top + this.height, height) - y0;
    if (!this.ends || Math.min(across, down) < 1) return this;
    const scale = Math.max(...this.size) / Math.max(across, down);
    return new Look(x0, y0, across, down, [Math.max(1, round(across * scale)), Math.max(1, round(down * scale))]);
  }

  picture(raster) {
    const turns = this.turn / (Math.PI / 2);
    return turns === round(turns) ? quarters(raster.part(this.box, this.size), turns) : turnedPart(raster, this);
  }

  // A face of `picture`, in pixels of the whole picture.
  place(face) {
    const level = placed(face, [this.width / this.size[0], this.height / this.size[1]], [this.left, this.top]);
    return this.turn ? turned(level, centre(this.box), this.turn) : level;
  }
}

export function wholePicture(width, height, longest) {
  const scale = Math.min(1, longest / Math.max(width, height));
  return new Look(0, 0, width, height, [Math.max(1, round(width * scale)), Math.max(1, round(height * scale))]);
}

// Overlapping windows that together show the whole picture, its longer edge at most `longest`.
export function windows(width, height, longest, window, overlap) {
  const [wide, high] = wholePicture(width, height, longest).size, [across, down] = width >= height ? window : [window[1], window[0]];
  const fx = width / wide, fy = height / high;
  return spans(high, down, overlap).flatMap(([y, h]) =>
    spans(wide, across, overlap).map(([x, w]) => new Look(round(x * fx), round(y * fy), round(w * fx), round(h * fy), [w, h])));
}

// The square about a known face, shown at size × size, a tilted face level; one of before where the face sits well in it.
export function roi(face, size, before = []) {
  const side = Math.max(8, round(ROI * edge(face.box))), tilt = roll(face);
  for (const look of before) {
    const ratio = side / look.width, sits = 1 / GROWTH < ratio && ratio < GROWTH && distance(look.box, face.box) * ROI < DRIFT;
    if (sits && Math.cos(tilt - look.turn) > Math.cos(TILT)) return look;
  }
  const [x, y] = centre(face.box);
  return new Look(round(x - side / 2), round(y - side / 2), side, side, [size, size], Math.abs(tilt) > TILT ? tilt : 0);
}

// What a detector finds in each look, in pixels of the whole picture; answers that cannot be faces are left out.
export async function take(detector, raster, looks) {
  const parts = looks.map((look) => look.within(raster.width, raster.height));
  const answers = parts.length ? await detector.detect(parts.map((part) => part.picture(raster))) : [];
  const longest = Math.max(raster.width, raster.height);
  return answers.map((found, number) => found.map((face) => parts[number].place(face)).filter((face) => sound(face, longest)));
}

// [start, length] of as few equal spans as cover a length, no longer than needed.
function spans(length, window, overlap) {
  if (length <= window) return [[0, length]];
  const count = Math.ceil((length - overlap) / (window - overlap));
  const span = Math.min(window, CELL * Math.ceil((length + (count - 1) * overlap) / count / CELL));
  return Array.from({ length: count }, (_, index) => [Math.floor((index * (length - span)) / (count - 1)), span]);
}

// A square part that is turned, read from the upright square about it, at twice the size that is shown.
function turnedPart(raster, look) {
  const [x, y] = centre(look.box), half = Math.ceil(look.width * Math.SQRT1_2);
  const left = round(x) - half, top = round(y) - half, edgePx = 2 * look.size[0], step = look.width / edgePx;
  const upright = Math.ceil((2 * half) / step), scale = upright / (2 * half);
  const part = raster.part([left, top, left + 2 * half, top + 2 * half], [upright, upright]);
  const [rx, ry] = [step * scale * Math.cos(look.turn), step * scale * Math.sin(look.turn)];
  const firstX = (x - left) * scale - ((rx - ry) * (edgePx - 1)) / 2 - 0.5;
  const firstY = (y - top) * scale - ((ry + rx) * (edgePx - 1)) / 2 - 0.5;
  return area(warp(part, [rx, -ry, firstX, ry, rx, firstY], edgePx, edgePx, false), ...look.size);
}
