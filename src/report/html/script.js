"use strict";
(() => {
  const form = document.querySelector(".filter");
  if (form) {
    form.hidden = false;
    const search = form.querySelector("#search");
    const boxes = [...form.querySelectorAll("input[type=checkbox]")];
    const files = [...document.querySelectorAll(".file")].map((file) => ({
      file,
      path: file.querySelector("h3").textContent.toLowerCase(),
      articles: [...file.querySelectorAll("article")].map((article) => ({
        article,
        text: article.textContent.toLowerCase(),
        severity: article.dataset.severity,
      })),
    }));
    const apply = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
      let any = false;
      for (const { file, path, articles } of files) {
        let some = false;
        for (const { article, text, severity } of articles) {
          const shown = wanted.has(severity) && words.every((word) => text.includes(word) || path.includes(word));
          article.hidden = !shown;
          some ||= shown;
        }
        file.hidden = !some;
        any ||= some;
      }
      document.querySelector(".nothing").hidden = any;
    };
    form.addEventListener("input", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
  }
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
})();
