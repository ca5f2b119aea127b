// SPDX-License-Identifier: Apache-2.0
// The ways on when the app is not reached: again, open it, or paste its public key.

import { button, h } from "../dom.js";
import { Field } from "../fields.js";

/** The public key of what a person pastes: base64, or the JSON that node programs print. */
export function readKey(text) {
  const found = /[A-Za-z0-9+/]{43}=/.exec(text);
  let raw = "";
  try {
    raw = found ? atob(found[0]) : "";
  } catch {
    // not base64
  }
  if (raw.length !== 32 || btoa(raw) !== found[0]) throw new Error("This is no ed25519 public key: base64 of 32 bytes, 44 signs.");
  return found[0];
}

/** The form that takes a pasted key. */
function pasting(pasted, hidden) {
  const field = new Field({
    name: "pubkey", label: "Public key of the validator", needed: true, read: readKey, wide: true,
    hint: "In the app under Keys, or: oneclick-validator key show", placeholder: "44 signs that end in =",
  });
  const form = h("form", { class: "column inner", hidden, novalidate: true, on: { submit: (event) => {
    event.preventDefault();
    const key = field.get();
    if (key) pasted(key);
  } } }, field.element, h("div", { class: "buttons" }, h("button", { class: "primary" }, "Continue with this key")));
  return { field, form };
}

/** A card for another device than the app's: the key is pasted. */
export function elsewhere(pasted) {
  return h(
    "section", { class: "card ways" }, h("h2", {}, "Paste the public key"),
    h("p", { class: "t2" }, "Copy it in the app under Keys and send it to yourself: it is public. Or open this site on that computer, and the app is found there."),
    pasting(pasted, false).form,
  );
}

/** A card with the three ways. */
export function ways(heading, again, pasted) {
  const { field, form } = pasting(pasted, true);
  const open = button("Paste the public key instead", () => {
    form.hidden = false;
    open.setAttribute("aria-expanded", "true");
    field.input.focus();
  }, "plain", { "aria-expanded": "false" });
  return h(
    "section", { class: "card ways" }, h("h2", {}, heading),
    h("p", { class: "t2" }, "Your browser may have asked whether this site may reach programs on this computer. Choose Allow there, then try again. Safari does not offer this, and only a browser on the app’s own computer reaches it: from elsewhere, paste the key."),
    h("div", { class: "buttons" }, button("Try again", again), h("a", { class: "button", href: "oneclick-validator://keys" }, "Open the app"), open),
    form,
  );
}
