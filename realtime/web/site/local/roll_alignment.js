// Which way is up in each ROI? BlazeFace says now and then how far a head is tilted. As `faces/roll_alignment.py`.

import { nearest, roll } from "./geometry.js";
import { take } from "./looks.js";
import { faces } from "./tables.js";

const { TILT } = faces.looks;

export class RollAligner {
  constructor(detector, least, perS) {
    Object.assign(this, { detector, least, intervalS: 1 / perS });
    this.restart();
  }

  // Makes the next look due at once.
  restart() {
    this.turn = 0;
    this.dueS = -Infinity;
  }

  // The faces; the one whose turn it is as the detector sees it, where it is tilted against its ROI.
  async aligned(picture, known, rois, timeS) {
    if (!known.length || timeS < this.dueS) return known;
    this.dueS = timeS + this.intervalS;
    const turn = (this.turn = (this.turn + 1) % known.length);
    const [one] = await this.align(picture, [known[turn]], [rois[turn]]);
    return known.with(turn, one);
  }

  // The same for all faces at once, as new ones need it.
  async align(picture, found, rois) {
    const answers = await take(this.detector, picture, rois);
    return found.map((face, number) => this.tilted(face, rois[number], answers[number]) ?? face);
  }

  tilted(before, look, seen) {
    const face = nearest(before, seen, this.least);
    return face && Math.cos(roll(face) - look.turn) < Math.cos(TILT) ? face : null;
  }
}
