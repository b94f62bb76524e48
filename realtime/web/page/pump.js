// Frames to whoever reads them, never more than two under way: where that is slow the page skips frames, nothing ever queues.

import { sized } from "./paint.js";

const MOST = 2;
const EDGE = { film: 640, still: 1280 };
const MEMORY = 0.92; // of the moving averages

export class Pump {
  constructor(link, show) {
    this.link = link;
    this.show = show; // called with (frame, reading)
    this.under = new Map();
    this.number = 0;
    this.canvas = document.createElement("canvas");
    this.reset();
  }

  reset() {
    for (const frame of this.under.values()) frame.bitmap?.close();
    this.under.clear();
    this.held?.bitmap.close();
    this.held = null;
    this.stale = true; // whether the picture that is held is not the one to show
    this.stats = { gap_ms: 0, delay_ms: 0, shown: 0 };
    this.last = 0;
  }

  // How long the oldest frame that is under way has waited, in milliseconds.
  get waits() {
    const [oldest] = this.under.values();
    return oldest ? performance.now() - oldest.started : 0;
  }

  // Sends the source's newest frame if there is room for it. `wanted` is asked when it is ready to go: it may have changed
  // meanwhile.
  async offer(source, mirror, wanted) {
    if (!source.fresh || this.under.size >= MOST || !this.link.open) return;
    source.take();
    const frame = { number: (this.number += 1), time_s: source.time_s, started: performance.now(), still: Boolean(source.still) };
    this.under.set(frame.number, frame);
    this.draw(source, mirror);
    const picture = this.link.picture(this.canvas);
    frame.bitmap = await createImageBitmap(this.canvas);
    frame.picture = await picture;
    if (this.under.has(frame.number)) this.send(frame, wanted());
  }

  // Asks again about the frame that is shown, since something else is wanted of it.
  again(wanted) {
    if (!this.held || this.under.size >= MOST) return Boolean(!this.held);
    const frame = { ...this.held, number: (this.number += 1), started: performance.now(), still: true, again: true };
    this.under.set(frame.number, frame);
    this.send(frame, wanted);
    return true;
  }

  // Whether the answer could be shown; not when it is about a picture that is gone.
  answered(reading) {
    const frame = this.under.get(reading.number);
    this.under.delete(reading.number);
    if (!frame || (frame.again && frame.bitmap !== this.held?.bitmap)) return false;
    if (!frame.again) this.held?.bitmap.close();
    this.held = frame;
    this.stale = false;
    this.count(frame);
    this.show(frame, reading);
    return true;
  }

  skipped(number) {
    const frame = this.under.get(number);
    if (frame && !frame.again) frame.bitmap?.close();
    this.under.delete(number);
  }

  // wanted: { inside, cover } of the header.
  send({ number, time_s, still, picture }, wanted) {
    this.link.frame({ number, time_s, still, ...wanted }, picture);
  }

  draw(source, mirror) {
    const [width, height] = source.size;
    const factor = Math.min(1, (source.still ? EDGE.still : EDGE.film) / Math.max(width, height));
    sized(this.canvas, Math.round(width * factor), Math.round(height * factor));
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    if (mirror) context.setTransform(-1, 0, 0, 1, this.canvas.width, 0);
    else context.resetTransform();
    context.imageSmoothingEnabled = factor < 1; // a mirrored picture of the same size is quicker without, and the same
    if (source.still) context.clearRect(0, 0, this.canvas.width, this.canvas.height); // it may be transparent
    context.drawImage(source.element, 0, 0, this.canvas.width, this.canvas.height);
  }

  count(frame) {
    if (frame.again) return;
    const now = performance.now(), { gap_ms, delay_ms, shown } = this.stats;
    const mixed = (old, value) => (old ? MEMORY * old + (1 - MEMORY) * value : value);
    this.stats = {
      gap_ms: this.last ? mixed(gap_ms, now - this.last) : 0,
      delay_ms: mixed(delay_ms, now - frame.started),
      shown: shown + 1,
    };
    this.last = now;
  }
}
