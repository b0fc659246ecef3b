// The head of the page: records, budget, clock, faults and switches.

import { byId, make, number, show } from "./dom.js";

const strong = (text) => make("strong", {}, text);
const soft = (text) => make("span", { class: "soft" }, text);
const list = (items) => make("ul", { tabindex: "0" }, ...items.map((parts) => make("li", {}, ...parts)));

export function showWorld(state) {
  const { counts, budget, burst, clock, faults, switches, plan } = state;
  show(byId("counts"), make("table", { class: "sides" },
    make("thead", {}, make("tr", {}, make("td"), make("th", { scope: "col" }, "People"), make("th", { scope: "col" }, "Companies"))),
    make("tbody", {}, side("Pipedrive", "pipedrive", counts.persons, counts.organizations), side("journy", "journy", counts.users, counts.accounts))));
  show(byId("budget"), ...tokens(budget, plan));
  show(byId("burst"), ...windowOf(burst));
  show(byId("clock"), ...time(clock));
  show(byId("faults"), faults.length ? list(faults.map(fault)) : soft("None"));
  show(byId("switches"), switches.length ? list(switches.map(moved)) : soft("All at their defaults"));
}

function side(name, service, ...figures) {
  return make("tr", {}, make("th", { scope: "row", class: `service ${service}` }, name), ...figures.map((figure) => make("td", {}, number(figure))));
}

function tokens({ spent, limit, left }, plan) {
  if (limit === null) return [strong(number(spent)), soft(" spent, no limit")];
  return [
    strong(number(spent)), ` of ${number(limit)} `, left === 0 ? make("span", { class: "tag warm" }, "used up") : null,
    make("meter", { min: 0, max: limit, low: limit * 0.8, high: limit * 0.95, optimum: 0, value: spent, "aria-label": "Share of today's tokens that is spent" }),
    soft(`Plan ${plan}`),
  ];
}

function windowOf(burst) {
  if (burst === null) return [soft("No limit")];
  return [
    strong(number(burst.used)), ` of ${number(burst.limit)}`,
    make("meter", { min: 0, max: burst.limit, low: burst.limit * 0.8, high: burst.limit, optimum: 0, value: burst.used, "aria-label": "Share of the burst window that is used" }),
    soft("in 2 s per token"),
  ];
}

function time({ now, frozen }) {
  const [day, rest] = now.split("T");
  return [strong(rest.slice(0, 8)), " ", frozen ? make("span", { class: "tag warm" }, "stopped") : null, make("div", { class: "soft" }, `${day}, UTC`)];
}

function fault({ match, action, hits, times, rate }) {
  const what = Object.entries(action).map(([name, value]) => (name === "status" ? `${value}` : name.replaceAll("_", " "))).join(", ");
  const how = times === null ? (rate < 1 ? `${Math.round(rate * 100)} %` : "always") : `${hits} of ${times}`;
  return [make("code", {}, `${match.method} ${match.path}`), ` ${what} `, soft(`(${how})`)];
}

function moved({ name, position }) {
  return [make("code", {}, name), ` ${position}`];
}
