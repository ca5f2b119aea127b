// SPDX-License-Identifier: Apache-2.0
// Times and names in words.

/** "21 days", "16 h", "10 min", "40 s"; the larger unit when it is whole enough. */
export function duration(seconds) {
  if (seconds >= 2 * 86400) return `${Math.round(seconds / 86400)} days`;
  if (seconds >= 2 * 3600) return `${Math.round(seconds / 3600)} h`;
  if (seconds >= 120) return `${Math.round(seconds / 60)} min`;
  return `${Math.max(0, Math.round(seconds))} s`;
}

/** "1 min 42 s" of what is left. */
export function left(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const rest = `${whole % 60}\u00a0s`;
  return whole >= 60 ? `${Math.floor(whole / 60)}\u00a0min ${rest}` : rest;
}

/** "6 d 4 h", "3 h 12 min", "4 min". */
export function uptime(seconds) {
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours >= 24) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  return hours ? `${hours} h ${minutes % 60} min` : seconds >= 60 ? `${minutes} min` : `${Math.round(seconds)} s`;
}

/** "12 s ago" since a Unix time. */
export const ago = (at) => `${duration(Math.max(0, Date.now() / 1000 - at))} ago`;

/** Local time of a Unix time, with the day when it is another one. */
export function clock(at) {
  const moment = new Date(at * 1000);
  const today = moment.toDateString() === new Date().toDateString();
  return moment.toLocaleString([], today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" });
}

/** What is still to be removed of a request, since when, and why it is not done yet. */
export const owedWords = ({ since, reason }) =>
  `What was made for it is still to be removed, since ${clock(Date.parse(since) / 1000)}. ${reason ?? "It is removed shortly."}`;

/** The first and last signs of a long word. */
export const short = (text, head = 8, tail = 4) =>
  text.length <= head + tail + 1 ? text : `${text.slice(0, head)}…${text.slice(-tail)}`;

/** How many bytes the chain counts in `text`. */
export const bytes = (text) => new TextEncoder().encode(text).length;
