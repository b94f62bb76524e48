// What is looked at, in words behind the address's #: so a view can be shared, and is taken up again after a restart.
//
//     #layer=pool2&method=layercam&target=joy&heat=yes&inside=yes

const FLAGS = ["heat", "sort", "history"];
const NUMBERS = ["opacity", "prior", "unit"];

// The parts of a state that are not as they were at first, as a string.
export function inWords(state, first, about, isInside) {
  const words = new URLSearchParams(), differs = (name) => state[name] !== first[name] && state[name] !== null;
  if (differs("view")) words.set("view", state.view);
  if (differs("layer")) words.set("layer", about.layers[state.layer]?.name ?? "");
  if (differs("method")) words.set("method", about.methods[state.method]?.name ?? "");
  if (differs("target")) words.set("target", about.labels[state.target] ?? "predicted");
  if (differs("against")) words.set("against", about.labels[state.against] ?? { "-1": "none", "-2": "second" }[state.against]);
  if (differs("rule")) words.set("rule", state.rule);
  for (const name of NUMBERS) if (differs(name)) words.set(name, state[name]);
  for (const name of FLAGS) if (differs(name)) words.set(name, state[name] ? "yes" : "no");
  if (isInside) words.set("inside", "yes");
  return words.toString();
}

// The choices that such words stand for; what the model does not have is left out.
export function fromWords(text, about) {
  const words = new URLSearchParams(text), choices = {};
  const put = (name, value) => (value !== undefined && value !== -1 ? (choices[name] = value) : null);
  const at = (rows, wanted) => rows.findIndex((row) => (row.name ?? row) === wanted);
  if (words.has("layer")) put("layer", at(about.layers, words.get("layer")));
  if (words.has("view")) put("view", words.get("view"));
  if (words.has("method")) put("method", at(about.methods, words.get("method")));
  if (words.get("target") === "predicted") choices.target = -1;
  else if (words.has("target")) put("target", at(about.labels, words.get("target")));
  const others = { none: -1, second: -2 };
  if (words.get("against") in others) choices.against = others[words.get("against")];
  else if (words.has("against")) put("against", at(about.labels, words.get("against")));
  if (words.has("rule")) put("rule", words.get("rule"));
  for (const name of NUMBERS) if (words.has(name) && Number.isFinite(Number(words.get(name)))) put(name, Number(words.get(name)));
  for (const name of FLAGS) if (words.has(name)) choices[name] = words.get(name) === "yes";
  return { choices, inside: words.get("inside") === "yes" };
}
