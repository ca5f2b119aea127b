// SPDX-License-Identifier: Apache-2.0
// Elements from plain data. Text is always text: nothing here parses HTML.

/** A new element. `props`: attributes, `on` for listeners, `class` as text. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === "value" || name === "checked") {
      element[name] = value;
    } else if (value === true) {
      element.setAttribute(name, "");
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, String(value));
    }
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** Replace what `parent` holds; a field that had the focus keeps it where its id lives on. */
export function fill(parent, ...children) {
  const focused = parent.contains(document.activeElement) ? document.activeElement.id : "";
  parent.replaceChildren(...children.flat(Infinity).filter(Boolean));
  if (focused) byId(focused)?.focus();
}

/** Say a change of state once to a screen reader. */
export function announce(text) {
  const place = byId("announce");
  if (place.textContent !== text) place.textContent = text;
}

/** Show a page's content and lead the keyboard to its heading. */
export function turnTo(main, ...children) {
  main.replaceChildren(...children.flat(Infinity).filter(Boolean));
  const heading = main.querySelector("h1");
  document.title = `${heading.textContent} · Validator portal`;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

export const button = (words, act, kind = "", props = {}) =>
  h("button", { type: "button", class: kind, on: { click: act }, ...props }, words);

export const title = (heading, lead) =>
  h("div", { class: "title" }, h("h1", {}, heading), lead && h("p", { class: "lead" }, lead));

export const card = (heading, ...children) => h("section", { class: "card" }, heading && h("h2", {}, heading), ...children);
