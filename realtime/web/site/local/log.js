// The readings as rows, kept while the page is open and saved as CSV when the log ends: the columns of `emoscope live --log`.

import { save, stamp } from "../page/keep.js";

export class Log {
  constructor(labels) {
    this.labels = labels;
    this.rows = [["frame", "time_s", "face", "x", "y", "width", "height", "confidence", "emotion", ...labels, "shown", "wall_time", "event"]];
    this.marks = 0;
    this.timeS = null;
  }

  // Each frame once: the page may ask about a picture again.
  add(reading, header) {
    if (!header || header.time_s === this.timeS) return;
    Object.assign(this, { timeS: header.time_s, number: header.number });
    const wall = new Date().toISOString();
    if (!reading.faces.length) this.put([header.number, header.time_s.toFixed(3)], { wall_time: wall });
    for (const { track, box: [x0, y0, x1, y1], score, raw, label } of reading.faces) {
      const emotion = this.labels[raw.indexOf(Math.max(...raw))], place = [x0, y0, x1 - x0, y1 - y0].map((value) => value.toFixed(1));
      const cells = [header.number, header.time_s.toFixed(3), track, ...place, score.toFixed(3), emotion, ...raw.map((share) => share.toFixed(4)), label];
      this.put(cells, { wall_time: wall });
    }
  }

  mark() {
    const event = `marker ${(this.marks += 1)}`;
    this.put([this.number ?? "", this.timeS?.toFixed(3) ?? ""], { wall_time: new Date().toISOString(), event });
    return event;
  }

  put(cells, named) {
    const row = [...cells, ...new Array(this.rows[0].length - cells.length).fill("")];
    for (const [name, value] of Object.entries(named)) row[this.rows[0].indexOf(name)] = value;
    this.rows.push(row);
  }

  save() {
    const name = `emoscope-${stamp()}.csv`, text = this.rows.map((row) => row.map(quoted).join(",")).join("\r\n");
    save(new Blob([`${text}\r\n`], { type: "text/csv" }), name);
    return `saved ${name}`;
  }
}

const quoted = (cell) => (/[",\n]/.test(cell) ? `"${String(cell).replaceAll('"', '""')}"` : cell);
