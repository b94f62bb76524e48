// A gray square over the chosen face: it is dragged, or pushed by arrows, and the bars tell what the covered part had said.

import { placed } from "./stage.js";

const SIZES = [0.25, 0.4, 0.6], STEP = 0.04, GROWTH = 1.15, LEAST = 0.08, MOST = 0.9; // in edges of the face's crop
const TAP = 4; // within how many pixels a press is no drag
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const GROWS = { "+": GROWTH, "=": GROWTH, "-": 1 / GROWTH };
const $ = (name) => document.querySelector(name);

export class Cover {
  // changed: is called when something else is covered.
  constructor(changed) {
    Object.assign(this, { isOn: false, changed, x: 0.5, y: 0.5, edge: SIZES[1] });
    const square = $("#square");
    square.onpointerdown = (event) => this.grab(event);
    square.onpointermove = (event) => this.drag(event);
    square.onpointerup = square.onpointercancel = () => (this.held = null);
    square.onkeydown = (event) => this.key(event);
    square.onclick = ({ detail }) => (detail && this.moved) || this.nextSize(); // what Enter clicks has no detail
    square.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.size(event.deltaY < 0 ? GROWTH : 1 / GROWTH);
    });
  }

  // As a frame's header tells it: [x, y, edge], or null.
  get wanted() {
    return this.isOn ? [this.x, this.y, this.edge].map((value) => Number(value.toFixed(4))) : null;
  }

  toggle(on = !this.isOn) {
    this.isOn = on;
    $("#cover").ariaPressed = String(on);
    this.place();
    this.changed();
    if (on && !$("#square").hidden) $("#square").focus({ preventScroll: true });
  }

  // The chosen face in a frame of this size, or undefined.
  show({ width, height }, face) {
    this.face = face && { square: face.square, ...placed($("#picture"), width, height) };
    this.place();
  }

  place() {
    const square = $("#square");
    square.hidden = !this.isOn || !this.face;
    if (square.hidden) return;
    const { at, scale, square: [x0, y0, x1, y1, turn] } = this.face, side = (x1 - x0) * scale, edge = side * this.edge;
    const [right, down] = turned((this.x - 0.5) * side, (this.y - 0.5) * side, turn);
    const left = at[0] + ((x0 + x1) / 2) * scale + right - edge / 2, top = at[1] + ((y0 + y1) / 2) * scale + down - edge / 2;
    Object.assign(square.style, { left: `${left}px`, top: `${top}px`, width: `${edge}px`, height: `${edge}px`, transform: `rotate(${turn}rad)` });
  }

  // Where on the face a pointer is, in edges of its crop.
  under({ clientX, clientY }) {
    const { at, scale, square: [x0, y0, x1, y1, turn] } = this.face, stage = $("#stage").getBoundingClientRect();
    const x = (clientX - stage.left - at[0]) / scale - (x0 + x1) / 2, y = (clientY - stage.top - at[1]) / scale - (y0 + y1) / 2;
    return turned(x, y, -turn).map((apart) => apart / (x1 - x0) + 0.5);
  }

  grab(event) {
    event.stopPropagation(); // a long press is the stage's
    const [x, y] = this.under(event);
    this.held = { apart: [this.x - x, this.y - y], from: [event.clientX, event.clientY] };
    this.moved = false;
    event.target.setPointerCapture(event.pointerId);
  }

  drag(event) {
    if (!this.held || !this.face) return;
    const { apart, from } = this.held, [x, y] = this.under(event);
    this.moved ||= Math.hypot(event.clientX - from[0], event.clientY - from[1]) > TAP;
    if (this.moved) this.move(x + apart[0], y + apart[1]);
  }

  move(x, y) {
    [this.x, this.y] = [x, y].map((value) => Math.min(1, Math.max(0, value)));
    this.place();
    this.changed();
  }

  size(factor) {
    this.edge = Math.min(MOST, Math.max(LEAST, this.edge * factor));
    this.place();
    this.changed();
  }

  // A tap, or Enter.
  nextSize() {
    this.size((SIZES.find((edge) => edge > this.edge + 1e-3) ?? SIZES[0]) / this.edge);
  }

  key(event) {
    const { key } = event;
    if (key in ARROWS) this.move(this.x + ARROWS[key][0] * STEP, this.y + ARROWS[key][1] * STEP);
    else if (key in GROWS) this.size(GROWS[key]);
    else if (key === "Escape") this.toggle(false), $("#cover").focus();
    else return;
    event.preventDefault();
    event.stopPropagation(); // the page's own keys mean something else
  }
}

function turned(x, y, turn) {
  return [x * Math.cos(turn) - y * Math.sin(turn), x * Math.sin(turn) + y * Math.cos(turn)];
}
