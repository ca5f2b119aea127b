// SPDX-License-Identifier: Apache-2.0
// Figures with their source and age.

import { amount, count, percent } from "../amounts.js";
import { h } from "../dom.js";
import { ago, uptime } from "../words.js";

function tile(name, figure, context, source) {
  return h(
    "section", { class: "card tile" }, h("h2", {}, name),
    figure === null ? h("p", { class: "figure unknown" }, "unknown") : h("p", { class: "figure" }, figure),
    h("p", { class: "t2" }, context), h("p", { class: "t3" }, source),
  );
}

export function tiles({ network, standing, inCloud }) {
  const { validator, rules } = standing;
  const signing = validator.signing;
  const beat = validator.heartbeat;
  const chain = `chain · ${ago(standing.at)}`;
  const share = signing?.counted ? (100 * (signing.counted - signing.missed)) / signing.counted : null;
  const beatAt = beat && Date.parse(beat.lastSeen) / 1000;
  return h("div", { class: "tiles" },
    tile("Uptime", share === null ? null : `${share.toFixed(share === 100 ? 0 : 1)} %`, signing?.counted ? `of the last ${count(signing.counted)} blocks` : validator.jailed ? "the jail ended the count" : "no block counted yet", chain),
    tile("May still miss", validator.jailed ? "none" : signing ? count(Math.max(0, rules.mayMiss - signing.missed)) : null, validator.jailed ? "jailed already" : `of ${count(rules.signedBlocksWindow)} blocks before jail`, chain),
    tile("Stake", amount(validator.tokens, network), validator.status === "active" ? "in the active set" : "not in the active set", chain),
    tile("Commission", percent(validator.commission.rate), `never above ${percent(validator.commission.maxRate)}`, chain),
    tile("To withdraw", amount(BigInt(validator.rewards) + BigInt(validator.commissionEarned), network), `of it ${amount(validator.commissionEarned, network)} commission`, chain),
    tile("Heartbeat", beat ? ago(beatAt) : "never", beat ? `block ${count(beat.blockHeight)}, up ${uptime(beat.uptimeSeconds)}` : inCloud ? "apps send it; this node runs in the cloud" : "no app has told this service of it", "app · signed by its device"),
  );
}
