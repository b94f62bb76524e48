// What is said about a face over time: smoothed probabilities, a label that does not flicker. As `reading/smoothing.py`.

import { argmax } from "./numbers.js";
import { network, reading, types } from "./tables.js";

const { PREDICTED } = network.network;
const { DEFAULTS, SMOOTHING_S, UNSURE, UNSURE_BELOW } = reading.smoothing;
const { UNREADABLE } = types;

export class LabelSmoother {
  constructor({ labels, unsure, unreadable }) {
    Object.assign(this, { labels, unsureBelow: unsure?.below ?? UNSURE_BELOW, unreadableBelow: unreadable?.below ?? 0 });
    this.reset();
  }

  reset() {
    this.tracks = new Map();
    this.said = new Map();
  }

  // The class that was said last of a track, so that heat and label agree; or the pinned one.
  target(pinned, track) {
    return pinned === PREDICTED ? this.said.get(track) ?? PREDICTED : pinned;
  }

  // What is said of each of a frame's readings: { probabilities, label, confidence }.
  say(readings, timeS) {
    const said = new Map(), spoken = readings.map(({ face, probabilities, quality }) => {
      const after = this.update(face.track, probabilities, timeS, quality ?? 1);
      said.set(face.track, after.index);
      const confidence = after.probabilities[after.index];
      return { probabilities: after.probabilities, confidence, label: this.label(after, confidence) };
    });
    this.said = said;
    return spoken;
  }

  update(track, probabilities, timeS, clear) {
    const before = this.tracks.get(track);
    const after = before ? this.next(before, probabilities, timeS, clear) : { probabilities, index: argmax(probabilities), timeS, quality: clear };
    this.tracks.set(track, after);
    for (const [other, memory] of this.tracks) if (timeS - memory.timeS > DEFAULTS.memory_s) this.tracks.delete(other);
    return after;
  }

  next(before, probabilities, timeS, clear) {
    let weight = 1 - Math.exp(-Math.max(0, timeS - before.timeS) / SMOOTHING_S);
    const quality = before.quality + weight * (clear - before.quality);
    if (clear < this.unreadableBelow) return { ...before, timeS, quality };
    if (before.quality < this.unreadableBelow) weight = 1; // nothing that was said before could be believed
    const smooth = before.probabilities.map((share, at) => share + weight * (probabilities[at] - share)), best = argmax(smooth);
    const changes = smooth[best] - smooth[before.index] > DEFAULTS.margin;
    return { probabilities: smooth, index: changes ? best : before.index, timeS, quality };
  }

  label({ index, quality }, confidence) {
    if (quality < this.unreadableBelow) return UNREADABLE;
    return confidence >= this.unsureBelow ? this.labels[index] : UNSURE;
  }
}
