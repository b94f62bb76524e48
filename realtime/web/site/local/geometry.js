// Boxes and how they overlap; a face seen in a part of a picture and in the whole. As `faces/geometry.py`.
//
// A face is { box: [x0, y0, x1, y1], eyes: [[x, y], [x, y]], score, track }, in pixels of the picture.

import { faces } from "./tables.js";

const { PROFILE, REACH } = faces.geometry;

export function sound({ box, eyes, score }, longest) {
  const near = [...box, ...eyes[0], ...eyes[1]].every((number) => -longest <= number && number <= 2 * longest);
  return near && box[0] < box[2] && box[1] < box[3] && 0 <= score && score <= 1;
}

export function placed(face, [sx, sy], [ox, oy]) {
  const [x0, y0, x1, y1] = face.box;
  return { ...face, box: [ox + sx * x0, oy + sy * y0, ox + sx * x1, oy + sy * y1], eyes: face.eyes.map(([x, y]) => [ox + sx * x, oy + sy * y]) };
}

// A face after the picture was turned about a point, clockwise as it is seen; its box stays upright.
export function turned(face, about, turn) {
  const sine = Math.sin(turn), cosine = Math.cos(turn);
  const moved = ([px, py]) => {
    const x = px - about[0], y = py - about[1];
    return [about[0] + cosine * x - sine * y, about[1] + sine * x + cosine * y];
  };
  const [x0, y0, x1, y1] = face.box;
  return { ...face, box: around(moved(centre(face.box)), x1 - x0, y1 - y0, turn), eyes: face.eyes.map(moved) };
}

// The upright box about a head of this size that is turned: on its side it is as wide as it was high.
export function around([x, y], width, height, turn) {
  const share = Math.sin(turn) ** 2;
  const across = width + share * (height - width), down = height + share * (width - height);
  return [x - across / 2, y - down / 2, x + across / 2, y + down / 2];
}

// The angle of the line between the eyes, 0 in profile, where it would be noise.
export function roll({ box, eyes: [[ax, ay], [bx, by]] }) {
  return Math.hypot(bx - ax, by - ay) < PROFILE * edge(box) ? 0 : Math.atan2(by - ay, bx - ax);
}

export const centre = ([x0, y0, x1, y1]) => [(x0 + x1) / 2, (y0 + y1) / 2];

export const edge = ([x0, y0, x1, y1]) => Math.sqrt(Math.max(x1 - x0, 0) * Math.max(y1 - y0, 0));

// Between the centres, in edges of the larger box.
export function distance(a, b) {
  const [ax, ay] = centre(a), [bx, by] = centre(b);
  return Math.hypot(ax - bx, ay - by) / Math.max(edge(a), edge(b), 1e-9);
}

const area = ([x0, y0, x1, y1]) => Math.max(x1 - x0, 0) * Math.max(y1 - y0, 0);

export function common(a, b) {
  const wide = Math.min(a[2], b[2]) - Math.max(a[0], b[0]), high = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  return Math.max(wide, 0) * Math.max(high, 0);
}

export const iou = (a, b) => common(a, b) / (area(a) + area(b) - common(a, b));

// How much of the smaller box the other one covers.
export const covered = (a, b) => common(a, b) / Math.max(Math.min(area(a), area(b)), 1e-38);

// Of faces of which one covers the other by more than `cover`, only the one that comes first.
export function nonMaximumSuppression(found, cover) {
  const kept = [];
  for (const face of found) if (!kept.some((other) => covered(face.box, other.box) > cover)) kept.push(face);
  return kept;
}

// The nearest of some faces, if it can be the face of before; else null.
export function nearest(before, seen, least) {
  let best = null, apart = Infinity;
  for (const face of seen) {
    const far = distance(face.box, before.box);
    if (face.score >= least && far < apart) [best, apart] = [face, far];
  }
  return apart < REACH ? best : null;
}
