// The live list of requests, newest first.

import { age, byId, make } from "./dom.js";

const READING = new Set(["GET", "HEAD", "OPTIONS"]);
const NAMES = { pipedrive: "Pipedrive", journy: "journy" };
const rows = new Map();

/** Show requests, which come oldest first. */
export function showRequests(entries, now, sifted, samePage) {
  const wanted = new Set(entries.map((entry) => entry.id));
  const list = byId("requests");
  for (const [id, { row }] of rows) {
    if (!wanted.has(id)) {
      row.remove();
      rows.delete(id);
    }
  }
  for (const entry of entries) {
    if (rows.has(entry.id)) continue;
    const row = rowOf(entry, samePage);
    rows.set(entry.id, { row, entry });
    list.prepend(row);
  }
  byId("quiet").hidden = entries.length > 0;
  byId("quiet").textContent = sifted ? "No request passes these filters." : "No request yet.";
  tellAges(now);
}

export function tellAges(now) {
  for (const { row, entry } of rows.values()) {
    const text = age(now - entry.at);
    if (row.cells[0].textContent !== text) row.cells[0].textContent = text;
  }
}

function rowOf({ service, method, path, status, tokens, ms, fault }, fresh) {
  const [plain, query] = path.split("?", 2);
  const failed = status === null || status >= 400;
  const broken = fault ? ` (fault: ${fault.join(", ").replaceAll("_", " ")})` : "";
  return make("tr", { class: fresh ? "fresh" : null },
    make("td", { class: "age" }),
    make("td", {}, make("span", { class: `service ${service}` }, NAMES[service] ?? service)),
    make("td", { class: READING.has(method) ? null : "write" }, method),
    make("td", { class: "path", title: path }, make("code", {}, plain, query ? make("span", { class: "query" }, `?${query}`) : null)),
    make("td", { class: failed ? "failed" : null }, `${status ?? "cut"}${broken}`),
    make("td", { class: "number" }, tokens ? String(tokens) : "–"),
    make("td", { class: "number" }, `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`));
}
