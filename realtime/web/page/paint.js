// Bytes to pixels: heat, feature maps, crops. One byte is one cell; the browser enlarges it.
//
// A table gives each of the 256 bytes its colour, red in the lowest byte of a word, opacity in the highest.

const GRAY = table((byte) => [byte, byte, byte, 255]);
const SIGNED = table((byte) => {
  const share = Math.max(-1, (byte - 128) / 127); // amber above zero, blue below, black at zero
  return share > 0 ? [255 * share, 184 * share, 0, 255] : [-51 * share, -158 * share, -242 * share, 255];
});
// The same over a face: the stronger, the more opaque.
const DRIVING = table((byte) => {
  const share = Math.max(-1, (byte - 128) / 127);
  return share > 0 ? [255, 184, 0, 255 * share] : [51, 158, 242, -255 * share];
});
const FACE = 0.35; // brightness that is left of a face under pixels
const MOST_OPAQUE = 235;

let palettes = {};
let activation = GRAY;
const heatTables = new Map();

export function usePalettes(given) {
  palettes = given;
  activation = table((byte) => [...given.viridis[byte], 255]);
}

function table(colour) {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    const [red, green, blue, opacity] = colour(byte).map(Math.round);
    return (red | (green << 8) | (blue << 16) | (opacity << 24)) >>> 0;
  });
}

// Heat that grows opaque as it grows hot.
function heatTable(palette, opacity) {
  const key = `${palette} ${opacity}`;
  if (!heatTables.has(key)) {
    heatTables.set(key, table((byte) => [...palettes[palette][byte], Math.min(MOST_OPAQUE, byte * opacity)]));
  }
  return heatTables.get(key);
}

// Gives a canvas this size; one that has it is left alone, since a new size costs new memory and clears it.
export function sized(canvas, width, height) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
}

// A canvas with one pixel a cell.
function cells(width, height, values, colours, canvas) {
  sized(canvas, width, height);
  const image = new ImageData(width, height);
  const words = new Uint32Array(image.data.buffer);
  for (let cell = 0; cell < words.length; cell += 1) words[cell] = colours[values[cell]];
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

const small = document.createElement("canvas");

// Heat over a part of a canvas, smoothly enlarged.
export function layHeat(context, { shape: [height, width], values }, palette, opacity, x, y, wide, high) {
  context.drawImage(cells(width, height, values, heatTable(palette, opacity), small), x, y, wide, high);
}

const gray = document.createElement("canvas");
let grayOf = {};

// The face in gray, so that colour means heat alone; drawn once for all heatmaps of a frame.
function grayFace(bitmap, [x0, y0, x1, y1, turn], edge) {
  if (grayOf.bitmap !== bitmap || grayOf.edge !== edge || grayOf.x0 !== x0 || grayOf.y0 !== y0) {
    sized(gray, edge, edge);
    const context = gray.getContext("2d", { alpha: false });
    context.resetTransform();
    context.clearRect(0, 0, edge, edge); // the square may reach beyond the picture
    context.filter = "grayscale(1)";
    context.translate(edge / 2, edge / 2);
    context.rotate(-turn);
    context.scale(edge / (x1 - x0), edge / (y1 - y0));
    context.drawImage(bitmap, -(x0 + x1) / 2, -(y0 + y1) / 2);
    grayOf = { bitmap, edge, x0, y0 };
  }
  return gray;
}

// The gray face and the heat over it.
export function heatOverFace(canvas, bitmap, square, heat, palette, opacity) {
  const edge = Math.max(96, Math.round(canvas.clientWidth * devicePixelRatio));
  sized(canvas, edge, edge);
  const context = canvas.getContext("2d", { alpha: false });
  context.drawImage(grayFace(bitmap, square, edge), 0, 0);
  if (heat) layHeat(context, heat, palette, Math.min(1, opacity * 1.5), 0, 0, edge, edge);
}

// The face, darkened, and over it the pixels that drive a map.
export function pixelsOverFace(canvas, bitmap, square, { shape: [height, width], values }) {
  heatOverFace(canvas, bitmap, square, null);
  const context = canvas.getContext("2d"), edge = canvas.width;
  context.fillStyle = `rgb(0 0 0 / ${1 - FACE})`;
  context.fillRect(0, 0, edge, edge);
  context.imageSmoothingEnabled = false;
  context.drawImage(cells(width, height, values, DRIVING, small), 0, 0, edge, edge);
  context.imageSmoothingEnabled = true;
}

// The network's input, pixel by pixel.
export function crop(canvas, { shape: [height, width, depth = 1], values }) {
  canvas.classList.add("cells");
  if (depth === 1) return cells(width, height, values, GRAY, canvas);
  sized(canvas, width, height);
  const image = new ImageData(width, height);
  for (let cell = 0; cell < width * height; cell += 1) {
    image.data.set([values[3 * cell], values[3 * cell + 1], values[3 * cell + 2], 255], 4 * cell);
  }
  return canvas.getContext("2d").putImageData(image, 0, 0);
}

// Feature map number `place` of a layer, on the layer's scale.
export function featureMap(canvas, { shape: [, height, width], values }, signed, place) {
  canvas.classList.add("cells");
  const first = place * width * height;
  cells(width, height, values.subarray(first, first + width * height), signed ? SIGNED : activation, canvas);
}
