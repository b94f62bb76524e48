// What can be taken home: a snapshot, a recording, the figure and the page of the explanation.

export function save(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// The picture as it is drawn, the clean one, and what was read in it as JSON, all of one name, which it gives.
export async function snapshot(canvas, bitmap, facts) {
  const name = `emoscope-${stamp()}`, clean = new OffscreenCanvas(bitmap.width, bitmap.height);
  clean.getContext("2d").drawImage(bitmap, 0, 0);
  const pictures = await Promise.all([new Promise((done) => canvas.toBlob(done)), clean.convertToBlob()]);
  save(pictures[0], `${name}.png`);
  save(pictures[1], `${name}.clean.png`);
  save(new Blob([JSON.stringify(facts, null, 1)], { type: "application/json" }), `${name}.json`);
  return `${name}.png, .clean.png and .json`;
}

// The explanation of the picture that is shown: kind is one of `about.results`.
export async function explanation(link, kind, picture, face, name) {
  const file = `emoscope-${stamp()}.${kind}`;
  save(await link.result(kind, picture, face, name), file);
  return `saved ${file}`;
}

// Records what is drawn, or the source's own picture; once more ends it and saves the file.
export class Recorder {
  toggle(stream, done) {
    if (this.recorder) {
      this.recorder.stop();
      return false;
    }
    const parts = [];
    this.recorder = new MediaRecorder(stream);
    this.recorder.ondataavailable = ({ data }) => parts.push(data);
    this.recorder.onstop = () => {
      const kind = this.recorder.mimeType.includes("mp4") ? "mp4" : "webm";
      const name = `emoscope-${stamp()}.${kind}`;
      save(new Blob(parts, { type: this.recorder.mimeType }), name);
      this.recorder = null;
      done(name);
    };
    this.recorder.start(1000);
    return true;
  }
}

export function stamp() {
  return new Date().toISOString().slice(0, 19).replaceAll(":", "").replace("T", "-");
}
