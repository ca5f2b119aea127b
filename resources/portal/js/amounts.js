// SPDX-License-Identifier: Apache-2.0
// Amounts and shares without floating point: text and BigInt only.

/** A value that a person typed and that cannot be taken; the message is for them. */
export class NotAValue extends Error {}

const group = (digits) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");

/** Base units of `text` in shown units, such as "1,000.5". */
export function parseAmount(text, network) {
  const decimals = network.decimals ?? 0;
  const plain = text.replace(/[,\s]/g, "");
  if (!/^\d+(\.\d+)?$/.test(plain)) throw new NotAValue("Enter a number, such as 1000 or 0.5.");
  const [whole, part = ""] = plain.split(".");
  if (part.length > decimals) throw new NotAValue(`Use at most ${decimals} decimal places.`);
  const base = BigInt(whole + part.padEnd(decimals, "0"));
  if (base <= 0n) throw new NotAValue("Enter more than zero.");
  return base;
}

/** Shown units of base units, without their name. */
export function plainAmount(base, network) {
  const value = BigInt(base);
  const decimals = network.decimals ?? 0;
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, "0");
  const whole = decimals ? digits.slice(0, -decimals) : digits;
  const part = decimals ? digits.slice(-decimals).replace(/0+$/, "") : "";
  return `${value < 0n ? "−" : ""}${group(whole)}${part && `.${part}`}`;
}

/** What amounts are told in: base units where nobody says how many make a shown one. */
export const unit = (network) => (network.decimals === null ? network.denom : network.displayDenom);

/** "1,000.5 OMNI". */
export const amount = (base, network) => `${plainAmount(base, network)} ${unit(network)}`;

/** "0.125" of "12.5" per cent. */
export function parsePercent(text) {
  const plain = text.replace(/[\s%]/g, "");
  if (!/^\d{1,3}(\.\d{1,16})?$/.test(plain)) throw new NotAValue("Enter a percentage, such as 10 or 12.5.");
  const [whole, part = ""] = plain.split(".");
  if (BigInt(whole + part.padEnd(16, "0")) > 100n * 10n ** 16n) throw new NotAValue("Enter at most 100.");
  const digits = whole.padStart(3, "0");
  return trimmed(`${digits.slice(0, -2).replace(/^0+(?=\d)/, "")}.${digits.slice(-2)}${part}`);
}

/** "12.5" of the share "0.125000". */
export function plainPercent(share) {
  const [whole, part = ""] = share.split(".");
  const digits = part.padEnd(2, "0");
  return trimmed(`${(whole + digits.slice(0, 2)).replace(/^0+(?=\d)/, "")}.${digits.slice(2)}`);
}

/** "12.5 %" of a share, never broken over two lines. */
export const percent = (share) => `${plainPercent(share)}\u00a0%`;

/** Whether share `one` is above share `other`. */
export function above(one, other) {
  const scaled = (share) => {
    const [whole, part = ""] = share.split(".");
    return BigInt(whole + part.padEnd(18, "0").slice(0, 18));
  };
  return scaled(one) > scaled(other);
}

export const count = (number) => group(String(number));

/** A decimal number without the zeros that say nothing. */
export const trimmed = (text) => (text.includes(".") ? text.replace(/\.?0*$/, "") : text);
