// SPDX-License-Identifier: Apache-2.0
// The changes that can be asked for: fields, the wish, and the words when it is done.

import { above, amount, NotAValue, parseAmount, parsePercent, percent, plainPercent, unit } from "../amounts.js";
import { Field, profileFields, profileOf } from "../fields.js";
import { clock } from "../words.js";

const DAY = 86400;

export const FORMS = {
  edit: ({ standing }) => {
    const { validator, rules } = standing;
    const { rate, maxRate, maxChangeRate, updatedAt } = validator.commission;
    const free = updatedAt + DAY;
    const waits = free > Date.now() / 1000;
    const commission = new Field({
      name: "commissionRate", label: "Commission", value: plainPercent(rate), unit: "%", needed: true, inputmode: "decimal",
      read: (text) => {
        const wanted = parsePercent(text);
        if (above(rules.minCommissionRate, wanted)) throw new NotAValue(`The chain takes no less than ${percent(rules.minCommissionRate)}.`);
        if (above(wanted, maxRate)) throw new NotAValue(`It was said to be never above ${percent(maxRate)}.`);
        return wanted;
      },
      hint: waits
        ? `The chain lets it change once in 24 h: again at ${clock(free)}.`
        : `By ${percent(maxChangeRate)} at most, never above ${percent(maxRate)}; then not for 24 h.`,
    });
    return {
      title: `Edit “${validator.moniker}”`,
      fields: [...profileFields(validator), commission],
      wish: (values) => ({
        kind: "edit-validator", profile: profileOf(values),
        commissionRate: above(values.commissionRate, rate) || above(rate, values.commissionRate) ? values.commissionRate : null,
      }),
      done: "The profile is changed.",
    };
  },
  delegate: ({ standing, network }) => ({
    title: "Delegate to your validator",
    lead: `Your wallet has ${amount(standing.balance, network)}. Leave some for fees.`,
    fields: [new Field({
      name: "amount", label: "You lock", unit: unit(network), needed: true, inputmode: "decimal", wide: true,
      read: (text) => {
        const base = parseAmount(text, network);
        if (base > BigInt(standing.balance)) throw new NotAValue(`Your wallet has ${amount(standing.balance, network)}.`);
        return base;
      },
    })],
    wish: (values) => ({ kind: "delegate", amount: String(values.amount) }),
    done: "The stake is raised.",
  }),
  withdraw: ({ standing }) => ({
    title: "Withdraw rewards and commission",
    lead: "To this wallet. The stake stays where it is.",
    fields: [],
    // A commission of nothing cannot be withdrawn: the chain refuses the whole transaction.
    wish: () => ({ kind: "withdraw", commission: standing.validator.commissionEarned !== "0" }),
    done: "Rewards and commission are in your wallet.",
  }),
  unjail: () => ({
    title: "Leave the jail",
    lead: "Its node has to be in step and its signer connected, or it is jailed and slashed again.",
    fields: [],
    wish: () => ({ kind: "unjail" }),
    done: "The validator is out of jail.",
  }),
};
