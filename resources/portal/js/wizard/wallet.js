// SPDX-License-Identifier: Apache-2.0
// Step: where the validator runs, and whose it is.

import { amount } from "../amounts.js";
import { announce, button, card, fill, h, title } from "../dom.js";
import { glyph } from "../glyphs.js";
import { showWallet } from "../head.js";
import { problemCard } from "../problem_card.js";
import { connect, disconnect, settled } from "../wallet.js";

export async function showWalletStep(wizard) {
  const place = h("div", { class: "card" });
  const trouble = h("div", {});
  const go = button("Continue", () => wizard.next(), "primary push", { disabled: true });
  wizard.turn(
    title("Become a validator", `On ${wizard.network.displayName}, chain ${wizard.network.chainId}.`),
    modes(wizard), place, trouble, h("div", { class: "bar" }, go),
  );
  const found = await settled();

  const show = () => {
    const wallet = wizard.wallet;
    showWallet(wallet);
    go.disabled = !ready(wizard);
    if (!wallet) {
      fill(place, h("h2", {}, "Your wallet"), found.length ? offers() : missing());
      return;
    }
    fill(place, h("h2", {}, "Your wallet"), account(wizard), button("Use another account", () => {
      disconnect();
      wizard.wallet = null;
      show();
    }, "plain small"));
  };

  const offers = () => h(
    "div", { class: "card-inner" },
    h("p", { class: "t2" }, "It operates the validator: its account locks the stake and earns. Your wallet asks you before it shows its address."),
    h("div", { class: "buttons" }, found.map((wallet) => button(`Connect ${wallet.name}`, () => join(wallet), "primary"))),
  );

  const missing = () => h(
    "div", { class: "line" }, glyph("warn"),
    h("p", { class: "t2" }, "No wallet answers in this browser. Install Keplr (or Leap, Cosmostation) from its own site or your browser’s store, then load this page again. Without a wallet in the browser the app offers the same: oneclick-validator tx create-validator --out unsigned.json"),
  );

  const join = async (wallet) => {
    fill(trouble);
    try {
      wizard.wallet = await connect(wallet, wizard.network);
      await wizard.refreshStanding();
      announce("Wallet connected.");
    } catch (problem) {
      fill(trouble, problemCard(problem));
    }
    show();
    if (!go.disabled) go.focus();
  };
  show();
}

const ready = (wizard) => Boolean(wizard.wallet && wizard.standing && !wizard.standing.validator && BigInt(wizard.standing.balance) > 0n);

function account({ wallet, standing, network }) {
  const facts = h("dl", { class: "facts" }, h("dt", {}, "Account"), h("dd", { class: "fixed" }, wallet.address), h("dt", {}, "It has"), h("dd", {}, standing ? amount(standing.balance, network) : "unknown"));
  if (!standing) return facts;
  if (standing.validator) {
    return [facts, h("p", { class: "line" }, glyph("good"), h("span", {}, `This account operates the validator “${standing.validator.moniker}” already. `, h("a", { href: "/dashboard" }, "Go to its dashboard")))];
  }
  if (BigInt(standing.balance) === 0n) {
    const how = network.isLocal ? `On this local network: oneclick-validator localnet fund ${wallet.address}` : `Send ${network.displayDenom} to it, then load this page again.`;
    return [facts, h("p", { class: "line" }, glyph("warn"), h("span", { class: "wrap" }, `The account is empty on this chain. ${how}`))];
  }
  return facts;
}

function modes(wizard) {
  const cloud = wizard.network.cloudProviders.length > 0;
  if (!cloud && wizard.kept.mode === "cloud") wizard.keep({ mode: "local" });
  const choice = (id, name, words, offered) => h(
    "label", { class: "choice" },
    h("input", {
      type: "radio", name: "mode", value: id, checked: wizard.kept.mode === id, disabled: !offered,
      on: { change: () => { wizard.keep({ mode: id, key: null }); wizard.go("wallet"); } },
    }),
    h("span", {}, h("b", {}, name), h("span", { class: "t2" }, words)),
  );
  return h(
    "fieldset", {}, h("legend", { class: "unseen" }, "Where it runs"),
    h("div", { class: "choices" },
      choice("local", "On this computer", "The app One-Click Validator runs the node and keeps the key.", true),
      choice("cloud", "In the cloud", cloud ? "This service runs the node; the key is made there." : "This service offers no cloud validators.", cloud)),
  );
}
