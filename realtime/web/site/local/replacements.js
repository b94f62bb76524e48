// Does another face suddenly stand where one stood, though the rest of the picture stays? As `faces/replacements.py`.

import { centre, distance, edge } from "./geometry.js";
import { clip, round } from "./numbers.js";
import { area } from "./pixels.js";
import { faces } from "./tables.js";

const { CALM, EVEN, POINTS, SAME_FACE, SPAN, STAYS, STILL } = faces.replacements;

export class ReplacementDetector {
  constructor() {
    this.reset();
  }

  reset() {
    this.places = new Map();
    this.measured = new Map();
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

  // Tracks whose places show what they showed when the faces were measured; of an even place nothing is known.
  still() {
    const isStill = ([track, { points: now }]) => {
      const before = this.measured.get(track).points;
      return energyOf(before) > EVEN && likeness(before, now) >= STILL;
    };
    return new Set([...this.places].filter(isStill).map(([track]) => track));
  }

  // Tracks whose place showed something else since they were taken last; the faces' places are watched from now on.
  // carried: tracks of those that were not measured, but taken to be where they were.
  take(raster, seen, carried) {
    const places = new Map(), replaced = new Set(), before = this.measured;
    for (const face of seen) {
      const doubt = this.doubts.get(face.track);
      let place = this.places.get(face.track);
      if (!place || doubt || distance(place.face.box, face.box) > STAYS) place = { face, points: points(raster, face) };
      if (doubt && likeness(doubt, place.points) < CALM) replaced.add(face.track);
      places.set(face.track, place);
    }
    this.places = places;
    this.measured = new Map([...places].map(([track, place]) => [track, (carried.has(track) && before.get(track)) || place]));
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
  const energyA = energyOf(a), energyB = energyOf(b);
  return Math.max(energyA, energyB) <= EVEN ? 1 : product(a, b) / (Math.sqrt(energyA * energyB) + EVEN);
}

const energyOf = (values) => product(values, values);
const product = (a, b) => a.reduce((sum, value, at) => sum + value * b[at], 0);
