// The tagger's models, loaded when they are first asked for; then words in, tags and marginals
// out. Everything comes by <script>, since a page that was opened as a file may load nothing else.
(() => {
  const base = new URL(".", document.currentScript.src).href;
  const scripts = new Map();
  const networks = new Map();
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

  function model(run) {
    if (!networks.has(run)) {
      const opened = (async () => {
        await script(`models/${run}.js`);
        const { weights, ...about } = polynerModels[run];
        polynerModels[run] = about;
        return new polynerNetwork(await unpacked(weights), about);
      })();
      opened.catch(() => networks.delete(run));
      networks.set(run, opened);
    }
    return networks.get(run);
  }

  // What a model makes of a sentence: the names of all tags, the best path (indices), and marginals (word, tag).
  async function tag(run, words, language) {
    const network = await model(run);
    const scores = network.emissions(words);
    const chain = network.chain(language);
    return {
      tags: network.tags,
      path: polynerDecode.viterbi(scores, chain),
      marginals: polynerDecode.marginals(scores, chain),
    };
  }

  globalThis.polynerLoad = { script, model, tag };
})();
