// SPDX-License-Identifier: Apache-2.0
// A line of a node's log (zerolog's JSON) as a person reads it.

const LEVELS = { trace: "debug", debug: "debug", info: "info", warn: "warn", error: "error", fatal: "error", panic: "error" };
const NOT_FIELDS = new Set(["level", "message", "time", "module", "stack"]);

/** `level`, empty where it has none, and `words`: time of day, level, message, fields. */
export function logLine(line) {
  let record;
  try {
    record = line.startsWith("{") ? JSON.parse(line) : null;
  } catch {
    record = null;
  }
  if (record === null) return { level: "", words: line };
  const level = LEVELS[record.level] ?? "";
  const at = Date.parse(record.time);
  const fields = Object.entries(record).filter(([name]) => !NOT_FIELDS.has(name)).map(([name, value]) => `${name}=${typeof value === "object" ? JSON.stringify(value) : value}`);
  const time = Number.isNaN(at) ? "" : new Date(at).toLocaleTimeString([], { hour12: false });
  return { level, words: [time, level.toUpperCase().padEnd(5), record.message, ...fields].filter(Boolean).join(" ") };
}
