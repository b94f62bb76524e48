// The buttons for the source: stop, hold, seek, record, and which camera.

import { element } from "./panel.js";

const $ = (name) => document.querySelector(name);

export class Transport {
  // act: { stop, pause, record, seek(seconds), camera(id) }
  constructor(act) {
    $("#stop").onclick = act.stop;
    $("#pause").onclick = act.pause;
    $("#record").onclick = act.record;
    $("#seek").oninput = ({ target }) => act.seek(Number(target.value));
    $("#cameras").onchange = ({ target }) => act.camera(target.value);
  }

  // A source has come or gone.
  begin(source) {
    $("#transport").hidden = !source;
    if (!source) return;
    const { duration } = source.element, isFilm = Number.isFinite(duration) && duration > 0;
    $("#seek").parentElement.hidden = !isFilm;
    if (isFilm) Object.assign($("#seek"), { max: duration, value: 0 });
    if (isFilm) source.element.ontimeupdate = () => this.follow(source);
    $("#pause").hidden = $("#record").hidden = Boolean(source.still);
    this.cameras(source);
  }

  show({ paused }) {
    $("#pause").textContent = paused ? "Go on" : "Pause";
    $("#pause").ariaPressed = String(paused);
  }

  // The slider goes with the film, but for when it is being moved.
  follow(source) {
    if (!$("#seek").matches(":active")) $("#seek").value = source.element.currentTime;
  }

  // Their names are told once one of them was allowed.
  async cameras(source) {
    const list = $("#cameras"), all = source.device ? await navigator.mediaDevices.enumerateDevices() : [];
    const found = all.filter(({ kind }) => kind === "videoinput");
    list.parentElement.hidden = found.length < 2;
    list.replaceChildren(...found.map(({ deviceId, label }, number) => Object.assign(element("option", label || `camera ${number + 1}`), { value: deviceId })));
    list.value = source.device;
  }
}
