// When to look where for new faces: so many looks a second, one after another. As `faces/schedule.py`.
//
// A plan is a row of the Python tables: { coarse, fine, window, overlap, per_s }, or { edge, per_s } for the picture
// lying on either side and upside down.

import { Look, wholePicture, windows } from "./looks.js";

// All looks that together see every part of a picture of this size.
export function looksOf(plan, width, height) {
  if (!plan.window) return lying(plan, width, height);
  const first = wholePicture(width, height, plan.coarse), fine = windows(width, height, plan.fine, plan.window, plan.overlap);
  return fine.length === 1 && String(fine[0].size) === String(first.size) ? [first] : [first, ...fine];
}

function lying({ edge }, width, height) {
  const side = Math.max(width, height), px = Math.min(edge, side);
  const left = Math.floor((width - side) / 2), top = Math.floor((height - side) / 2);
  return [Math.PI, Math.PI / 2, -Math.PI / 2].map((turn) => new Look(left, top, side, side, [px, px], turn));
}

export class Schedule {
  constructor(plan) {
    this.plan = plan;
    this.restart();
  }

  // Makes everything due at once: the next picture is of a scene that nothing is known about.
  restart() {
    this.next = 0;
    this.dueS = null;
  }

  // The looks to take at a picture now. inHaste: of those that are due at once only the first, the whole picture.
  due(width, height, timeS, inHaste = false) {
    const looks = looksOf(this.plan, width, height), most = inHaste ? 1 : looks.length;
    const count = Math.min(this.count(timeS), most), first = this.next;
    this.next += count;
    return Array.from({ length: count }, (_, number) => looks[(first + number) % looks.length]);
  }

  count(timeS) {
    const intervalS = 1 / this.plan.per_s;
    if (this.dueS === null) {
      this.dueS = timeS + intervalS;
      return Infinity;
    }
    const count = timeS < this.dueS ? 0 : 1 + Math.floor((timeS - this.dueS) / intervalS);
    this.dueS += count * intervalS;
    return count;
  }
}
