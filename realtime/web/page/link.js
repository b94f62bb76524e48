// What the page talks to: whoever reads its frames and knows what keys mean. A subclass is the default of the module that
// `data-link` names in index.html; all pages have the same wiring in front of it.
//
//     events     open · lost (words) · state · reading · skipped (number of a frame) · error (words)
//     reading    facts as the server's `readout.py` gathers them, with `arrays` of { shape, values }
//
// A frame that was handed over is answered by `reading` or `skipped`, however long that takes.

export class Link extends EventTarget {
  place = ""; // whose time the stages are, in the status

  // All that the page must know of model, keys and colours before it draws anything.
  async about() {}

  // Begins; `open` or `lost` follows.
  connect() {}

  get open() {
    return false;
  }

  // How long the oldest key or choice that is not answered has waited, in milliseconds.
  get waits() {
    return 0;
  }

  press(key) {}

  choose(choices) {}

  // Whoever it talks to hangs: begins anew.
  restart() {}

  // Another source: nobody in its frames has been seen before.
  forget() {}

  // A canvas as `frame` and `result` take it.
  async picture(canvas) {}

  // header: { number, time_s, still, inside, cover }
  frame(header, picture) {}

  // A dropped file as a blob that the browser shows; throws an Error with one sentence for people.
  async shown(file) {}

  // What can be taken home of a face, as a blob; kinds are those of `about.results`.
  async result(kind, picture, face, name) {}

  // What the filters of a layer look for: { numbers, sheet }.
  async filters(layer) {}

  tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}
