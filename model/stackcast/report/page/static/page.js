"use strict";
for (const figure of document.querySelectorAll("figure[data-chart]")) {
  const spec = JSON.parse(document.getElementById("specs").textContent)[figure.dataset.chart];
  const drawing = figure.querySelector(".drawing");
  const label = drawing.getAttribute("aria-label");
  const runtime = window.vega.parse(spec, null, { ast: true });
  drawing.replaceChildren();
  const view = new window.vega.View(runtime, { expr: interpreter, renderer: "svg", container: drawing, hover: true });
  view.tooltip((_, event, item, value) => show(drawing, event, value));
  const fluid = () => view.width(Math.max(230, drawing.clientWidth - 70)).runAsync();
  if (spec.signals && spec.signals.some((signal) => signal.name === "what")) {
    fluid();
    window.addEventListener("resize", fluid);
  }
  const controls = figure.querySelector(".controls");
  if (controls) {
    controls.hidden = false;
    controls.addEventListener("submit", (event) => event.preventDefault());
    controls.addEventListener("input", ({ target }) => {
      const values = target.dataset.values ? target.dataset.values.split(" ") : null;
      const value = values ? values[Number(target.value)] : target.value;
      if (values) {
        target.setAttribute("aria-valuetext", value);
        target.nextElementSibling.textContent = value;
      }
      view.signal(target.dataset.parameter, value).runAsync();
    });
  }
  view.runAsync().then(() => {
    const svg = drawing.querySelector("svg");
    svg.setAttribute("aria-hidden", "true");
    drawing.setAttribute("role", "img");
    drawing.setAttribute("aria-label", label);
    drawing.removeAttribute("aria-roledescription");
    figure.dataset.drawn = "true";
  });
}

function show(drawing, event, value) {
  const old = document.querySelector(".tip");
  if (old) old.remove();
  if (value === null || value === undefined || value === "") return;
  const tip = document.createElement("div");
  tip.className = "tip";
  for (const [name, text] of Object.entries(typeof value === "object" ? value : { "": value })) {
    const line = document.createElement("div");
    line.textContent = name ? `${name}: ${text}` : String(text);
    tip.append(line);
  }
  document.body.append(tip);
  const right = event.clientX + 14 + tip.offsetWidth > window.innerWidth;
  tip.style.left = `${right ? Math.max(4, event.clientX - 14 - tip.offsetWidth) : event.clientX + 14}px`;
  tip.style.top = `${Math.max(4, event.clientY - tip.offsetHeight - 10)}px`;
}
