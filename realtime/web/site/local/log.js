// The readings as rows, kept while the page is open and saved as CSV when the log ends. Its columns are those of
// `emoscope live --log`, as `about.json` lists them.

import { save, stamp } from "../page/keep.js";

const PLACE = ["frame", "time_s", "face", "x", "y", "width", "height", "confidence", "emotion"]; // before the classes

export class Log {
  constructor(columns, labels) {
    this.columns = columns;
    this.labels = labels;
    this.rows = [];
    this.marks = 0;
    this.last = {};
    this.source = null;
  }

  // Each frame once: the page may ask about a picture again, but every still is at 0 s, so `source` numbers what they are
  // of; that another begins is an event. A frame in which nobody is seen has a row too.
  add({ faces }, header, prior, source) {
    const time_s = rounded(header.time_s, 6), isOther = source !== this.source;
    if (!isOther && time_s === this.last.time_s) return;
    this.last = { frame: header.number, time_s };
    if (isOther && this.source !== null) this.put({ ...this.last, event: "source" });
    this.source = source;
    if (!faces.length) this.put(this.last);
    for (const { track, box: [x, y, x1, y1], score, raw, quality } of faces) {
      const place = { x, y, width: rounded(x1 - x, 1), height: rounded(y1 - y, 1), confidence: rounded(score, 4) };
      const emotion = this.labels[raw.indexOf(Math.max(...raw))];
      this.put({ ...this.last, face: track, ...place, emotion, quality, prior }, raw.map((share) => rounded(share, 4)));
    }
  }

  mark() {
    const event = `marker ${(this.marks += 1)}`;
    this.put({ ...this.last, event });
    return event;
  }

  put(named, shares = []) {
    const when = { wall_time: new Date().toISOString(), monotonic_s: rounded(performance.now() / 1000, 6) };
    const all = { ...named, ...when };
    this.rows.push(this.columns.map((name, at) => shares[at - PLACE.length] ?? all[name] ?? ""));
  }

  save() {
    const name = `emoscope-${stamp()}.csv`, text = [this.columns, ...this.rows].map((row) => row.map(quoted).join(",")).join("\r\n");
    save(new Blob([`${text}\r\n`], { type: "text/csv" }), name);
    return `saved ${name}`;
  }
}

const rounded = (value, digits) => Number(value.toFixed(digits));

const quoted = (cell) => (/[",\n]/.test(cell) ? `"${String(cell).replaceAll('"', '""')}"` : cell);
