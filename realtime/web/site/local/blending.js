// Many cells of a detector's grid see the same face, each a little differently: one face from all of them.
// As `faces/blending.py`.

import { iou } from "./geometry.js";

// rows: [x0, y0, x1, y1, left eye x, y, right eye x, y, score]; overlaps with the best row's box from which on a row
// helps to place it (`same`), and is no other face (`rival`).
export function blended(rows, same, rival) {
  let left = rows.filter((row) => row.every(Number.isFinite) && row[0] < row[2] && row[1] < row[3]);
  const found = [];
  while (left.length) {
    const best = left.reduce((one, other) => (other[8] > one[8] ? other : one));
    const overlaps = left.map((row) => iou(best, row)), mean = new Float64Array(8);
    let sum = 0;
    left.forEach((row, number) => {
      if (overlaps[number] <= same) return;
      sum += row[8];
      for (let at = 0; at < 8; at += 1) mean[at] += row[8] * row[at];
    });
    const [x0, y0, x1, y1, ax, ay, bx, by] = mean.map((value) => value / sum);
    found.push({ box: [x0, y0, x1, y1], eyes: [[ax, ay], [bx, by]], score: best[8], track: 0 });
    left = left.filter((_, number) => overlaps[number] <= rival);
  }
  return found;
}
