// The gate: a look for new faces is left out while its part of the picture shows what it showed when it was taken last. As
// `faces/gate.py`, where the way is drawn; all rows and columns are those of its cells.

import { centre } from "./geometry.js";
import { area } from "./pixels.js";
import { looksOf, Schedule } from "./schedule.js";
import { faces } from "./tables.js";

const { CHANGE, COLUMNS, HEAD, LONGEST_S, MANY, ROWS, SOON } = faces.gate;

export class GatedSchedule {
  constructor(plan) {
    this.plan = plan;
    this.restart();
  }

  // Makes all looks due at once: the next picture is of a scene that nothing is known about.
  restart() {
    this.schedule = new Schedule(this.plan);
    this.taken = new Map(); // a look, in words → { look, timeS, sight }
  }

  // The looks to take at a picture now. faces: known ones, as measured in it; lost: whether one of them was not found in it;
  // inHaste: as few as may find a face.
  due(raster, faces, lost, timeS, inHaste = false) {
    const { width, height } = raster, roundS = looksOf(this.plan, width, height).length / this.plan.per_s;
    const looks = this.schedule.due(width, height, timeS, inHaste);
    const overdue = [...this.taken.values()].filter((taken) => timeS - taken.timeS >= LONGEST_S).map(({ look }) => look);
    if (roundS > LONGEST_S / 2 || !(looks.length || overdue.length)) return looks;
    // Each on its own turn, if that comes soon enough: all together would hold a frame up.
    const sight = sightOf(raster, faces), sinceS = timeS - LONGEST_S + SOON * roundS;
    const wanted = looks.filter((look) => lost || this.isWanted(look, raster, sight, sinceS)), names = new Set(wanted.map(nameOf));
    wanted.push(...overdue.filter((look) => !names.has(nameOf(look))));
    for (const look of wanted) this.taken.set(nameOf(look), { look, timeS, sight });
    return wanted;
  }

  // A look showed what may be a face and is not known yet: it is taken again when it is due.
  doubt(look) {
    this.taken.delete(nameOf(look));
  }

  isWanted(look, raster, now, sinceS) {
    const before = this.taken.get(nameOf(look));
    return !before || before.timeS < sinceS || hasChanged(before.sight, now, look, raster);
  }
}

const nameOf = ({ left, top, width, height, size, turn, ends }) => [left, top, width, height, ...size, turn, ends].join();

// What a picture shows, a number a cell: brightness, the darkest and brightest of it and its neighbours, whether a face is there.
function sightOf(raster, found) {
  const cells = area(raster.points(2 * COLUMNS, 2 * ROWS), COLUMNS, ROWS).values, known = new Uint8Array(cells.length);
  for (const { box } of found) {
    const [x, y] = centre(box), across = (HEAD * (box[2] - box[0])) / 2, down = (HEAD * (box[3] - box[1])) / 2;
    each([x - across, y - down, x + across, y + down], raster, (cell) => (known[cell] = 1));
  }
  return { cells, known, darkest: around(cells, Math.min), brightest: around(cells, Math.max) };
}

// The most or least of each cell and its eight neighbours.
function around(cells, most) {
  const lines = new Uint8Array(cells.length), made = new Uint8Array(cells.length);
  for (let cell = 0; cell < cells.length; cell += 1) {
    const column = cell % COLUMNS;
    lines[cell] = most(cells[cell], cells[column ? cell - 1 : cell], cells[column < COLUMNS - 1 ? cell + 1 : cell]);
  }
  for (let cell = 0; cell < cells.length; cell += 1) {
    made[cell] = most(lines[cell], lines[cell - COLUMNS] ?? lines[cell], lines[cell + COLUMNS] ?? lines[cell]);
  }
  return made;
}

function hasChanged(before, now, { box }, raster) {
  let count = 0;
  each(box, raster, (cell) => {
    const apart = Math.max(now.cells[cell] - before.brightest[cell], before.darkest[cell] - now.cells[cell]);
    count += apart >= CHANGE && !before.known[cell] && !now.known[cell];
  });
  return count >= MANY;
}

// Calls `act` for every cell that a rectangle in pixels touches.
function each([x0, y0, x1, y1], { width, height }, act) {
  const across = COLUMNS / width, down = ROWS / height, first = (value) => Math.max(0, Math.trunc(value));
  const left = first(x0 * across), right = Math.min(COLUMNS, Math.max(0, Math.ceil(x1 * across)));
  const top = first(y0 * down), bottom = Math.min(ROWS, Math.max(0, Math.ceil(y1 * down)));
  for (let row = top; row < bottom; row += 1) for (let column = left; column < right; column += 1) act(row * COLUMNS + column);
}
