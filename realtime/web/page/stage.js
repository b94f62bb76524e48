// The picture with what is drawn on it, and a button over each face, so that Tab goes from face to face.

import { layHeat, sized } from "./paint.js";
import { put } from "./panel.js";

const FONT = "system-ui, 'Noto Sans', 'DejaVu Sans', sans-serif";
const LARGEST = 15, SMALLEST = 10; // letters of a label, in pixels of the page
const LARGER = 2; // than the picture, at most, is the canvas that it is drawn on
const MOST_WIDE = { alone: 0.9, among: 0.4 }; // of the picture, for a label
const UNSURE = "#c8c8c8";

export class Stage {
  constructor(about, choose) {
    this.about = about;
    this.choose = choose;
    this.canvas = document.querySelector("#picture");
    this.faces = document.querySelector("#faces");
  }

  show(frame, reading, state) {
    const { width, height } = frame.bitmap;
    this.place = placed(this.canvas, width, height); // asked for before anything is moved, or the page is laid out twice
    const fit = this.place.scale * devicePixelRatio;
    const scale = Math.max(1, Math.min(LARGER, fit || 1));
    sized(this.canvas, ...this.pixels(width * scale, height * scale));
    const context = this.canvas.getContext("2d", { alpha: false }); // quicker to lay on the screen
    if (frame.still) context.clearRect(0, 0, this.canvas.width, this.canvas.height); // it may be transparent
    context.drawImage(frame.bitmap, 0, 0, this.canvas.width, this.canvas.height);
    const ratio = fit ? (scale / fit) * devicePixelRatio : 1;
    for (const face of reading.faces) this.heat(context, face, reading, state, scale);
    const alone = reading.faces.length === 1;
    for (const face of reading.faces) this.face(context, face, { chosen: face === reading.faces[reading.chosen], alone }, state, scale, ratio);
    if (reading.covered) this.square(context, reading.faces[reading.chosen].square, reading.covered.square, scale);
    if (state.names) this.plates(context, reading, scale, ratio);
  }

  // A canvas of about this size that stands on whole pixels of the screen in its room: else it would be drawn twice, once
  // here and once between those pixels.
  pixels(width, height) {
    const even = (length, room) => 2 * Math.round((length - (room % 2)) / 2) + (room % 2);
    const [wide, high] = [this.canvas.clientWidth, this.canvas.clientHeight].map((room) => Math.round(room * devicePixelRatio));
    return [even(width, wide), even(height, high)];
  }

  heat(context, face, reading, state, scale) {
    if (face.heat === undefined) return;
    onSquare(context, face.square, scale, (side) =>
      layHeat(context, reading.arrays[face.heat], state.colour_map, state.opacity, -side / 2, -side / 2, side, side));
  }

  // What was covered of the face when this was read.
  square(context, square, [x, y, edge], scale) {
    onSquare(context, square, scale, (side) => {
      const within = (place) => Math.min(1, Math.max(0, place)) - 0.5, [left, top] = [within(x - edge / 2), within(y - edge / 2)];
      context.fillStyle = "#808080";
      context.fillRect(left * side, top * side, (within(x + edge / 2) - left) * side, (within(y + edge / 2) - top) * side);
    });
  }

  // `ratio`: pixels of the canvas per pixel of the page, by which letters keep their size on every screen.
  // The chosen one of several has a whole frame.
  face(context, face, { chosen, alone }, state, scale, ratio) {
    const box = face.box.map((edge) => edge * scale);
    const colour = this.about.colours[face.class] ?? UNSURE;
    if (chosen && !alone) frame(context, box, colour, 3 * ratio);
    else corners(context, box, colour, (chosen ? 3 : 2) * ratio);
    if (state.bars && !chosen && face.label !== "unreadable") this.smallBars(context, box, face);
  }

  // The chosen face's label first, then the others from left to right, each where it covers no other.
  plates(context, reading, scale, ratio) {
    const chosen = reading.faces[reading.chosen], taken = [];
    const room = MOST_WIDE[reading.faces.length > 1 ? "among" : "alone"] * context.canvas.width;
    const order = [...reading.faces].sort((a, b) => (b === chosen) - (a === chosen) || a.box[0] - b.box[0]);
    for (const face of order) this.plate(context, face.box.map((edge) => edge * scale), face, room, ratio, taken);
  }

  plate(context, [x0, y0, x1, y1], face, room, ratio, taken) {
    const size = Math.round(Math.min(LARGEST, Math.max(SMALLEST, ((x1 - x0) / ratio) * 0.2)) * ratio), gap = size * 0.4;
    const share = face.class < 0 ? "" : `  ${Math.round(100 * face.confidence)} %`, after = share + own(face);
    context.font = `600 ${size}px ${FONT}`;
    const text = fitted(context, face.label, after, room - 2 * gap);
    const width = context.measureText(text).width + 2 * gap, height = size + gap * 1.4;
    const x = Math.max(0, Math.min(x0, context.canvas.width - width));
    const y = [y0 - height - gap / 2, y1 + gap / 2, y0 + gap / 2].find((top) => isFree([x, top, width, height], taken, context.canvas));
    if (y === undefined) return;
    taken.push([x, y, width, height]);
    context.fillStyle = "#18161ad0";
    context.beginPath();
    context.roundRect(x, y, width, height, gap * 0.8);
    context.fill();
    context.fillStyle = "#fff";
    context.textBaseline = "middle";
    context.fillText(text, x + gap, y + height / 2 + size * 0.05);
  }

