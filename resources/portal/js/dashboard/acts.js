// SPDX-License-Identifier: Apache-2.0
// What the wallet can change on chain.

import { button, h } from "../dom.js";
import { openAct } from "./act_dialog.js";

const ACTS = [["edit", "Edit profile and commission…"], ["delegate", "Delegate…"], ["withdraw", "Withdraw…"]];

export function acts(dashboard) {
  const validator = dashboard.standing.validator;
  return h(
    "section", { class: "card" }, h("h2", {}, `“${validator.moniker}” on chain`),
    h("dl", { class: "facts" },
      h("dt", {}, "Operator"), h("dd", { class: "fixed" }, validator.operatorAddress),
      h("dt", {}, "Signs with"), h("dd", { class: "fixed" }, validator.consensusPubkey),
      validator.website && [h("dt", {}, "Website"), h("dd", {}, validator.website)]),
    h("div", { class: "buttons" }, ACTS.map(([act, name]) => button(name, () => openAct(act, dashboard), "small", { id: `act-${act}` }))),
  );
}
