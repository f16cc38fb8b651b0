// The Byte-CRF's emissions from its file of weights (safetensors, matrices in eight bits): embedding → BiLSTMs over the
// bytes of each word → their final states → BiLSTMs over the words → linear. The same as polyner.models.word_crf,
// which the tests compare this with.
(() => {
  const NUMBERS = { F32: Float32Array, I8: Int8Array };

  // A file's tensors by name, in 32-bit numbers: { shape, data }, those in eight bits times the scales of their rows.
  function tensors(bytes) {
    const { buffer, byteOffset } = bytes;
    const length = Number(new DataView(buffer, byteOffset).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    const read = ({ dtype, data_offsets: [start, end] }) =>
      new NUMBERS[dtype](bytes.slice(8 + length + start, 8 + length + end).buffer);
    const found = {};
    for (const [name, entry] of Object.entries(header)) {
      if (name === "__metadata__" || name.endsWith(".scales")) continue;
      const scales = header[`${name}.scales`] && read(header[`${name}.scales`]);
      const raw = read(entry);
      found[name] = { shape: entry.shape, data: scales ? scaled(raw, scales) : raw };
    }
    return found;
  }

  function scaled(integers, scales) {
    const numbers = new Float32Array(integers.length);
    const columns = integers.length / scales.length;
    for (let row = 0, at = 0; row < scales.length; row += 1) {
      for (const end = at + columns; at < end; at += 1) numbers[at] = integers[at] * scales[row];
    }
    return numbers;
  }

  // `matrix` (R, C) times `vector`, from `start` on, added to `into` (R).
  function addProduct(into, matrix, rows, columns, vector, start = 0) {
    for (let row = 0, at = 0; row < rows; row += 1) {
      let one = 0;
      let other = 0;
      let column = 0;
      for (; column + 1 < columns; column += 2, at += 2) {
        one += matrix[at] * vector[start + column];
        other += matrix[at + 1] * vector[start + column + 1];
      }
      if (column < columns) {
        one += matrix[at] * vector[start + column];
        at += 1;
      }
      into[row] += one + other;
    }
  }

  const sigmoid = (value) => 1 / (1 + Math.exp(-value));

  class Network {
    constructor(bytes, { config, tags, languages }) {
      Object.assign(this, { config, tags, languages, weights: tensors(bytes), vectors: new Map(), inputs: new Map() });
    }

    // One direction of one layer over `steps` inputs, given what the inputs add to the gates of a step: the states
    // (steps, H) in the order of the steps, and the final state (H).
    direction(name, steps, backward, gatesOf) {
      const recurrent = this.weights[name.replace("#", "weight_hh")];
      const [width, size] = recurrent.shape;
      const states = new Float32Array(steps * size);
      const gates = new Float32Array(width);
      const cell = new Float32Array(size);
      let state = new Float32Array(size);
      for (let turn = 0; turn < steps; turn += 1) {
        const step = backward ? steps - 1 - turn : turn;
        gates.set(gatesOf(step));
        addProduct(gates, recurrent.data, width, size, state);
        state = states.subarray(step * size, (step + 1) * size);
        for (let unit = 0; unit < size; unit += 1) {
          const kept = sigmoid(gates[size + unit]) * cell[unit];
          cell[unit] = kept + sigmoid(gates[unit]) * Math.tanh(gates[2 * size + unit]);
          state[unit] = sigmoid(gates[3 * size + unit]) * Math.tanh(cell[unit]);
        }
      }
      return { states, final: state };
    }

    bias(name) {
      const [one, other] = ["bias_ih", "bias_hh"].map((bias) => this.weights[name.replace("#", bias)].data);
      return one.map((value, at) => value + other[at]);
    }

    // One bidirectional layer over `inputs` (steps, D): states (steps, 2H) and the two final states.
    layer(encoder, number, inputs, steps) {
      const names = ["", "_reverse"].map((end) => `${encoder}.#_l${number}${end}`);
      const done = names.map((name, at) => {
        const { data, shape } = this.weights[name.replace("#", "weight_ih")];
        const bias = this.bias(name);
        return this.direction(name, steps, at === 1, (step) => {
          const gates = bias.slice();
          addProduct(gates, data, shape[0], shape[1], inputs, step * shape[1]);
          return gates;
        });
      });
      return { states: sideBySide(done.map(({ states }) => states), steps), finals: done.map(({ final }) => final) };
    }

    // The first layer over bytes: what a byte adds to the gates is computed once for each of the 256.
    firstLayer(bytes) {
      const names = ["", "_reverse"].map((end) => `unit_encoder.#_l0${end}`);
      const done = names.map((name, at) =>
        this.direction(name, bytes.length, at === 1, (step) => this.gatesOfByte(name, bytes[step])),
      );
      const states = sideBySide(done.map((one) => one.states), bytes.length);
      return { states, finals: done.map(({ final }) => final) };
    }

    gatesOfByte(name, byte) {
      const key = `${name} ${byte}`;
      if (!this.inputs.has(key)) {
        const { data, shape } = this.weights[name.replace("#", "weight_ih")];
        const gates = this.bias(name);
        addProduct(gates, data, shape[0], shape[1], this.weights["embedding.weight"].data, byte * shape[1]);
        this.inputs.set(key, gates);
      }
      return this.inputs.get(key);
    }

    // The vector of a word, which does not depend on its sentence.
    vector(word) {
      if (!this.vectors.has(word)) {
        const bytes = polynerDecode.bytes(word, this.config.max_word_length);
        let { states, finals } = this.firstLayer(bytes);
        const all = [finals];
        for (let number = 1; number < this.config.unit_layers; number += 1) {
          ({ states, finals } = this.layer("unit_encoder", number, states, bytes.length));
          all.push(finals);
        }
        const used = this.config.word_vector === "all_layers" ? all.flat() : finals;
        this.vectors.set(word, joined(used));
      }
      return this.vectors.get(word);
    }

    // The scores of each tag for each word: a row of numbers a word.
    emissions(words) {
      let states = joined(words.map((word) => this.vector(word)));
      for (let number = 0; number < this.config.sentence_layers; number += 1) {
        ({ states } = this.layer("sentence_encoder", number, states, words.length));
      }
      const { data, shape } = this.weights["to_tags.weight"];
      return words.map((_, word) => {
        const scores = this.weights["to_tags.bias"].data.slice();
        addProduct(scores, data, shape[0], shape[1], states, word * shape[1]);
        return Array.from(scores);
      });
    }

    // The scores of the CRF: those of a language where each has its own.
    chain(language) {
      const own = this.config.language_transitions ? Math.max(0, this.languages.indexOf(language)) : 0;
      const [start, end] = ["start", "end"].map((name) => this.weights[`crf.crfs.${own}.${name}_transitions`].data);
      const { data, shape } = this.weights[`crf.crfs.${own}.transitions`];
      const transitions = this.tags.map((_, row) => Array.from(data.subarray(row * shape[1], (row + 1) * shape[1])));
      return { start: Array.from(start), transitions, end: Array.from(end) };
    }
  }

  function joined(arrays) {
    const whole = new Float32Array(arrays.reduce((sum, array) => sum + array.length, 0));
    arrays.reduce((at, array) => (whole.set(array, at), at + array.length), 0);
    return whole;
  }

  // The states (steps, H) of two directions as (steps, 2H).
  function sideBySide([one, other], steps) {
    const size = one.length / steps;
    const whole = new Float32Array(2 * one.length);
    for (let step = 0; step < steps; step += 1) {
      whole.set(one.subarray(step * size, (step + 1) * size), 2 * step * size);
      whole.set(other.subarray(step * size, (step + 1) * size), (2 * step + 1) * size);
    }
    return whole;
  }

  globalThis.polynerNetwork = Network;
})();