  smallBars(context, [x0, , x1, y1], face) {
    const high = (x1 - x0) / 5, step = (x1 - x0) / face.probabilities.length;
    context.fillStyle = "#18161ad0";
    context.fillRect(x0, y1 - high, x1 - x0, high);
    face.probabilities.forEach((share, number) => {
      context.fillStyle = this.about.colours[number];
      context.fillRect(x0 + number * step + 1, y1 - share * high, Math.max(1, step - 2), share * high);
    });
  }

  buttons(reading) {
    const { place } = this;
    const wanted = new Map(reading.faces.map((face, number) => [String(face.track), [face, number]]));
    for (const button of [...this.faces.children]) if (!wanted.has(button.dataset.track)) button.remove();
    for (const [track, [face, number]] of wanted) {
      const button = this.faces.querySelector(`[data-track="${track}"]`) ?? this.button(track);
      const [x0, y0, x1, y1] = face.box.map((edge, axis) => place.at[axis % 2] + edge * place.scale);
      put(button.style, { left: px(x0), top: px(y0), width: px(x1 - x0), height: px(y1 - y0) });
      put(button, { ariaLabel: `face ${track}: ${face.label}`, ariaPressed: String(number === reading.chosen) });
    }
  }

  button(track) {
    const button = document.createElement("button");
    button.dataset.track = track;
    button.onclick = button.onfocus = () => this.choose({ face: Number(track) });
    return this.faces.appendChild(button);
  }

  clear() {
    this.faces.replaceChildren();
    this.canvas.getContext("2d").clearRect(0, 0, this.canvas.width, this.canvas.height);
  }
}

// Where it is, to a few pixels: a face that trembles is not to move its button with every frame.
const px = (length) => `${4 * Math.round(length / 4)}px`;

// Whether the person's own neutral face is taken off, or how much of it has been seen.
function own({ at_rest }) {
  if (at_rest === undefined) return "";
  return at_rest >= 1 ? "  own" : `  own ${10 * Math.floor(10 * at_rest)} %`;
}

// A label that is shortened to what there is room for, and what stands behind it.
function fitted(context, label, after, room) {
  const letters = [...label];
  let most = letters.length, text = label + after;
  while (most > 1 && context.measureText(text).width > room) text = `${letters.slice(0, (most -= 1)).join("").trimEnd()}…${after}`;
  return text;
}

function isFree([x, y, width, height], taken, canvas) {
  const clear = ([a, b, wide, high]) => x + width <= a || a + wide <= x || y + height <= b || b + high <= y;
  return y >= 0 && y + height <= canvas.height && taken.every(clear);
}

// Draws about the middle of a face's crop, turned as that is; `draw` is given the crop's edge.
function onSquare(context, [x0, y0, x1, y1, turn], scale, draw) {
  context.save();
  context.translate(((x0 + x1) / 2) * scale, ((y0 + y1) / 2) * scale);
  context.rotate(turn);
  draw((x1 - x0) * scale);
  context.restore();
}

// Where a picture of this size stands in its canvas, which keeps its proportions (`object-fit: contain`).
export function placed(canvas, width, height) {
  const scale = Math.min(canvas.clientWidth / width, canvas.clientHeight / height);
  const at = [canvas.offsetLeft + (canvas.clientWidth - width * scale) / 2, canvas.offsetTop + (canvas.clientHeight - height * scale) / 2];
  return { scale, at };
}

function frame(context, [x0, y0, x1, y1], colour, stroke) {
  context.beginPath();
  context.roundRect(x0, y0, x1 - x0, y1 - y0, 2 * stroke);
  outlined(context, colour, stroke);
}

function corners(context, [x0, y0, x1, y1], colour, stroke) {
  const arm = Math.max(8, Math.min(x1 - x0, y1 - y0) / 7);
  context.beginPath();
  for (const [x, y, dx, dy] of [[x0, y0, 1, 1], [x1, y0, -1, 1], [x1, y1, -1, -1], [x0, y1, 1, -1]]) {
    context.moveTo(x + arm * dx, y);
    context.lineTo(x, y);
    context.lineTo(x, y + arm * dy);
  }
  outlined(context, colour, stroke);
}

// What was drawn last, dark about its colour, so that it is seen on any picture.
function outlined(context, colour, stroke) {
  context.lineJoin = context.lineCap = "round";
  for (const [tint, width] of [["#0009", stroke * 1.8], [colour, stroke]]) {
    context.strokeStyle = tint;
    context.lineWidth = width;
    context.stroke();
  }
}
