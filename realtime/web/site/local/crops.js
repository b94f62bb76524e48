// From a face to what the network is fed: a square about the eyes, cut out and shrunk. As `reading/crops.py`, which draws it.

import { clip } from "./numbers.js";
import { area, picture, warp } from "./pixels.js";
import { stretched } from "./stretch.js";
import { reading } from "./tables.js";

const { BORDER, GRID, MAX_OVERSAMPLING, MIN_EYE_DISTANCE } = reading.crops;

// The map from the crop, as a unit square, to pixels of the frame: [right x, down x, origin x, right y, down y, origin y].
function cropMatrix({ box, eyes }, spec) {
  if (typeof spec.box_margin === "number") return boxMatrix(box.map(onGrid), spec.box_margin);
  const [[ax, ay], [bx, by]] = eyes.map((eye) => eye.map(onGrid));
  const apart = Math.max(Math.hypot(bx - ax, by - ay), MIN_EYE_DISTANCE * onGrid(box[3] - box[1]), 1);
  const turn = spec.align ? Math.atan2(by - ay, bx - ax) : 0, side = apart * spec.eye_distances;
  const [rx, ry] = [side * Math.cos(turn), side * Math.sin(turn)];
  const x = (ax + bx) / 2 - rx / 2 + ry * spec.eye_line, y = (ay + by) / 2 - ry / 2 - rx * spec.eye_line;
  return [rx, -ry, x, ry, rx, y];
}

const onGrid = (edge) => Math.floor(edge * GRID + 0.5) / GRID;

function boxMatrix([x0, y0, x1, y1], margin) {
  const side = Math.max(x1 - x0, y1 - y0, 1) * (1 + 2 * margin);
  return [side, 0, (x0 + x1 - side) / 2, 0, side, (y0 + y1 - side) / 2];
}

// The crop's square before it is turned, in pixels of the frame, and its turn clockwise about its middle.
export function cropSquare(face, spec) {
  const [rx, dx, ox, ry, dy, oy] = cropMatrix(face, spec), half = Math.hypot(rx, ry) / 2;
  const x = ox + (rx + dx) / 2, y = oy + (ry + dy) / 2;
  return [x - half, y - half, x + half, y + half, Math.atan2(ry, rx)];
}

// The pixels that the network sees: gray, or red first.
export function cutCrop(raster, face, { input, crop }) {
  const { width, height } = input;
  let matrix = cropMatrix(face, crop), times = oversampling(matrix, width, height), part;
  ({ part, matrix } = partOf(raster, matrix, input.channels === "gray", times));
  ({ part, matrix, times } = halfway(part, matrix, times));
  const fine = warp(part, betweenPixelCentres(matrix, width * times, height * times), width * times, height * times, true);
  return times === 1 ? fine : area(fine, width, height);
}

// How many samples per pixel of the crop, along each edge, so that no pixel of the frame is skipped.
function oversampling([rx, dx, , ry, dy], width, height) {
  const most = Math.max(Math.hypot(rx, ry) / width, Math.hypot(dx, dy) / height);
  return Math.min(MAX_OVERSAMPLING, Math.max(1, Math.ceil(most - 0.25)));
}

// The part, shrunk to at least twice the crop's own resolution by averaging whole pixels, and the map into it.
function halfway(part, matrix, times) {
  const factor = Math.floor(times / 2), rows = Math.floor(part.height / Math.max(factor, 1)), columns = Math.floor(part.width / Math.max(factor, 1));
  if (factor < 2 || !rows || !columns) return { part, matrix, times };
  const small = area(topLeft(part, columns * factor, rows * factor), columns, rows);
  return { part: small, matrix: matrix.map((value) => value / factor), times: Math.ceil(times / factor) };
}

function topLeft(source, width, height) {
  if (width === source.width && height === source.height) return source;
  const made = picture(width, height, source.depth), line = width * source.depth, step = source.width * source.depth;
  for (let row = 0; row < height; row += 1) made.values.set(source.values.subarray(row * step, row * step + line), row * line);
  return made;
}

// What the crop touches of the frame, and the map into it: only that is turned to gray.
function partOf(raster, [rx, dx, ox, ry, dy, oy], isGray, margin) {
  const border = BORDER + margin, xs = [ox, ox + rx, ox + dx, ox + rx + dx], ys = [oy, oy + ry, oy + dy, oy + ry + dy];
  const x0 = Math.trunc(clip(Math.min(...xs) - border, 0, raster.width - 1)), y0 = Math.trunc(clip(Math.min(...ys) - border, 0, raster.height - 1));
  const x1 = Math.trunc(clip(Math.max(...xs) + border + 1, x0 + 1, raster.width)), y1 = Math.trunc(clip(Math.max(...ys) + border + 1, y0 + 1, raster.height));
  return { part: raster.pixels([x0, y0, x1, y1], isGray), matrix: [rx, dx, ox - x0, ry, dy, oy - y0] };
}

// The map from pixel numbers of a crop of this size to pixel numbers of the frame; a pixel's centre is at + ½.
function betweenPixelCentres([rx, dx, ox, ry, dy, oy], width, height) {
  const [a, b, c, d] = [rx / width, dx / height, ry / width, dy / height];
  return [a, b, ox + (a + b) / 2 - 0.5, c, d, oy + (c + d) / 2 - 0.5];
}

// Crops as the network reads them: its order of channels and layout, stretched and scaled.
export function toBatch(crops, input) {
  const depth = input.channels === "gray" ? 1 : 3, plane = input.width * input.height, size = plane * depth;
  const batch = new Float32Array(crops.length * size), each = (value) => (Array.isArray(value) ? value : new Array(depth).fill(value));
  const scale = each(input.scale), offset = each(input.offset);
  crops.forEach((crop, number) => {
    const lit = stretched(crop.values, input.stretch);
    for (let pixel = 0; pixel < plane; pixel += 1) {
      for (let channel = 0; channel < depth; channel += 1) {
        const from = input.channels === "bgr" ? 2 - channel : channel;
        const at = input.layout === "NHWC" ? pixel * depth + channel : channel * plane + pixel;
        batch[number * size + at] = lit[pixel * depth + from] * scale[channel] + offset[channel];
      }
    }
  });
  return batch;
}

// A crop as the network sees it, in whole levels, for people to look at.
export function asSeen(crop, input) {
  return { ...crop, values: Uint8ClampedArray.from(stretched(crop.values, input.stretch)) };
}
