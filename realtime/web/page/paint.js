// Bytes to pixels: heat, feature maps, crops. One byte is one cell; the browser enlarges it.

let palettes = {};

export function usePalettes(given) {
  palettes = given;
}

// A canvas with one pixel a cell; `colour` gives [red, green, blue, opacity] for a byte.
function cells(width, height, colour, canvas = document.createElement("canvas")) {
  Object.assign(canvas, { width, height });
  const image = new ImageData(width, height);
  for (let cell = 0; cell < width * height; cell += 1) image.data.set(colour(cell), 4 * cell);
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// Heat that grows opaque as it grows hot.
export function heatCells({ shape: [height, width], values }, palette, opacity) {
  const colours = palettes[palette];
  return cells(width, height, (cell) => [...colours[values[cell]], Math.min(235, values[cell] * opacity)]);
}

// Heat over a part of a canvas, smoothly enlarged.
export function layHeat(context, heat, palette, opacity, x, y, width, height) {
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  context.drawImage(heatCells(heat, palette, opacity), x, y, width, height);
}

// The face in gray, so that colour means heat alone, and the heat over it.
export function heatOverFace(canvas, bitmap, square, heat, palette, opacity) {
  const edge = Math.max(96, Math.round(canvas.clientWidth * devicePixelRatio));
  Object.assign(canvas, { width: edge, height: edge });
  const context = canvas.getContext("2d");
  const [x0, y0, x1, y1] = square;
  context.filter = "grayscale(1)";
  context.drawImage(bitmap, x0, y0, x1 - x0, y1 - y0, 0, 0, edge, edge);
  context.filter = "none";
  if (heat) layHeat(context, heat, palette, Math.min(1, opacity * 1.5), 0, 0, edge, edge);
}

// The network's input, pixel by pixel.
export function crop(canvas, { shape: [height, width, depth = 1], values }) {
  canvas.classList.add("cells");
  const colour = (cell) => (depth === 1 ? [values[cell], values[cell], values[cell], 255] : [...values.subarray(3 * cell, 3 * cell + 3), 255]);
  cells(width, height, colour, canvas);
}

// Feature map number `place` of a layer: viridis from zero; or, with negative values, blue below zero and amber above.
export function featureMap(canvas, { shape: [, height, width], values }, signed, place) {
  canvas.classList.add("cells");
  const first = place * width * height;
  const colour = signed ? signedColour : (byte) => [...palettes.viridis[byte], 255];
  cells(width, height, (cell) => colour(values[first + cell]), canvas);
}

function signedColour(byte) {
  const share = (byte - 128) / 127;
  return share > 0 ? [255 * share, 184 * share, 0, 255] : [-51 * share, -158 * share, -242 * share, 255];
}
