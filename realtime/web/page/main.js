// The page's wiring: one source, one link, one state; everything else shows them.

import { fillControls, offer, offerChoices, refuse, say } from "./controls.js";
import { Cover } from "./cover.js";
import { onDrop } from "./drop.js";
import { facts } from "./facts.js";
import { Filters } from "./filter.js";
import { Inside } from "./inside.js";
import { explanation, Recorder, snapshot } from "./keep.js";
import { fillHelp, listen, onLongPress } from "./keys.js";
import { lesson } from "./lesson.js";
import { usePalettes } from "./paint.js";
import { element, Panel } from "./panel.js";
import { Pump } from "./pump.js";
import { openCamera, openFile, openSample } from "./sources.js";
import { Stage } from "./stage.js";
import { Transport } from "./transport.js";
import { fromWords, inWords } from "./view.js";

const SEEK_S = 5;
const FRAME_S = 1 / 25;
const HUNG_MS = 15_000; // without an answer
const LOOK_MS = 500; // between looks whether it hangs
const $ = (name) => document.querySelector(name);

const { default: Link } = await import($("script[data-link]").dataset.link);
const link = new Link(), about = await link.about();
usePalettes(about.palettes);

const choose = (choices) => link.choose(choices);
const filters = new Filters(about, link, () => show()), stage = new Stage(about, choose), panel = new Panel(about, choose, filters);
const inside = new Inside(about, choose, panel, filters);
const recorder = new Recorder(), cover = new Cover(() => askAgain());
let state = null, source = null, latest = null, asksAgain = false, first = null, pending = {}, isTold = false;
let words = location.hash.slice(1); // what is looked at; also after the server was started anew

const pump = new Pump(link, (frame, reading) => {
  latest = { frame, reading };
  document.body.dataset.shown = pump.stats.shown;
  show();
  if (source?.still && !source.told && !reading.faces.length) refuse("no face found");
  if (source) source.told = true;
});

function show() {
  if (!latest || !state || !source) return;
  const { frame, reading } = latest;
  stage.show(frame, reading, state);
  cover.show(frame.bitmap, reading.faces[reading.chosen]);
  panel.show(frame, reading, state, { ...pump.stats, dropped: source.dropped, name: source.name, place: link.place });
  if (isInside()) inside.show(frame, reading, state);
  stage.buttons(reading); // last: what is drawn asks for its size, which lays out whatever was moved before
  $("#rest").checked = reading.faces[reading.chosen]?.at_rest !== undefined;
}

// Hands on what is new: called when there may be something. Asking with every frame of the screen costs as much as a tenth
// of reading a picture.
function turn() {
  if (Math.max(pump.waits, link.waits) > HUNG_MS && !isTold) {
    isTold = true;
    offer(`No answer for ${HUNG_MS / 1000} s: ${link.place} is busy, or hangs.`, () => link.restart());
  }
  if (source && state) {
    const held = source.still || state.paused;
    if (!state.paused || source.still || pump.stale) pump.offer(source, state.mirror, wanted);
    if (asksAgain && held && pump.again(wanted())) asksAgain = false;
  }
}

function askAgain() {
  asksAgain = true;
  requestAnimationFrame(turn);
}

const wanted = () => ({ inside: isInside(), cover: cover.wanted });

// --- what the link says

link.addEventListener("state", ({ detail }) => {
  answered();
  const paused = state?.paused;
  state = detail;
  first ??= detail;
  document.body.dataset.ready = ""; // from now on keys are heard
  keepWords();
  if (source) transport.show(state);
  if (source && paused !== state.paused) source.pause(state.paused);
  askAgain();
  fillControls(state);
  if (state.said) say(state.said);
  show();
  commands[state.asked]?.();
});
link.addEventListener("reading", ({ detail }) => {
  answered();
  // What was under way when the picture was held was answered in haste.
  if (!pump.answered(detail) || !pump.held.still) asksAgain = true;
  turn();
});
link.addEventListener("skipped", ({ detail }) => {
  pump.skipped(detail);
  askAgain();
});
link.addEventListener("error", ({ detail }) => refuse(detail));
link.addEventListener("lost", ({ detail }) => {
  pump.reset();
  isTold = false;
  say(detail, true);
});
link.addEventListener("open", () => {
  say("");
  const { choices, inside } = fromWords(words, about);
  pending = choices;
  if (Object.keys(choices).length) choose(choices);
  if (inside && !isInside()) mode("inside");
  if (source) choose({ mirror: source.mirrored });
  if (source?.still) source.fresh = true;
  turn();
});

// Whoever was thought to hang does not.
function answered() {
  if (isTold) say("");
  isTold = false;
}

// --- what only the page can do

const commands = {
  snapshot: async () => latest && say(`saved ${await snapshot($("#picture"), latest.frame.bitmap, facts(source, latest, state, about))}`),
  fullscreen: () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()),
  step: () => move(FRAME_S),
  step_back: () => move(-FRAME_S),
  back: () => move(-SEEK_S),
  forward: () => move(SEEK_S),
  restart: () => move(-Infinity),
  camera: () => watch(() => openCamera(source?.device)),
  record: () => record($("#picture").captureStream(30)),
  record_clean: () => (source?.element.captureStream ? record(source.element.captureStream()) : refuse("nothing to record")),
  classes: () => refuse(`the model has ${about.labels.length} classes`),
  quit: () => leave(),
  escape: () => (document.fullscreenElement ? document.exitFullscreen() : leave()),
};

