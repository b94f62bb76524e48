// The link of the page without a server: state and keys are here, faces and network in a worker of this browser. No
// picture leaves the machine; nothing is asked of anybody but the folder that the page came from.

import { Link } from "../page/link.js";
import { Log } from "./log.js";
import { choose, forget, press, told } from "./state.js";

const ROOT = new URL("..", import.meta.url);
const MOST_BYTES = 2_000_000_000;
const UNREADABLE = "not a picture or film that this browser reads: save it as JPEG, PNG or MP4";
const HEIC = "this browser does not read HEIC: save it as JPEG, or share it as \"Most Compatible\"";
const NOT_KEPT = "offline.js could not be kept: the page works, but needs the network next time";

// It takes longest of all, and what it loads depends on nothing that the page knows: it begins before the page does.
const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
const broken = new Promise((fail) => (worker.onerror = fail));

const get = async (path) => (await fetch(new URL(path, ROOT))).json();

export default class Local extends Link {
  place = "this browser";
  log = null;

  async about() {
    const [about, contract] = await Promise.all([get("about.json"), get("model/contract.json")]);
    const { labels, layers, methods } = contract;
    this.state = { ...about.state, labels, layers, methods };
    this.facts = about;
    return about;
  }

  connect() {
    worker.onmessage = ({ data }) => this.hear(data);
    broken.then(() => this.tell("lost", "The network could not be loaded: this browser may be too old, or the site not whole."));
    worker.postMessage({ kind: "open", detector: this.facts.detector, halves: this.facts.halves, state: wordless(this.state) });
    this.tell("lost", "The network is being loaded…");
    this.change(this.state);
  }

  hear({ kind, data, reading, number, words }) {
    const frame = this.asked.get(reading?.number ?? number);
    if (frame) frame.picture.data = data;
    this.asked.delete(reading?.number ?? number);
    if (kind === "ready") {
      this.open = true;
      this.tell("open");
    } else if (kind === "whole") {
      keepOffline().catch(() => console.warn(NOT_KEPT)); // the browser looks whether there is a newer site: that can wait
    } else if (kind === "reading") {
      if (frame?.source === this.source) Object.assign(this.state, { tracks: reading.tracks, subject: reading.subject });
      if (frame) this.log?.add(reading, frame.header, this.state.prior, frame.source);
      this.tell("reading", reading);
    } else if (kind === "failed" && number === undefined) this.tell("lost", words);
    else if (kind === "failed") {
      this.tell("error", words);
      this.tell("skipped", number);
    }
  }

  open = false;
  source = 0; // number of the one that is watched: frames of the one before may still be answered
  asked = new Map(); // number of a frame → { header, picture, source }: its pixels are with the worker until it is answered

  press(key) {
    this.change(press(this.state, key));
  }

  choose(choices) {
    this.change(choose(this.state, choices));
  }

  change(state) {
    const [shown, next] = told(state), said = this.kept(shown.asked);
    this.state = next;
    this.tell("state", said ? { ...shown, asked: "", said } : shown);
  }

  // What is to be said of a log or a marker that was asked for; "" for all else, which is the page's to do.
  kept(asked) {
    if (asked === "marker") return this.log ? this.log.mark() : "no log is kept: F8 begins one";
    if (asked !== "log") return "";
    const ended = this.log;
    this.log = ended ? null : new Log(this.facts.log, this.state.labels);
    return ended ? ended.save() : "the log of readings has begun: F8 ends and saves it";
  }

  forget() {
    this.source += 1;
    this.state = forget(this.state);
    worker.postMessage({ kind: "forget" });
  }

  async picture(canvas) {
    const { width, height, data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return { width, height, data };
  }

  frame(header, picture) {
    if (!this.open) return;
    if (!picture.data.length) return this.tell("skipped", header.number); // the worker still has them
    this.asked.set(header.number, { header, picture, source: this.source });
    worker.postMessage({ kind: "frame", header, picture, state: wordless(this.state) }, [picture.data.buffer]);
  }

  async shown(file) {
    if (file.size > MOST_BYTES) throw new Error(`${file.name}: larger than ${MOST_BYTES / 1e9} GB: cut or shrink it`);
    if (file.type.startsWith("video/") || /\.(mkv|mov|avi|m4v)$/i.test(file.name)) return file.type.startsWith("video/") ? file : new Blob([file], { type: "video/mp4" });
    await createImageBitmap(file).then((bitmap) => bitmap.close(), async () => {
      throw new Error(`${file.name}: ${(await isHeic(file)) ? HEIC : UNREADABLE}`);
    });
    return file;
  }

  // The lesson was written with the site, about one of its own pictures.
  async result() {
    return (await fetch(new URL("lesson.html", ROOT))).blob();
  }

  async filters(layer) {
    const address = `atlas/${encodeURIComponent(layer)}`, sheet = await fetch(new URL(`${address}.png`, ROOT));
    return { numbers: await get(`${address}.json`), sheet: await createImageBitmap(await sheet.blob()) };
  }
}

// By its first bytes, whatever its name: `ftyp`, and a brand of HEIF.
const isHeic = async (file) => /^ftyp(hei|hev|mif|msf)/.test(await file.slice(4, 12).text());

// What the worker does not know of the model by itself.
const wordless = ({ labels, layers, methods, ...state }) => state;

// From the second visit on, all of it comes from this browser.
async function keepOffline() {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register(new URL("offline.js", ROOT), { scope: ROOT.pathname });
  const { active } = await navigator.serviceWorker.ready;
  active.postMessage("rest");
}
