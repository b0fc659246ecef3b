// Asks the sandbox for what the page shows, and only while somebody looks.

import { ask, byId, count, settled } from "./dom.js";
import { showPairs } from "./records.js";
import { showRequests, tellAges } from "./requests.js";
import { showWorld } from "./world.js";

const REQUESTS = 60;
const PAUSE = 300; // milliseconds between two rounds
const QUIET = 2500; // milliseconds after which records are read again although nothing was called
const SHARE = 10; // a search through many records may fill a tenth of the time

const page = { asked: null, places: [null], next: null, due: 0 };
let state = null;
let paused = false;
let wake = () => {};

const sleep = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });
const fields = (form) => Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));

/** Read the page of records. `again`: the same page as before, so that changes can flash. */
async function loadPairs(again) {
  page.asked?.abort();
  page.asked = new AbortController();
  const { signal } = page.asked;
  const started = performance.now();
  const asked = fields(byId("ask"));
  const answer = await ask("pairs", { ...asked, after: page.places.at(-1) }, signal);
  page.due = performance.now() + Math.max(QUIET, SHARE * (performance.now() - started));
  page.soon = performance.now() + SHARE * (performance.now() - started);
  page.next = answer.next;
  showPairs(answer, asked.kind, again);
  const shown = answer.rows.length;
  byId("found").textContent = shown ? `${count(shown, "row")}, latest change first` : "Nothing matches.";
  byId("page").textContent = `Page ${page.places.length}`;
  byId("newer").disabled = page.places.length === 1;
  byId("older").disabled = page.next === null;
}

async function loadRequests(again) {
  const asked = fields(byId("sift"));
  const entries = await ask("journal", { ...asked, limit: REQUESTS });
  showRequests(entries, state?.time ?? Date.now() / 1000, Object.values(asked).some(Boolean), again);
}

async function round() {
  const fresh = state === null;
  const known = state;
  state = await ask("live", { after: fresh ? null : known.last });
  showWorld(state);
  const another = fresh || known.run !== state.run;
  const news = another || known.last !== state.last;
  const now = performance.now();
  const work = [];
  if (another || now > page.due || (news && now > page.soon)) work.push(loadPairs(!another));
  if (news) work.push(loadRequests(!another));
  else tellAges(state.time);
  await Promise.all(work.map((one) => one.catch(unlessAborted)));
}

function unlessAborted(error) {
  if (error.name !== "AbortError") throw error;
}

function tell(text, kind) {
  const element = byId("connection");
  if (element.textContent !== text) element.textContent = text;
  element.className = `connection ${kind}`;
}

async function live() {
  for (;;) {
    while (paused || document.hidden) {
      tell(paused ? "Paused" : "Waiting", "");
      await new Promise((done) => { wake = done; });
    }
    try {
      await round();
      tell("Live", "live");
      await sleep(PAUSE);
    } catch {
      tell("The sandbox doesn't answer", "lost");
      await sleep(1500);
    }
  }
}

/** Load because a person asked. A failure shows as such in the next round. */
function person(work) {
  work().catch((error) => { if (error.name !== "AbortError") tell(error.message, "lost"); });
}

function begin() {
  page.places = [null];
  const asked = Object.entries(fields(byId("ask"))).filter(([name, value]) => value && !(name === "kind" && value === "people"));
  history.replaceState(null, "", asked.length ? `?${new URLSearchParams(asked)}` : location.pathname);
  person(() => loadPairs(false));
}

function restore() {
  const asked = new URLSearchParams(location.search);
  const kind = document.querySelector(`input[name=kind][value="${asked.get("kind") === "companies" ? "companies" : "people"}"]`);
  kind.checked = true;
  byId("q").value = asked.get("q") ?? "";
  byId("only").value = asked.get("only") ?? "";
  if (byId("only").selectedIndex < 0) byId("only").value = "";
}

function listen() {
  const sift = () => person(() => loadRequests(false));
  byId("ask").addEventListener("input", settled(begin));
  byId("sift").addEventListener("input", settled(sift));
  for (const form of [byId("ask"), byId("sift")]) form.addEventListener("submit", (event) => event.preventDefault());
  byId("older").addEventListener("click", () => { page.places.push(page.next); person(() => loadPairs(false)); });
  byId("newer").addEventListener("click", () => { page.places.pop(); person(() => loadPairs(false)); });
  byId("pause").addEventListener("click", () => {
    paused = !paused;
    byId("pause").setAttribute("aria-pressed", paused);
    wake();
  });
  byId("fold").addEventListener("click", () => {
    const folded = document.querySelector(".dock").classList.toggle("folded");
    byId("fold").setAttribute("aria-expanded", !folded);
    byId("fold").textContent = folded ? "Show" : "Hide";
  });
  document.addEventListener("visibilitychange", () => wake());
  document.addEventListener("keydown", (event) => {
    const typing = /^(input|select|textarea)$/i.test(document.activeElement?.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      byId("q").focus();
    }
  });
}

restore();
listen();
live();
