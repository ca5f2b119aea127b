// SPDX-License-Identifier: Apache-2.0
// Form fields with their limits; a fault stands at its field.

import { h } from "./dom.js";
import { bytes } from "./words.js";

/** One field. `read(text)` returns the value or throws an Error with words for the person. */
export class Field {
  constructor({ name, label, value = "", hint = "", unit = "", limit = 0, read = (text) => text.trim(), wide = false, needed = false, ...more }) {
    this.name = name;
    this.limit = limit;
    this.needed = needed;
    this.reading = read;
    const id = `field-${name}`;
    this.input = h(more.lines ? "textarea" : "input", {
      id, name, value, autocomplete: "off", spellcheck: "false", "aria-describedby": `${id}-fault ${id}-hint`,
      rows: more.lines, inputmode: more.inputmode, placeholder: more.placeholder, required: needed,
      on: { input: () => this.complain("") },
    });
    this.fault = h("p", { class: "fault", id: `${id}-fault`, role: "alert" });
    this.element = h(
      "div", { class: `field${wide ? " full" : ""}` },
      h("label", { for: id }, label, needed ? "" : h("span", { class: "t3" }, "  may stay empty")),
      h("div", { class: "entry" }, this.input, unit && h("span", { class: "unit" }, unit)),
      this.fault,
      h("p", { class: "hint", id: `${id}-hint` }, hint),
    );
  }

  complain(words) {
    this.fault.textContent = words;
    this.element.classList.toggle("wrong", Boolean(words));
    this.input.setAttribute("aria-invalid", words ? "true" : "false");
  }

  /** The value; a fault is shown and undefined returned. */
  get() {
    const text = this.input.value;
    try {
      if (this.needed && !text.trim()) throw new Error("This is needed.");
      if (this.limit && bytes(text.trim()) > this.limit) {
        throw new Error(`${bytes(text.trim())} bytes; the chain takes ${this.limit}.`);
      }
      this.complain("");
      return this.reading(text);
    } catch (error) {
      this.complain(error.message);
      return undefined;
    }
  }
}

/** Values of all fields by name, or null with the first wrong one in focus. */
export function readAll(fields) {
  const values = {};
  let first = null;
  for (const field of fields) {
    values[field.name] = field.get();
    if (values[field.name] === undefined) first ??= field;
  }
  first?.input.focus();
  return first ? null : values;
}

/** Show a problem's faults at their fields; whether any belongs to one. */
export function placeFaults(problem, fields) {
  let placed = false;
  for (const { field: path, message } of problem.errors ?? []) {
    const name = path.split(".").at(-1);
    const found = fields.find((field) => field.name === name);
    found?.complain(message);
    if (found && !placed) found.input.focus();
    placed ||= Boolean(found);
  }
  return placed;
}

/** The fields of what a validator says of itself (limits: cosmos-sdk x/staking). */
export function profileFields(known = {}) {
  return [
    new Field({ name: "moniker", label: "Name", value: known.moniker ?? "", limit: 70, needed: true, hint: "Everybody sees it." }),
    new Field({ name: "website", label: "Website", value: known.website ?? "", limit: 140 }),
    new Field({ name: "securityContact", label: "Security contact", value: known.securityContact ?? "", limit: 140, hint: "Where trouble is told, such as an e-mail address." }),
    new Field({ name: "identity", label: "Identity", value: known.identity ?? "", limit: 3000, hint: "A Keybase id, for a picture." }),
    new Field({ name: "details", label: "About", value: known.details ?? "", limit: 280, wide: true, lines: 2 }),
  ];
}

export const profileOf = (values) => ({
  moniker: values.moniker, website: values.website, securityContact: values.securityContact,
  identity: values.identity, details: values.details,
});
