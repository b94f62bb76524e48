// Does another face suddenly stand where one stood, though the rest of the picture stays? As `faces/replacements.py`.

import { centre, distance, edge } from "./geometry.js";
import { clip, round } from "./numbers.js";
import { area } from "./pixels.js";
import { faces } from "./tables.js";

const { CALM, NOISE, POINTS, SAME_FACE, SPAN, STAYS } = faces.replacements;

export class ReplacementDetector {
  constructor() {
    this.reset();
  }

  reset() {
    this.places = new Map();
    this.doubts = new Map();
    this.calm = new Set();
  }

  // Whether any place shows something else than in the picture before; the pictures come in their order.
  any(raster) {
    for (const [track, place] of this.places) {
      const now = points(raster, place.face), alike = likeness(place.points, now);
      if (alike < SAME_FACE && this.calm.has(track) && !this.doubts.has(track)) this.doubts.set(track, place.points);
      if (alike >= CALM) this.calm.add(track);
      else this.calm.delete(track);
      this.places.set(track, { face: place.face, points: now });
    }
    return this.doubts.size > 0;
  }

  // Tracks whose place showed something else since they were taken last; the faces' places are watched from now on.
  take(raster, seen) {
    const places = new Map(), replaced = new Set();
    for (const face of seen) {
      const doubt = this.doubts.get(face.track);
      let place = this.places.get(face.track);
      if (!place || doubt || distance(place.face.box, face.box) > STAYS) place = { face, points: points(raster, face) };
      if (doubt && likeness(doubt, place.points) < CALM) replaced.add(face.track);
      places.set(face.track, place);
    }
    this.places = places;
    this.doubts = new Map();
    for (const track of this.calm) if (!places.has(track)) this.calm.delete(track);
    return replaced;
  }
}

// Brightness about its mean.
function points(raster, face) {
  const small = area(raster.points(2 * POINTS, 2 * POINTS, placeOf(raster, face)), POINTS, POINTS).values;
  const mean = small.reduce((sum, value) => sum + value, 0) / small.length;
  return Float32Array.from(small, (value) => value - mean);
}

// The part of a face's place that lies inside the picture, a pixel at least.
function placeOf(raster, { box }) {
  const [x, y] = centre(box), half = (SPAN * edge(box)) / 2;
  const [x0, x1] = [x - half, x + half].map((at) => round(clip(at, 0, raster.width)));
  const [y0, y1] = [y - half, y + half].map((at) => round(clip(at, 0, raster.height)));
  const left = Math.min(x0, raster.width - 1), top = Math.min(y0, raster.height - 1);
  return [left, top, Math.max(x1, left + 1), Math.max(y1, top + 1)];
}

function likeness(a, b) {
  let common = 0, energyA = 0, energyB = 0;
  for (let at = 0; at < a.length; at += 1) {
    common += a[at] * b[at];
    energyA += a[at] * a[at];
    energyB += b[at] * b[at];
  }
  const noise = a.length * NOISE ** 2;
  return Math.max(energyA, energyB) <= noise ? 1 : common / (Math.sqrt(energyA * energyB) + noise);
}
