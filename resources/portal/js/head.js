// SPDX-License-Identifier: Apache-2.0
// The head of every page: the steps or the pages in the middle, the wallet at the right.

import { byId, fill, h } from "./dom.js";
import { glyph } from "./glyphs.js";
import { short } from "./words.js";

/** Links to the pages. */
export function showPages(current) {
  const pages = [["/wizard", "Become a validator"], ["/dashboard", "Dashboard"]];
  fill(byId("middle"), h("nav", { "aria-label": "Pages" }, pages.map(([url, name]) => h("a", { href: url, "aria-current": url === current && "page" }, name))));
}

/** The steps of the wizard; those before `place` are done. */
export function showSteps(names, place) {
  const items = names.map((name, index) => {
    const state = index < place ? glyph("good", "done") : h("span", { class: "dot", "aria-hidden": "true" }, String(index + 1));
    return h("li", { "aria-current": index === place && "step" }, state, name);
  });
  fill(byId("middle"), h("ol", { class: "steps", "aria-label": "Steps" }, items),
    h("span", { class: "count", "aria-hidden": "true" }, `Step ${place + 1} of ${names.length}`));
}

/** The bars that stand for the steps on a phone. */
export const shortSteps = (names, place) =>
  h("div", { class: "steps-short", role: "img", "aria-label": `Step ${place + 1} of ${names.length}: ${names[place]}` },
    names.map((_, index) => h("span", { class: index <= place ? "done" : "" })));

/** The account of the wallet, or nothing. */
export function showWallet(wallet) {
  fill(byId("chip"), wallet && h("span", { class: "chip", title: wallet.address, "aria-label": `Wallet ${wallet.address}` }, short(wallet.address, 8, 4)));
}
