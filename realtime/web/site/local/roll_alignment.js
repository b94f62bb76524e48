// Which way is up in each ROI? BlazeFace says now and then how far a head is tilted. As `faces/roll_alignment.py`.

import { distance, edge, nearest, roll } from "./geometry.js";
import { take } from "./looks.js";
import { faces } from "./tables.js";

const { TILT } = faces.looks;
const { GROWN, LONGEST_S, MOVED, ROLLED } = faces.roll_alignment;

export class RollAligner {
  constructor(detector, least, perS) {
    Object.assign(this, { detector, least, intervalS: 1 / perS });
    this.restart();
  }

  // Makes the next look due at once.
  restart() {
    this.turn = 0;
    this.dueS = -Infinity;
    this.looked = new Map(); // track → when it was looked at, and the face as it was
  }

  // The faces; the one whose turn it is as the detector sees it, where it is tilted against its ROI.
  async aligned(picture, known, rois, timeS) {
    const turn = timeS < this.dueS ? undefined : this.next(known, timeS);
    if (turn === undefined) return known;
    Object.assign(this, { turn, dueS: timeS + this.intervalS });
    const tracks = new Set(known.map(({ track }) => track));
    for (const track of this.looked.keys()) if (!tracks.has(track)) this.looked.delete(track);
    this.looked.set(known[turn].track, { timeS, face: known[turn] });
    const [one] = await this.align(picture, [known[turn]], [rois[turn]]);
    return known.with(turn, one);
  }

  // The same for all faces at once, as new ones need it.
  async align(picture, found, rois) {
    const answers = await take(this.detector, picture, rois);
    return found.map((face, number) => this.tilted(face, rois[number], answers[number]) ?? face);
  }

  // Number of the next face in turn that may be tilted otherwise than when it was looked at.
  next(known, timeS) {
    const turns = [...known.keys()].map((step) => (this.turn + 1 + step) % known.length);
    return turns.find((turn) => !this.stays(known[turn], timeS));
  }

  stays(face, timeS) {
    const looked = this.looked.get(face.track);
    if (!looked || timeS - looked.timeS >= LONGEST_S) return false;
    const before = looked.face, grown = edge(face.box) / Math.max(edge(before.box), 1e-9);
    const still = distance(face.box, before.box) < MOVED && Math.cos(roll(face) - roll(before)) > Math.cos(ROLLED);
    return still && 1 / GROWN < grown && grown < GROWN;
  }

  tilted(before, look, seen) {
    const face = nearest(before, seen, this.least);
    return face && Math.cos(roll(face) - look.turn) < Math.cos(TILT) ? face : null;
  }
}
