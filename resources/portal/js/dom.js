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

/**
 * Bring `parent` to these children and keep each element that would be the same, so that a new
 * figure takes no press, focus or selection away. A button is known by its attributes: they have
 * to say what it acts on.
 */
export function renew(parent, ...children) {
  const focused = parent.contains(document.activeElement) ? document.activeElement.id : "";
  match(parent, h("div", {}, ...children));
  if (focused) byId(focused)?.focus();
}

function match(parent, wanted) {
  const known = [...parent.childNodes];
  const fresh = [...wanted.childNodes];
  fresh.forEach((next, place) => {
    const now = known[place];
    if (!now) parent.append(next);
    else if (now.isEqualNode(next)) return;
    else if (now.localName !== "button" && now.nodeType === Node.ELEMENT_NODE && now.cloneNode().isEqualNode(next.cloneNode())) match(now, next);
    else now.replaceWith(next);
  });
  for (const left of known.slice(fresh.length)) left.remove();
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
