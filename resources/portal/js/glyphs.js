// SPDX-License-Identifier: Apache-2.0
// State glyphs: the shape tells, the colour repeats it.

const SVG = "http://www.w3.org/2000/svg";

const SHAPES = {
  good: [["disc", "--goodfill"], ["M4.6 8.2l2.3 2.3 4.5-4.8", "--glyphmark"]],
  warn: [["triangle", "--warnfill"], ["M8 6v4M8 12v.1", "--glyphmark"]],
  bad: [["octagon", "--badfill"], ["M5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6", "--glyphmark"]],
  busy: [["M13.5 8A5.5 5.5 0 1 1 10.6 3.1M10.6 3.1l-2.6-.3M10.6 3.1l-.6 2.6", "--acc"]],
  wait: [["ring", "--acc"], ["M8 4.8V8l2.2 1.6", "--acc"]],
  unknown: [["dashed", "--t3"], ["M6.4 6.5a1.6 1.6 0 1 1 2.3 1.5c-.5.3-.7.6-.7 1.1M8 11.2v.1", "--t3"]],
  stopped: [["square", "--t2"]],
  later: [["ring", "--ctl"]],
  never: [["ring", "--t3"], ["M4.1 11.9l7.8-7.8", "--t3"]],
};

const WORDS = {
  good: "good", warn: "mend it", bad: "broken", busy: "at work", wait: "waits",
  unknown: "not known", stopped: "stopped", later: "to come", never: "not allowed",
};

function part(shape, colour) {
  const fills = { disc: true, triangle: true, octagon: true };
  const make = (tag, attributes) => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const paint = fills[shape]
    ? { fill: `var(${colour})` }
    : { fill: "none", stroke: `var(${colour})`, "stroke-width": "1.5", "stroke-linecap": "round", "stroke-linejoin": "round" };
  switch (shape) {
    case "disc": return make("circle", { cx: 8, cy: 8, r: 7.5, ...paint });
    case "ring": return make("circle", { cx: 8, cy: 8, r: 6.5, ...paint });
    case "dashed": return make("circle", { cx: 8, cy: 8, r: 6.5, "stroke-dasharray": "2.5 2.5", ...paint });
    case "square": return make("rect", { x: 2.5, y: 2.5, width: 11, height: 11, rx: 1, ...paint });
    case "triangle": return make("path", { d: "M8 .8l7.6 13.6H.4z", ...paint });
    case "octagon": return make("path", { d: "M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5z", ...paint });
    default: return make("path", { d: shape, ...paint });
  }
}

/** The glyph of a state; `label` is read aloud, empty where the text beside it says it. */
export function glyph(state, label = WORDS[state]) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "glyph");
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else {
    svg.setAttribute("aria-hidden", "true");
  }
  svg.append(...SHAPES[state].map(([shape, colour]) => part(shape, colour)));
  return svg;
}
