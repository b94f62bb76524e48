// Where pictures come from: a camera, a video, one picture. Each gives an element to draw from, its size and its clock.

const CAMERA = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };

const LESS_MOTION = matchMedia("(prefers-reduced-motion: reduce)");

// What a browser's errors mean.
const REASONS = {
  NotAllowedError: "The browser was not allowed to use the camera: allow it beside the address, and try again.",
  NotFoundError: "No camera was found: plug one in, or choose a file.",
  NotReadableError: "The camera is in use by another program: close it there, and try again.",
  OverconstrainedError: "This camera was not found any more: choose another.",
};

// What video sources share: every frame that the browser presents is offered once.
class Film {
  arrived = () => {}; // is called with each

  constructor(video) {
    this.element = video;
    this.presented = this.taken = this.dropped = 0;
    const count = () => {
      this.presented += 1;
      video.requestVideoFrameCallback(count);
      this.arrived();
    };
    video.requestVideoFrameCallback(count);
  }

  get size() {
    return [this.element.videoWidth, this.element.videoHeight];
  }

  get fresh() {
    return this.presented > this.taken && this.element.videoWidth > 0;
  }

  take() {
    this.dropped += this.presented - this.taken - 1;
    this.taken = this.presented;
  }
}

class Camera extends Film {
  name = "camera";
  mirrored = true;
  lost = () => {};

  get time_s() {
    return performance.now() / 1000;
  }

  pause() {}

  close() {
    for (const track of this.element.srcObject.getTracks()) track.stop();
  }
}

// One that waits stands at its beginning until its user starts it, and ends instead of beginning again.
class Video extends Film {
  mirrored = false;
  ended = () => {};

  constructor(video, waits) {
    super(video);
    this.waits = waits;
    video.loop = !waits;
    video.onended = () => this.ended();
    if (waits) video.pause();
    if (waits) video.currentTime = 0;
  }

  get duration() {
    return this.element.duration;
  }

  get time_s() {
    return this.element.currentTime;
  }

  pause(paused) {
    if (paused) this.element.pause();
    else this.element.play();
  }

  move(seconds) {
    this.element.currentTime = Math.min(Math.max(0, this.element.currentTime + seconds), this.element.duration);
  }

  close() {
    this.element.pause();
    URL.revokeObjectURL(this.element.src);
  }
}

class Still {
  mirrored = false;
  still = true;
  fresh = true;
  dropped = 0;
  time_s = 0;

  constructor(bitmap) {
    this.element = bitmap;
  }

  get size() {
    return [this.element.width, this.element.height];
  }

  take() {
    this.fresh = false;
  }

  pause() {}

  close() {
    this.element.close();
  }
}

// A camera's `lost` is called when it ends by itself, as when it is unplugged.
export async function openCamera(after, wanted = "") {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new Error("This browser gives cameras to secure addresses only: open 127.0.0.1 on the machine itself, or drop a file.");
  }
  const which = wanted ? { deviceId: { exact: wanted } } : await nextCamera(after);
  const stream = await navigator.mediaDevices.getUserMedia({ video: { ...CAMERA, ...which }, audio: false }).catch((error) => {
    throw new Error(REASONS[error.name] ?? `The camera cannot be opened (${error.name}): choose a file, or another camera.`);
  });
  const camera = new Camera(await playing((video) => (video.srcObject = stream)));
  const settings = stream.getVideoTracks()[0].getSettings();
  camera.device = settings.deviceId;
  camera.name = stream.getVideoTracks()[0].label || "camera";
  stream.getVideoTracks()[0].onended = () => camera.lost();
  return camera;
}

async function nextCamera(after) {
  if (!after) return {};
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
  const at = cameras.findIndex(({ deviceId }) => deviceId === after);
  return { deviceId: { exact: cameras[(at + 1) % cameras.length].deviceId } };
}

// A dropped file, as the link says that it can be shown.
export async function openFile(link, file) {
  const blob = await link.shown(file);
  const source = blob.type.startsWith("video/")
    ? new Video(await playing((video) => (video.src = URL.createObjectURL(blob))), LESS_MOTION.matches)
    : new Still(await createImageBitmap(blob));
  source.name = file.name;
  return source;
}

// One of the page's own pictures and films, by its address.
export async function openSample(link, address, title) {
  const blob = await (await fetch(address)).blob();
  return openFile(link, new File([blob], title, { type: blob.type }));
}

async function playing(prepare) {
  const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
  prepare(video);
  await video.play();
  return video;
}
