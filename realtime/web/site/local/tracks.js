// A face keeps its number from frame to frame, and gets it back when it was lost for a moment. As `faces/tracks.py`.

import { distance, edge } from "./geometry.js";
import { OneEuroFilter } from "./one_euro.js";
import { faces } from "./tables.js";

const { HOLD_S, MAX_RATIO, MAX_REACH, MEMORY_LOOKS, MEMORY_S, REACH, REACH_PER_S, SLOW, UNMEASURED_S } = faces.tracks;
const { MIN_STEP_S } = faces.one_euro;

// How long a lost face keeps its number, whatever time lies between two looks.
export class Retention {
  lookedS = Infinity;

  look(timeS) {
    this.lookedS = timeS;
  }

  // Whether a face that was seen then is still known now.
  holds(seenS, timeS) {
    return timeS - seenS <= Math.max(MEMORY_S, MEMORY_LOOKS * (timeS - this.lookedS));
  }
}

export class Tracker {
  memory = new Retention();
  last = 0;
  tracks = [];

  // The faces that have a number, oldest first, lost ones included, where they were measured last.
  known(timeS) {
    this.tracks = this.tracks.filter((track) => this.memory.holds(track.seenS, timeS));
    return this.tracks.map((track) => track.measured);
  }

  // Those of the known faces that were measured in the frame of this time.
  seen(timeS) {
    return this.tracks.filter((track) => track.seenS === timeS).map((track) => track.measured);
  }

  // Numbers of the faces that hardly move and were measured a moment ago.
  slow(timeS) {
    const slow = this.tracks.filter(({ measuredS, speed }) => timeS - measuredS < UNMEASURED_S && speed < SLOW);
    return new Set(slow.map(({ measured }) => measured.track));
  }

  // The faces of one frame, steadied and numbered, oldest number first. found: of those that are taken to be where they were,
  // what `known` gave.
  update(found, timeS) {
    this.known(timeS);
    this.memory.look(timeS);
    const pairs = this.pairs(found, timeS);
    found.forEach((face, index) => {
      const track = pairs.get(index);
      if (track) see(track, face, timeS);
      else this.tracks.push(this.begun(face, timeS));
    });
    return this.tracks.filter((track) => isShown(track, timeS)).map((track) => track.shown);
  }

  // Forgets all faces; numbers are not given twice.
  reset() {
    this.tracks = [];
  }

  begun(face, timeS) {
    const numbered = { ...face, track: (this.last += 1) };
    const filter = new OneEuroFilter(numbered, timeS);
    return { measured: numbered, shown: numbered, filter, bornS: timeS, seenS: timeS, measuredS: timeS, speed: Infinity };
  }

  // Number of a face → its track, nearest first, each once.
  pairs(found, timeS) {
    const near = [];
    found.forEach((face, index) => this.tracks.forEach((track, number) => {
      const apart = distance(face.box, track.measured.box);
      if (alike(face, track, apart, timeS)) near.push([apart, index, number]);
    }));
    near.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
    const pairs = new Map(), taken = new Set();
    for (const [, index, number] of near) {
      if (pairs.has(index) || taken.has(number)) continue;
      pairs.set(index, this.tracks[number]);
      taken.add(number);
    }
    return pairs;
  }
}

// A face was seen again; where it was measured, it is another than `measured`.
function see(track, face, timeS) {
  track.seenS = timeS;
  if (face === track.measured) return;
  track.speed = distance(face.box, track.measured.box) / Math.max(timeS - track.measuredS, MIN_STEP_S);
  track.measuredS = timeS;
  track.measured = { ...face, track: track.measured.track };
  track.shown = track.filter.update(track.measured, timeS);
}

// Whether a face was seen now, or is known well enough to be shown where it was a moment ago.
function isShown({ bornS, seenS }, timeS) {
  return seenS === timeS || (seenS - bornS >= HOLD_S && timeS - seenS <= HOLD_S);
}

function alike(face, track, apart, timeS) {
  const ratio = edge(face.box) / Math.max(edge(track.measured.box), 1e-9);
  const reach = Math.min(MAX_REACH, REACH + REACH_PER_S * (timeS - track.seenS));
  return apart < reach && 1 / MAX_RATIO < ratio && ratio < MAX_RATIO;
}
