// What a snapshot tells beside its picture: with the keys of those that the window takes, so that one script reads both.

const PREDICTED = -1, RUNNER_UP = -2;

// Under which circumstances the picture was read, and what was read in it, in pixels of the picture.
export function facts(source, { frame, reading }, state, about) {
  const { bitmap, time_s, number } = frame, target = state.target === PREDICTED ? "the predicted class" : about.labels[state.target];
  return {
    source: source.name,
    position: source.duration ? `${clock(time_s)} / ${clock(source.duration)}` : "",
    taken: localTime(new Date()),
    model: about.model,
    provider: about.provider,
    view: state.view,
    layer: about.layers[state.layer]?.name ?? "",
    method: about.methods[state.method]?.name ?? "",
    target,
    against: about.labels[state.against] ?? (state.against === RUNNER_UP ? "the runner-up" : ""),
    map: state.unit,
    mirror: state.mirror,
    versions: about.versions,
    frame: number,
    time_s: rounded(time_s, 3),
    width: bitmap.width,
    height: bitmap.height,
    prior: state.prior,
    faces: reading.faces.map((face) => told(face, about.labels)),
    ...(reading.covered ? { covered: { ...said(about.labels, reading.covered.probabilities), square: reading.covered.square } } : {}),
  };
}

function told(face, labels) {
  return {
    face: face.track,
    box_xyxy: face.box,
    quality: face.quality === undefined ? null : rounded(face.quality, 4),
    shown: said(labels, face.probabilities, face.label, face.confidence),
    network: said(labels, face.raw),
    ...(face.plain ? { plain: said(labels, face.plain) } : {}),
  };
}

function said(labels, shares, label = labels[shares.indexOf(Math.max(...shares))], confidence = Math.max(...shares)) {
  const probabilities = Object.fromEntries(labels.map((name, number) => [name, rounded(shares[number], 4)]));
  return { label, confidence: rounded(confidence, 4), probabilities };
}

const rounded = (value, digits) => Number(value.toFixed(digits));

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

// As Python writes it: of this place, to a millisecond, with the difference from UTC.
function localTime(now) {
  const ahead = -now.getTimezoneOffset(), part = (number) => String(Math.abs(number)).padStart(2, "0");
  const here = new Date(now.getTime() + 60_000 * ahead).toISOString().slice(0, -1);
  return `${here}${ahead < 0 ? "-" : "+"}${part(Math.trunc(ahead / 60))}:${part(ahead % 60)}`;
}
