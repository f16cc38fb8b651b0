// Scripts, runtime and models of the tagger, loaded when they are first asked for; then words in, tags and marginals
// out. Everything comes by <script>, since a page that was opened as a file may load nothing else.
(() => {
  const base = new URL(".", document.currentScript.src).href;
  const scripts = new Map();
  const sessions = new Map();
  globalThis.polynerModels = {};

  function script(name) {
    if (!scripts.has(name)) {
      const loaded = new Promise((resolve, reject) => {
        const element = document.createElement("script");
        element.src = base + name.split("/").map(encodeURIComponent).join("/");
        element.onload = resolve;
        element.onerror = () => {
          scripts.delete(name);
          reject(new Error(`${name} could not be loaded`));
        };
        document.head.append(element);
      });
      scripts.set(name, loaded);
    }
    return scripts.get(name);
  }

  async function unpacked(base64) {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  let started;
  function runtime() {
    started ??= (async () => {
      await script("runtime.js");
      const { wasm } = ort.env;
      const module = new Blob([polynerRuntime.module], { type: "text/javascript" });
      wasm.numThreads = 1; // more need a server that sends special headers
      wasm.wasmPaths = { mjs: URL.createObjectURL(module) };
      wasm.wasmBinary = (await unpacked(polynerRuntime.wasm)).buffer;
      polynerRuntime.wasm = null;
    })();
    started.catch(() => (started = undefined));
    return started;
  }

  function model(run) {
    if (!sessions.has(run)) {
      const opened = (async () => {
        await Promise.all([runtime(), script(`models/${run}.js`)]);
        const { onnx, ...about } = polynerModels[run];
        polynerModels[run] = about;
        const session = await ort.InferenceSession.create(await unpacked(onnx), { executionProviders: ["wasm"] });
        return { about, session };
      })();
      opened.catch(() => sessions.delete(run));
      sessions.set(run, opened);
    }
    return sessions.get(run);
  }

  // What a model makes of a sentence: the names of all tags, the best path (indices), and marginals (word, tag).
  async function tag(run, words, language) {
    const { about, session } = await model(run);
    const { units, lengths, longest } = polynerDecode.units(words, about.longest_word);
    const { emissions } = await session.run({
      units: new ort.Tensor("int32", units, [words.length, longest]),
      lengths: new ort.Tensor("int32", lengths, [words.length]),
    });
    const width = about.tags.length;
    const scores = words.map((_, row) => Array.from(emissions.data.subarray(row * width, (row + 1) * width)));
    const chain = about.chains[about.chains.length > 1 ? Math.max(0, about.languages.indexOf(language)) : 0];
    return {
      tags: about.tags,
      path: polynerDecode.viterbi(scores, chain),
      marginals: polynerDecode.marginals(scores, chain),
    };
  }

  globalThis.polynerLoad = { script, runtime, tag };
})();
