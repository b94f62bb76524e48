// BlazeFace in onnxruntime: quick on a face that fills a good part of the picture, and sees tilt. As `faces/blazeface.py`.

import { blended } from "./blending.js";
import { around, placed } from "./geometry.js";
import { warp } from "./pixels.js";
import { faces } from "./tables.js";

const { HEIGHT, OVERLAP, RANGES, RISE, WIDTH } = faces.blazeface;
const LEAST = 0; // the logit of 0.5

export class BlazeFace {
  // name: "short" or "full", the range.
  constructor(session, tensor, name) {
    Object.assign(this, { session, tensor, edge: RANGES[name].edge });
    this.middles = RANGES[name].grids.flatMap(([stride, answers]) => middles(this.edge, stride, answers));
  }

  async detect(pictures) {
    const found = [];
    for (const picture of pictures) found.push(await this.look(picture));
    return found;
  }

  async look(picture) {
    const { edge } = this, longest = Math.max(picture.width, picture.height), step = longest / edge;
    const corner = [(picture.width - longest) / 2, (picture.height - longest) / 2];
    const square = picture.width === edge && picture.height === edge ? picture : warp(picture, [step, 0, corner[0], 0, step, corner[1]], edge, edge, false);
    const { logits, places } = await this.session.run({ pictures: this.tensor("float32", blob(square), [1, 3, edge, edge]) });
    return this.faces(logits.data, places.data, places.dims.at(-1)).map((face) => likeYunet(placed(face, [step, step], corner)));
  }

  faces(logits, places, width) {
    const table = [];
    this.middles.forEach(([x, y], cell) => {
      if (!(logits[cell] >= LEAST)) return;
      const place = places.subarray(cell * width, (cell + 1) * width), px = x + place[0], py = y + place[1];
      const eyes = [x + place[4], y + place[5], x + place[6], y + place[7]];
      table.push([px - place[2] / 2, py - place[3] / 2, px + place[2] / 2, py + place[3] / 2, ...eyes, 1 / (1 + Math.exp(-logits[cell]))]);
    });
    return blended(table, OVERLAP, OVERLAP);
  }
}

// The middle of each answer's cell, in pixels of the square and the network's order.
function middles(edge, stride, answers) {
  const across = edge / stride;
  return Array.from({ length: across * across * answers }, (_, number) => {
    const cell = Math.floor(number / answers);
    return [stride * ((cell % across) + 0.5), stride * (Math.floor(cell / across) + 0.5)];
  });
}

function blob({ values }) {
  const plane = values.length / 3, made = new Float32Array(values.length);
  for (let at = 0; at < plane; at += 1) {
    for (let channel = 0; channel < 3; channel += 1) made[channel * plane + at] = (values[3 * at + channel] - 127.5) / 127.5;
  }
  return made;
}

// A face whose box is BlazeFace's square, with the box that YuNet would draw about it.
function likeYunet(face) {
  const [[ax, ay], [bx, by]] = face.eyes, [x0, y0, x1, y1] = face.box;
  const turn = Math.atan2(by - ay, bx - ax), size = y1 - y0;
  const middle = [(x0 + x1) / 2 + RISE * size * Math.sin(turn), (y0 + y1) / 2 - RISE * size * Math.cos(turn)];
  return { ...face, box: around(middle, WIDTH * size, HEIGHT * size, turn) };
}
