// The thread that reads: runtime, detectors and network are loaded here, and frames are answered one after the other.
//
//     page ──open {detector, state}──▶ … ──ready──▶ page, and when all detectors are there ──whole──▶
//            nothing that the first picture needs waits for anything else: files are asked for before the page asks, and
//            what is needed later is loaded later
//     page ──frame {header, picture, state}─▶ reading {facts, arrays} ──▶ page      or  failed {number, words}
//            the picture's pixels are lent, and come back with the answer as `data`: copying them would take longer
//     page ──forget────────────▶

import * as ort from "../ort/ort.wasm.min.js";
import { cover } from "./cover.js";
import { complete, openFinder } from "./finders.js";
import { widened } from "./halves.js";
import { Inside } from "./inside.js";
import { Network } from "./network.js";
import { Raster } from "./raster.js";
import { Readout } from "./readout.js";
import { Session } from "./session.js";
import { wishOf } from "./state.js";
import { reading } from "./tables.js";

const { NOBODY } = reading.session;
const ROOT = new URL("..", import.meta.url);
const IDLE_MS = 100, LATER_MS = 2000; // after which the network is used once, the other detectors are loaded, without a picture
const QUIET = 3; // severity from which on the runtime logs: YuNet alone warns a dozen times a frame

ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = { mjs: new URL("ort/ort-wasm-simd-threaded.js", ROOT).href, wasm: new URL("ort/ort-wasm-simd-threaded.wasm", ROOT).href };
ort.env.logLevel = "error";

const tensor = (kind, data, dims) => new ort.Tensor(kind, data, dims);
const loaded = {};

async function bytesOf(path) {
  const answer = await fetch(new URL(path, ROOT));
  if (!answer.ok) throw new Error(`${path} is missing from this site: build it again`);
  return new Uint8Array(await answer.arrayBuffer());
}

const create = (model, externalData) =>
  ort.InferenceSession.create(model, { executionProviders: ["wasm"], logSeverityLevel: QUIET, enableMemPattern: false, externalData });

const detectorOf = async (name) => create(await bytesOf(`detectors/${name}.onnx`));

const numbersOf = async (path) => JSON.parse(new TextDecoder().decode(await bytesOf(path)));

const early = Promise.all([
  detectorOf("yunet"), numbersOf("model/contract.json"), numbersOf("model/names.json"), bytesOf("model/weights.bin"), bytesOf("model/first.onnx"),
]);
early.catch(() => {}); // whoever opens is told

async function open({ halves }) {
  const [yunet, contract, names, weights, first] = await early, { labels, layers, methods } = contract;
  const network = new Network(contract, names, halves ? widened(weights) : weights, () => bytesOf("model/skeleton.onnx"), create, tensor);
  await network.add(first);
  const session = new Session(openFinder(yunet, tensor), network);
  Object.assign(loaded, { session, inside: new Inside(network), labels, known: { layers, methods } });
}

// What is done for later as soon as there is no picture to be read, or one was.
async function prepare({ detector, state }) {
  const { session, known } = loaded;
  await Promise.race([pause(IDLE_MS), seen]);
  if (!isSeen) await rehearse(session.network, wishOf({ ...state, ...known }));
  await Promise.race([pause(LATER_MS), seen]);
  await complete(session.finder, detector, detectorOf, tensor);
  isWhole = true;
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
let isSeen = false, isWhole = false, tellSeen;
const seen = new Promise((done) => (tellSeen = done));

// The session that the first picture will need, used once: the first time takes longest.
async function rehearse(network, { request }) {
  const { channels, height, width } = network.contract.input;
  await network.answer(new Float32Array(height * width * (channels === "gray" ? 1 : 3)), 1, network.fitting(request));
}

async function read({ header, picture, state: told }) {
  const { inside, labels, session, known } = loaded, state = { ...told, ...known };
  const { faces, chosen } = await session.read(new Raster(picture), header.time_s, wishOf(state)), one = faces[chosen];
  const readout = new Readout({ number: header.number, chosen, stages: session.stages });
  readout.faces(faces, labels, state.heat);
  readout.facts.tracks = faces.map(({ face }) => face).sort((a, b) => a.box[0] - b.box[0]).map(({ track }) => track);
  readout.facts.subject = one?.face.track ?? NOBODY;
  if (one) {
    inset(readout, one, state);
    if (header.cover) await cover(readout, session.network, one, header.cover);
    if (header.inside) await inside.tell(readout, one, state, header.still);
  }
  return readout;
}

// What the inset's view needs of the chosen face.
function inset(readout, { seen, why }, state) {
  readout.crop("crop", seen);
  if (!why) return;
  const facts = { layer: why.layer, target: why.target, method: why.method };
  if (state.view === "gradcam") readout.heat("gradcam", why.heat, { ...facts, layer: why.heatLayer, against: why.against });
  else if (state.view === "map") {
    readout.oneMap("map", why.maps, state.unit, facts);
    readout.pixels("pixels", why.pixels, { rule: why.rule, unit: why.unit });
  } else readout.maps("maps", why.maps, state.sort, facts);
}

const answers = {
  async open(message) {
    await open(message);
    postMessage({ kind: "ready" });
    prepare(message).catch(console.warn).then(() => postMessage({ kind: "whole" }));
  },
  async frame(message) {
    // The first frame of a film is to be seen soon: small faces are looked for in the next ones, if there are any.
    loaded.session.finder.inHaste = !(isSeen || isWhole || message.header.still || message.state.paused);
    isSeen = true;
    const { arrays, facts } = await read(message);
    tellSeen();
    const { data } = message.picture, lent = [data, ...arrays.map(({ values }) => values)];
    postMessage({ kind: "reading", data, reading: { ...facts, arrays } }, lent.map(({ buffer }) => buffer));
  },
  forget() {
    loaded.session?.reset();
  },
};

// One after the other: what remembers faces may not be asked twice at a time.
let last = Promise.resolve();
onmessage = ({ data }) => {
  last = last.then(() => answers[data.kind](data)).catch((error) => {
    postMessage({ kind: "failed", number: data.header?.number, data: data.picture?.data, words: error.message });
  });
};
