// SPDX-License-Identifier: Apache-2.0
// Step: what the validator says of itself, what it locks and what it asks.

import { above, amount, NotAValue, parseAmount, parsePercent, percent, plainAmount, plainPercent, unit } from "../amounts.js";
import { button, fill, h, title } from "../dom.js";
import { Field, placeFaults, profileFields, profileOf, readAll } from "../fields.js";
import { problemCard } from "../problem_card.js";
import { build } from "../transaction.js";

/** Bounds between which a first proposal lies; the person decides. */
const PROPOSED = { rate: "0.1", maxRate: "0.2", maxChange: "0.01" };

export function showDetails(wizard) {
  const { network, standing, kept } = wizard;
  const cloud = kept.mode === "cloud";
  const known = kept.details ?? { profile: { moniker: kept.key?.moniker ?? "" }, rate: PROPOSED.rate, maxRate: PROPOSED.maxRate, maxChange: PROPOSED.maxChange, amount: "" };
  const least = standing.rules.minCommissionRate;
  const profile = profileFields(known.profile);
  const share = (name, label, value, hint) => new Field({ name, label, value: plainPercent(value), unit: "%", needed: true, inputmode: "decimal", read: parsePercent, hint });
  const money = [
    new Field({
      name: "amount", label: "You lock", value: known.amount && plainAmount(known.amount, network), unit: unit(network), needed: true, inputmode: "decimal",
      read: (text) => within(parseAmount(text, network), standing, network), hint: `Of the ${amount(standing.balance, network)} in your wallet. Leave some for fees.`,
    }),
    share("commissionRate", "Commission", known.rate, `What you keep of what others earn with you. At least ${percent(least)} on this chain.`),
    share("commissionMaxRate", "Never above", known.maxRate, "Final: it cannot be raised later."),
    share("commissionMaxChangeRate", "Change a day at most", known.maxChange, "Final, in points of a hundred."),
  ];
  const fields = [...profile, ...money];
  const trouble = h("div", {});
  const go = h("button", { class: "primary push" }, "Continue");

  const submit = async (event) => {
    event.preventDefault();
    fill(trouble);
    const values = readAll(fields);
    if (!values || !ratesFit(fields, values, least)) return;
    const details = {
      profile: profileOf(values), amount: String(values.amount), rate: values.commissionRate,
      maxRate: values.commissionMaxRate, maxChange: values.commissionMaxChangeRate,
    };
    wizard.keep({ details });
    if (cloud) {
      wizard.next();
      return;
    }
    go.disabled = true;
    try {
      wizard.unsigned = await build(wizard.wallet, createWish(details, kept.key.pubkey));
      wizard.next();
    } catch (problem) {
      if (!placeFaults(problem, fields)) fill(trouble, problemCard(problem));
    }
    go.disabled = false;
  };

  wizard.turn(
    title("Details of your validator", "The name and the rest of the profile are public and can be changed later."),
    h("form", { class: "column inner", novalidate: true, on: { submit } },
      h("section", { class: "card" }, h("h2", {}, "Profile"), h("div", { class: "fields" }, profile.map((one) => one.element))),
      h("section", { class: "card" }, h("h2", {}, "Stake and commission"), h("div", { class: "fields" }, money.map((one) => one.element))),
      trouble,
      h("div", { class: "bar" }, button("Back", () => wizard.back()), h("span", { class: "t2 push" }, cloud ? "" : "the transaction is tried on the chain first; nothing is sent"), go)),
  );
}

/** The wish for a new validator, as the service takes it. */
export const createWish = (details, consensusPubkey) => ({
  kind: "create-validator", profile: details.profile, consensusPubkey, amount: details.amount,
  commissionRate: details.rate, commissionMaxRate: details.maxRate, commissionMaxChangeRate: details.maxChange,
});

function within(base, standing, network) {
  if (base > BigInt(standing.balance)) throw new NotAValue(`Your wallet has ${amount(standing.balance, network)}.`);
  return base;
}

function ratesFit(fields, values, least) {
  const complain = (name, words) => {
    const field = fields.find((one) => one.name === name);
    field.complain(words);
    field.input.focus();
    return false;
  };
  if (above(least, values.commissionRate)) return complain("commissionRate", `The chain takes no less than ${percent(least)}.`);
  if (above(values.commissionRate, values.commissionMaxRate)) return complain("commissionRate", "It is above the limit that you set.");
  if (above(values.commissionMaxChangeRate, values.commissionMaxRate)) return complain("commissionMaxChangeRate", "It is above the limit that you set.");
  return true;
}
