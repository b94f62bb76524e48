// The one-euro filter, for a box that does not shake. As `faces/one_euro.py`, where its formula stands.

import { edge } from "./geometry.js";
import { faces } from "./tables.js";

const { MIN_STEP_S, OPENING_HZ, SPEED_HZ, STILL_HZ, STILL_PIXELS, STILL_SPEED } = faces.one_euro;

export class OneEuroFilter {
  constructor(face, timeS) {
    this.place = this.measured = vector(face);
    this.speed = this.place.map(() => 0);
    this.timeS = timeS;
  }

  update(face, timeS) {
    const elapsedS = Math.max(timeS - this.timeS, MIN_STEP_S), measured = vector(face), size = Math.max(edge(face.box), 1);
    const settling = weight(SPEED_HZ, elapsedS);
    this.speed = this.speed.map((before, at) => before + settling * ((measured[at] - this.measured[at]) / elapsedS / size - before));
    const moving = Math.sqrt((2 * this.speed.reduce((sum, one) => sum + one * one, 0)) / this.speed.length);
    const following = weight(STILL_HZ + OPENING_HZ * Math.max(0, moving - (STILL_SPEED + STILL_PIXELS / size)), elapsedS);
    this.place = this.place.map((before, at) => before + following * (measured[at] - before));
    Object.assign(this, { measured, timeS });
    const [x0, y0, x1, y1, ax, ay, bx, by] = this.place;
    return { ...face, box: [x0, y0, x1, y1], eyes: [[ax, ay], [bx, by]] };
  }
}

const weight = (cutoffHz, elapsedS) => -Math.expm1(-2 * Math.PI * cutoffHz * elapsedS);

const vector = ({ box, eyes }) => [...box, ...eyes[0], ...eyes[1]];
