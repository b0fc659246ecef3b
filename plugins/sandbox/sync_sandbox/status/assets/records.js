// The table of records: Pipedrive's above journy's, a value that both share only once.

import { byId, count, hidden, make } from "./dom.js";

const SIDES = ["pipedrive", "journy"];
const NAMES = { pipedrive: "Pipedrive", journy: "journy" };
const SHARED = { people: "share this e-mail address", companies: "share this account ID" };
const bodies = new Map();
let head = "";

/** Show a page of pairs. What differs from the last time flashes, unless another page is shown. */
export function showPairs(page, kind, samePage) {
  const table = byId("pairs");
  const columns = page.columns.join();
  if (head !== columns) {
    head = columns;
    table.tHead?.remove();
    table.append(make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Record"), ...page.columns.map((label) => make("th", { scope: "col" }, label)))));
  }
  const before = samePage ? new Map(bodies) : new Map();
  bodies.forEach(({ body }, key) => page.rows.some((row) => row.key === key) || body.remove());
  const known = new Map(bodies);
  bodies.clear();
  let last = table.tHead;
  for (const row of page.rows) {
    const old = known.get(row.key);
    const same = old && JSON.stringify(old.row) === JSON.stringify(row) && old.kind === kind;
    const body = same ? old.body : bodyOf(row, page.columns, kind, samePage ? before.get(row.key)?.row : row);
    if (old && !same) old.body.remove();
    if (last.nextSibling !== body) last.after(body);
    bodies.set(row.key, { row, body, kind });
    last = body;
  }
}

function bodyOf(row, columns, kind, old) {
  const both = row.pipedrive && row.journy;
  const body = make("tbody", { "data-key": row.key });
  for (const side of SIDES.filter((one) => row[one])) {
    const line = make("tr", {}, who(row, side, both, kind, !old));
    row.cells.forEach((cell, index) => {
      const merged = both && cell.same;
      if (merged && side === "journy") return;
      line.append(cellOf(cell, side, { merged, alone: !both, label: columns[index], line: index + 2, changed: old && hasChanged(row, old, index, side, merged) }));
    });
    body.append(line);
  }
  return body;
}

function hasChanged(row, old, index, side, merged) {
  const was = old.cells[index];
  const is = row.cells[index];
  return merged ? was.pipedrive !== is.pipedrive || was.journy !== is.journy : was[side] !== is[side];
}

/** Says whose record this is; flashes where the record was on no page before. */
function who(row, side, both, kind, fresh) {
  const shared = side === "pipedrive" && row.sharing > 1 ? `${count(row.sharing, "record")} ${SHARED[kind]}` : null;
  const remark = [both ? null : "only here", shared].filter(Boolean).join(", ");
  const element = make("th", { scope: "row", class: `who ${both ? `at-${side}` : "both"} ${fresh ? "changed" : ""}`, title: changedAt(row[side].changed) },
    make("span", { class: `service ${side}` }, NAMES[side]), " ", make("span", { class: "id", title: String(row[side].id) }, String(row[side].id)),
    remark ? make("div", { class: "remark" }, remark) : null);
  element.style.setProperty("--line-of", 1);
  return element;
}

function changedAt(moment) {
  return moment === null ? null : `Last change ${new Date(moment).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

function cellOf(cell, side, { merged, alone, label, line, changed }) {
  const text = cell[side];
  const other = merged && text === "" ? cell.journy : text;
  const classes = [merged || alone ? "both" : `at-${side}`, !merged && !alone && "differs", changed && "changed", !other && "empty"];
  const element = make("td", { class: classes.filter(Boolean).join(" "), rowspan: merged ? 2 : null, title: other || null, "data-label": label },
    other || (merged || alone ? "–" : "empty"), !merged && !alone ? hidden(", differs") : null);
  element.style.setProperty("--line-of", line);
  return element;
}
