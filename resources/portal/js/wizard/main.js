// SPDX-License-Identifier: Apache-2.0
// From a wallet to an active validator, step by step.

import * as api from "../api.js";
import { byId, title, turnTo } from "../dom.js";
import { shortSteps, showSteps, showWallet } from "../head.js";
import { problemCard } from "../problem_card.js";
import { onChange, reconnect } from "../wallet.js";
import { showActive } from "./active.js";
import { showApp } from "./app.js";
import { showCloud } from "./cloud.js";
import { showDetails } from "./details.js";
import { showSign } from "./sign.js";
import { showWalletStep } from "./wallet.js";

const STEPS = {
  local: [["wallet", "Wallet", showWalletStep], ["app", "Your app", showApp], ["details", "Details", showDetails], ["sign", "Sign", showSign], ["active", "Active", showActive]],
  cloud: [["wallet", "Wallet", showWalletStep], ["details", "Details", showDetails], ["cloud", "Cloud node", showCloud], ["sign", "Sign", showSign], ["active", "Active", showActive]],
};
const KEPT = "portal.wizard";

/** What the steps share. What was chosen outlives a reload; a signature never does. */
class Wizard {
  constructor(network) {
    this.network = network;
    this.wallet = null;
    this.standing = null;
    this.unsigned = null;
    this.result = null;
    this.kept = { mode: "local", step: "wallet", key: null, details: null, setupId: null, ...JSON.parse(sessionStorage.getItem(KEPT) ?? "{}") };
    this.endings = [];
    this.place = 0;
  }

  keep(changes) {
    Object.assign(this.kept, changes);
    sessionStorage.setItem(KEPT, JSON.stringify(this.kept));
  }

  forget() {
    sessionStorage.removeItem(KEPT);
  }

  get steps() {
    return STEPS[this.kept.mode];
  }

  /** Call `end` when the step is left. */
  leave(end) {
    this.endings.push(end);
  }

  next() {
    this.go(this.steps[this.place + 1][0]);
  }

  back() {
    this.go(this.steps[this.place - 1][0]);
  }

  go(name) {
    for (const end of this.endings.splice(0)) end();
    this.place = Math.max(0, this.steps.findIndex(([id]) => id === name));
    const [id, , show] = this.steps[this.place];
    this.keep({ step: id });
    showSteps(this.names, this.place);
    showWallet(this.wallet);
    show(this);
  }

  get names() {
    return this.steps.map(([, name]) => name);
  }

  /** Show a step's content. */
  turn(...children) {
    turnTo(byId("main"), shortSteps(this.names, this.place), ...children);
  }

  async refreshStanding() {
    this.standing = await api.standing(this.wallet.address);
    return this.standing;
  }
}

async function main() {
  let wizard;
  try {
    wizard = new Wizard(await api.network());
    wizard.wallet = await reconnect(wizard.network);
    if (wizard.wallet) await wizard.refreshStanding();
  } catch (problem) {
    turnTo(byId("main"), title("Become a validator"), problemCard(problem));
    return;
  }
  onChange(() => location.reload());
  // Only what needs no signature in hand is gone back to.
  const resumable = new Set(["wallet", "app", "details", "cloud"]);
  wizard.go(wizard.wallet && resumable.has(wizard.kept.step) ? wizard.kept.step : "wallet");
}

main();
