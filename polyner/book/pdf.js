// Run in each page of the website when the book is printed: what the book consists of, and a page's article as it stands.
window.printing = {
  // The book's title, its style sheets, and its pages in the order of the table of contents.
  book() {
    const here = location.pathname.split("/").pop();
    const pages = [{ file: here, title: document.querySelector("article h1").firstChild.textContent, part: "" }];
    let part = "";
    for (const entry of document.querySelectorAll(".bd-links .caption-text, .bd-links a.reference.internal")) {
      if (entry.matches(".caption-text")) {
        part = entry.textContent;
        continue;
      }
      const file = entry.getAttribute("href").split("#")[0];
      if (!file || pages.some((page) => page.file === file)) continue;
      pages.push({ file, title: entry.textContent.trim(), part });
      part = "";
    }
    const sheets = [...document.querySelectorAll('link[rel="stylesheet"]')].map((link) => link.getAttribute("href"));
    return { title: pages[0].title, pages, sheets };
  },

  // The article of this page with ids of its own (`p3-…`), links within the book, and nothing that needs a reader's hand.
  article(number, files) {
    const article = document.querySelector("article").cloneNode(true);
    const own = (id) => `p${number}-${id}`;
    const gone = `script, style, button, .headerlink, .d-print-none, .noprint, .admonition.dropdown, .polyner-tagger,
      .vega-embed, [id^="altair-viz"], figcaption a[download]`;
    for (const element of article.querySelectorAll(gone)) element.remove();
    for (const picture of article.querySelectorAll("img")) picture.removeAttribute("loading");
    for (const folded of article.querySelectorAll("details:not([open])")) {
      const summary = folded.querySelector("summary");
      const line = document.createElement("p");
      line.className = "folded";
      line.textContent = summary?.textContent.trim() ?? "";
      if (folded.matches(".hide")) folded.remove(); // cells of parameters
      else folded.replaceWith(line);
    }
    const root = new URL(".", location.href).href.slice(0, -1);
    const base = files[Object.keys(files).find((file) => location.href.split("#")[0].endsWith(`/${file}`))];
    const top = Object.keys(files)[base].split("/").length - 1;
    const site = new URL("../".repeat(top) || ".", `${root}/`).href;
    for (const element of article.querySelectorAll("*")) {
      for (const { name, value } of [...element.attributes]) {
        if (name === "id" || name === "for") element.setAttribute(name, own(value));
        else if (/^aria-(labelledby|describedby|controls)$/.test(name)) {
          element.setAttribute(name, value.split(/\s+/).map(own).join(" "));
        } else if (value.includes("url(#")) element.setAttribute(name, value.replaceAll("url(#", `url(#p${number}-`));
        else if (name === "href" || name === "xlink:href") element.setAttribute(name, this.target(value, number, files, site));
        else if (name === "src" && !/^(data|blob):/.test(value)) {
          element.setAttribute(name, new URL(value, location.href).href.replace(site, ""));
        }
      }
    }
    return `<article id="p${number}">${article.innerHTML}</article>`;
  },

  // Where a link leads in the printed book: into it, or out to an address of its own.
  target(link, number, files, site) {
    if (link.startsWith("#")) return link === "#" ? `#p${number}` : `#p${number}-${link.slice(1)}`;
    const url = new URL(link, location.href);
    if (!url.href.startsWith(site)) return link;
    const file = decodeURI(url.href.slice(site.length).split("#")[0]);
    if (!(file in files)) return link;
    return url.hash ? `#p${files[file]}-${url.hash.slice(1)}` : `#p${files[file]}`;
  },
};
