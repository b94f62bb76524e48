// The activation graph, taken apart, so that a session computes only what is looked at: onnxruntime runs every node it has.
//
// An ONNX file is protobuf. Only what cutting needs is read of it: which value each node takes and gives. The bytes of the
// nodes, initializers and values that an answer depends on are strung together again as they are.
//
//     skeleton ──▶ nodes, small numbers ──cut──▶ session
//     weights ─────────────────────────────────────┘      (shared by all sessions, as ONNX's external data)

const MODEL = { graph: 7 };
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, valueInfo: 13 };
const NODE = { input: 1, output: 2 };
const NAME = { value: 1, tensor: 8 };
const VARINT = 0, BYTES = 2, WIDE = { 1: 8, 5: 4 }; // kinds of fields, and bytes of those of fixed width

const decoder = new TextDecoder();

export class Graph {
  constructor(bytes) {
    this.around = []; // what the model says beside its graph
    this.rest = []; // what the graph says beside nodes and values
    this.nodes = [];
    this.makers = new Map(); // value → number of the node that gives it
    [this.initializers, this.inputs, this.outputs] = [new Map(), new Map(), new Map()];
    fields(bytes, 0, bytes.length, (number, start, from, to) => {
      if (number === MODEL.graph) this.read(bytes, from, to);
      else this.around.push(bytes.subarray(start, to));
    });
  }

  read(bytes, first, last) {
    const named = { [GRAPH.initializer]: [this.initializers, NAME.tensor], [GRAPH.input]: [this.inputs, NAME.value], [GRAPH.output]: [this.outputs, NAME.value] };
    fields(bytes, first, last, (number, start, from, to) => {
      const whole = bytes.subarray(start, to);
      if (number === GRAPH.node) this.add(bytes, from, to, whole);
      else if (number in named) {
        const [values, name] = named[number];
        fields(bytes, from, to, (inner, _, begin, end) => inner === name && values.set(words(bytes, begin, end), whole));
      } else if (number !== GRAPH.valueInfo) this.rest.push(whole);
    });
  }

  add(bytes, first, last, whole) {
    const node = { whole, inputs: [] };
    fields(bytes, first, last, (number, _, from, to) => {
      if (number === NODE.input) node.inputs.push(words(bytes, from, to));
      else if (number === NODE.output) this.makers.set(words(bytes, from, to), this.nodes.length);
    });
    this.nodes.push(node);
  }

  // A model that gives these outputs and computes nothing else; which of the inputs it takes.
  cut(outputs) {
    const needed = new Set(), read = new Set(outputs), open = [...outputs];
    while (open.length) {
      const number = this.makers.get(open.pop());
      if (number === undefined || needed.has(number)) continue;
      needed.add(number);
      for (const name of this.nodes[number].inputs) if (!read.has(name)) open.push(name), read.add(name);
    }
    const taken = [...this.inputs.keys()].filter((name) => read.has(name));
    const kept = [
      ...this.nodes.filter((_, number) => needed.has(number)).map(({ whole }) => whole),
      ...[...this.initializers].filter(([name]) => read.has(name)).map(([, whole]) => whole),
      ...taken.map((name) => this.inputs.get(name)),
      ...outputs.map((name) => this.outputs.get(name)),
      ...this.rest,
    ];
    return { model: joined([...this.around, message(MODEL.graph, joined(kept))]), inputs: taken };
  }
}

// Calls `each(number, start, from, to)` for every field of a message that stands in bytes[at … end]: its value is
// bytes[from … to], and `start` is where its tag begins.
function fields(bytes, at, end, each) {
  while (at < end) {
    const start = at;
    let [tag, from] = varint(bytes, at), to = from;
    const kind = tag % 8;
    if (kind === BYTES) {
      const [length, first] = varint(bytes, from);
      [from, to] = [first, first + length];
    } else if (kind === VARINT) to = varint(bytes, from)[1];
    else to = from + WIDE[kind];
    each(Math.floor(tag / 8), start, from, to);
    at = to;
  }
}

// A number of seven bits a byte, the lowest first, and where it ends.
function varint(bytes, at) {
  let value = 0, factor = 1;
  for (; bytes[at] > 127; at += 1, factor *= 128) value += (bytes[at] - 128) * factor;
  return [value + bytes[at] * factor, at + 1];
}

// Nearly all names are ASCII, and there are tens of thousands: the decoder takes its time for each.
function words(bytes, from, to) {
  let text = "";
  for (let at = from; at < to; at += 1) {
    if (bytes[at] > 127) return decoder.decode(bytes.subarray(from, to));
    text += String.fromCharCode(bytes[at]);
  }
  return text;
}

function message(number, bytes) {
  const head = [number * 8 + BYTES];
  let length = bytes.length;
  for (; length > 127; length = Math.floor(length / 128)) head.push((length % 128) | 128);
  return joined([Uint8Array.from([...head, length]), bytes]);
}

function joined(parts) {
  const made = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    made.set(part, at);
    at += part.length;
  }
  return made;
}
