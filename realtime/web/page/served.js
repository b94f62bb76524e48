// The link to `emoscope serve`: keys and choices go out as text, frames as a small JSON object with a picture behind it;
// states come in as text, readings as JSON with arrays of bytes behind it. It comes back by itself when it is lost.

import { Link } from "./link.js";

const AGAIN_MS = 1000;
const TOO_MANY = 4000;
const QUALITY = 0.85;

export default class Served extends Link {
  place = "the server";
  wished = null; // when the oldest wish was sent that no state has answered

  async about() {
    return (await fetch("about.json")).json();
  }

  restart() {
    Object.assign(this.socket, { onclose: null, onmessage: null, onopen: null });
    this.socket.close();
    this.tell("lost", "connecting…");
    this.connect();
  }

  connect() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(`${scheme}//${location.host}/talk`);
    this.socket.binaryType = "arraybuffer";
    this.wished = null;
    this.socket.onopen = () => this.tell("open");
    this.socket.onmessage = ({ data }) => (typeof data === "string" ? this.hear(JSON.parse(data)) : this.tell("reading", unpack(data)));
    this.socket.onclose = ({ code, reason }) => {
      this.tell("lost", code === TOO_MANY ? reason : "The server does not answer: is `emoscope serve` still running?");
      if (code !== TOO_MANY) setTimeout(() => this.connect(), AGAIN_MS);
    };
  }

  get open() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  get waits() {
    return this.wished === null ? 0 : performance.now() - this.wished;
  }

  hear(words) {
    if (words.state) {
      this.wished = null;
      this.tell("state", words.state);
    }
    if (words.error) this.tell("error", words.error);
    if ("skipped" in words) this.tell("skipped", words.skipped);
  }

  press(key) {
    this.wish({ key });
  }

  choose(choices) {
    this.wish({ choose: choices });
  }

  wish(words) {
    if (this.open) this.wished ??= performance.now();
    this.send(words);
  }

  forget() {
    this.send({ forget: true });
  }

  frame(header, picture) {
    if (this.open) this.socket.send(pack(header, picture));
  }

  send(words) {
    if (this.open) this.socket.send(JSON.stringify(words));
  }

  picture(canvas) {
    return new Promise((done) => canvas.toBlob((blob) => done(blob.arrayBuffer()), "image/jpeg", QUALITY));
  }

  // The server decodes a file and gives back what every browser shows.
  async shown(file) {
    return (await posted("upload", file, file.name)).blob();
  }

  async result(kind, picture, face, name) {
    return (await posted(`result/${kind}?face=${face}`, picture, name)).blob();
  }

  async filters(layer) {
    const address = `atlas/${encodeURIComponent(layer)}`;
    const [numbers, sheet] = await Promise.all([fetch(`${address}.json`), fetch(`${address}.png`)]);
    return { numbers: await numbers.json(), sheet: await createImageBitmap(await sheet.blob()) };
  }
}

async function posted(address, body, name) {
  const answer = await fetch(address, { method: "POST", body, headers: { "X-File-Name": encodeURIComponent(name) } });
  if (!answer.ok) throw new Error(await reason(answer));
  return answer;
}

// The server says what is wrong in a line of plain text; what stands between may answer with a page of its own.
async function reason(answer) {
  const plain = (answer.headers.get("Content-Type") ?? "").startsWith("text/plain");
  const told = plain ? (await answer.text()).trim() : "";
  return told || `the server did not take it (${`${answer.status} ${answer.statusText}`.trim()})`;
}

function pack(header, picture) {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const message = new Uint8Array(4 + text.length + picture.byteLength);
  new DataView(message.buffer).setUint32(0, text.length, true);
  message.set(text, 4);
  message.set(new Uint8Array(picture), 4 + text.length);
  return message;
}

function unpack(data) {
  const length = new DataView(data).getUint32(0, true);
  const reading = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
  let at = 4 + length;
  reading.arrays = reading.arrays.map((shape) => {
    const size = shape.reduce((product, edge) => product * edge, 1);
    const values = new Uint8Array(data, at, size);
    at += size;
    return { shape, values };
  });
  return reading;
}
