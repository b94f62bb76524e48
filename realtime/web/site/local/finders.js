// The face finders by name, as `faces/__init__.py` has them. What finds tilted heads from afar comes later: it is half a
// megabyte, and the first picture should not wait for it.

import { BlazeFace } from "./blazeface.js";
import { FaceFinder } from "./finder.js";
import { RollAligner } from "./roll_alignment.js";
import { faces } from "./tables.js";
import { YuNet } from "./yunet.js";

const { BLAZEFACE_LEAST, LYING_LEAST, LYING_PLAN, TILTED_PLAN, YUNET_LEAST, YUNET_PLAN } = faces.finders;
const { PER_S } = faces.roll_alignment;

// open: gives the session of a detector's file by its name.
export async function openFinder(name, open, tensor) {
  const yunet = new YuNet(await open("yunet"), tensor);
  const upright = { detector: yunet, plan: YUNET_PLAN, least: YUNET_LEAST };
  if (name === "yunet") return new FaceFinder([upright], yunet);
  const short = new BlazeFace(await open("blazeface_short"), tensor, "short");
  const lying = { detector: yunet, plan: LYING_PLAN, least: LYING_LEAST };
  return new FaceFinder([upright, lying], yunet, new RollAligner(short, BLAZEFACE_LEAST, PER_S));
}

// Adds what comes later; until then a head that is tilted by more than 45° is found only if it was upright before.
export async function complete(finder, name, open, tensor) {
  if (name === "yunet") return;
  const full = new BlazeFace(await open("blazeface_full"), tensor, "full");
  finder.add({ detector: full, plan: TILTED_PLAN, least: BLAZEFACE_LEAST }, 1);
}
