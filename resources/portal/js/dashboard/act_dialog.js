// SPDX-License-Identifier: Apache-2.0
// A change on chain: its form, what it does, the wallet, the block.

import * as api from "../api.js";
import { count } from "../amounts.js";
import { announce, button, fill, h } from "../dom.js";
import { placeFaults, readAll } from "../fields.js";
import { glyph } from "../glyphs.js";
import { problemCard } from "../problem_card.js";
import { exact, reviewRows } from "../review.js";
import { build, signAndFollow } from "../transaction.js";
import { FORMS } from "./forms.js";

export function openAct(name, dashboard) {
  const { wallet, network } = dashboard;
  const form = FORMS[name](dashboard);
  const body = h("div", { class: "column" });
  const dialog = h("dialog", { "aria-labelledby": "act-title" }, body);
  const heading = h("h1", { id: "act-title", tabindex: -1 }, form.title);
  const close = (words = "Cancel") => button(words, () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();

  const ask = () => {
    const trouble = h("div", {});
    const go = h("button", { class: "primary push" }, "Continue");
    const submit = async (event) => {
      event.preventDefault();
      const values = readAll(form.fields);
      if (!values) return;
      go.disabled = true;
      fill(trouble);
      try {
        dashboard.standing = await api.standing(wallet.address);
        review(await build(wallet, form.wish(values)));
      } catch (problem) {
        if (!placeFaults(problem, form.fields)) fill(trouble, problemCard(problem));
      }
      go.disabled = false;
    };
    fill(body, heading, form.lead && h("p", { class: "t2" }, form.lead),
      h("form", { class: "column", novalidate: true, on: { submit } },
        h("div", { class: "fields" }, form.fields.map((field) => field.element)), trouble,
        h("div", { class: "bar" }, close(), go)));
    (form.fields[0]?.input ?? go).focus();
  };

  const review = (unsigned) => {
    const place = h("div", {});
    const back = button("Back", ask);
    const go = button(`Sign with ${wallet.name}`, () => sign(), "primary push");
    const sign = async () => {
      go.disabled = back.disabled = true;
      try {
        const result = await signAndFollow(wallet, unsigned, (_, words) => {
          announce(words);
          fill(place, h("p", { class: "line" }, glyph("wait", ""), h("span", { class: "wrap" }, words)));
        });
        done(result);
        return;
      } catch (problem) {
        fill(place, problemCard(problem));
      }
      go.disabled = back.disabled = false;
    };
    fill(body, heading, h("p", { class: "t2" }, "This is all that the transaction does. Nothing is sent before you approve in the wallet."),
      reviewRows(unsigned, { network, standing: dashboard.standing }), exact(unsigned), place, h("div", { class: "bar" }, back, go));
    heading.focus();
  };

  const done = ({ height, txHash }) => {
    announce(form.done);
    fill(body, heading, h("p", { class: "line done" }, glyph("good", ""), h("span", {}, `${form.done} Block ${count(height)}.`)), h("p", { class: "t3 wrap" }, txHash), h("div", { class: "bar" }, close("Close")));
    api.standing(wallet.address).then((standing) => { dashboard.standing = standing; dashboard.show(); }, () => {});
    heading.focus();
  };

  ask();
}