function move(seconds) {
  if (!source?.move) return refuse("this source cannot be moved in");
  source.move(seconds);
  source.element.onseeked = () => {
    pump.stale = true;
    turn();
  };
}

function record(stream) {
  if (!source) return;
  $("#recording").hidden = !recorder.toggle(stream, (name) => {
    $("#recording").hidden = true;
    $("#record").ariaPressed = "false";
    say(`saved ${name}`);
  });
  $("#record").ariaPressed = String(!$("#recording").hidden);
}

async function explain(kind, make = explanation) {
  const isOwn = kind === "lesson" && about.lesson_of; // needs nobody before the camera
  if (!isOwn && !latest?.reading.faces.length) return refuse("there is no face to explain");
  const { picture } = latest?.frame ?? {}, { faces = [], chosen } = latest?.reading ?? {};
  const order = [...faces].sort((a, b) => a.box[0] - b.box[0]);
  say("drawing…", true);
  try {
    say(await make(link, kind, picture, order.indexOf(faces[chosen]) + 1, source?.name));
  } catch (error) {
    refuse(error.message);
  }
}

// --- sources

async function watch(open) {
  say("opening…", true);
  try {
    const opened = await open();
    leave();
    source = opened;
    source.arrived = turn;
    $("#welcome").hidden = true;
    link.forget();
    choose({ mirror: source.mirrored, paused: Boolean(source.waits), face: 0 });
    say("");
    transport.begin(source);
    turn();
    opened.ended = () => source === opened && choose({ paused: true });
    opened.lost = () => source === opened && offer("The camera has ended: was it unplugged?", () => watch(() => openCamera("", opened.device)));
  } catch (error) {
    refuse(error.message);
  }
}

function leave() {
  source?.close();
  source = latest = null;
  pump.reset();
  cover.toggle(false);
  stage.clear();
  panel.clear();
  $("#welcome").hidden = false;
  transport.begin(null);
}

// The address says what is looked at, once what it said before was taken up.
function keepWords() {
  if (!link.open || Object.entries(pending).some(([name, value]) => state[name] !== value)) return;
  pending = {};
  words = inWords(state, first, about, isInside());
  history.replaceState(null, "", words ? `#${words}` : location.pathname);
}

// --- what the user does

// The help is open as long as the state says so; without a server it closes by itself.
function closeHelp() {
  if (link.open) link.press("h");
  else $("#help").close();
}

function isInside() {
  return document.body.dataset.mode === "inside";
}

function mode(name) {
  document.body.dataset.mode = name;
  for (const button of ["watch", "inside"]) $(`#${button}`).ariaPressed = String(button === name);
  askAgain();
  if (state) keepWords();
  show();
}

const transport = new Transport({
  stop: leave,
  pause: () => choose({ paused: !state.paused }),
  record: () => commands.record(),
  seek: (seconds) => move(seconds - source.element.currentTime),
  camera: (id) => watch(() => openCamera("", id)),
});

for (const button of ["#camera", "#start"]) $(button).onclick = () => watch(() => openCamera());
for (const button of ["#open", "#choose"]) $(button).onclick = () => $("#file").click();
$("#file").onchange = ({ target }) => {
  const [file] = target.files;
  target.value = "";
  if (file) watch(() => openFile(link, file));
};
for (const { file, title } of about.samples) {
  const button = element("button", title);
  button.onclick = () => watch(() => openSample(link, file, title));
  $("#samples").append(button);
  $("#samples").hidden = false;
}
$("#cover").onclick = () => cover.toggle();
$("#rest").onchange = () => link.press(";");
$("#watch").onclick = () => mode("watch");
$("#inside").onclick = () => mode("inside");
$("#snapshot").onclick = () => link.press("s");
$("#keys").onclick = () => link.press("h");
for (const [button, kind, make] of [["#figure", "png"], ["#report", "html"], ["#lesson", "lesson", lesson]]) {
  $(button).onclick = () => explain(kind, make);
  $(button).hidden = !about.results.includes(kind);
}
if (about.lesson_of) $("#lesson").title = `Ten steps through ${about.lesson_of}, for somebody who has never seen such a network`;
$("#lessonclose").onclick = () => $("#lessonpage").close();
$("#close").onclick = closeHelp;
$("#help").oncancel = (event) => {
  event.preventDefault();
  closeHelp();
};
offerChoices(about, choose);
fillHelp(about, $("#helptable"), (key) => link.press(key));
onLongPress($("#stage"), () => link.press("h"));
listen(about, (key) => link.press(key), () => mode(isInside() ? "watch" : "inside"));

onDrop((file) => watch(() => openFile(link, file)));
addEventListener("resize", show);

panel.clear();
link.connect();
setInterval(turn, LOOK_MS);
