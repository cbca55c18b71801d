// What every script of a page shares: words, requests, notices. Knows no messages.

const body = document.body;
export const words = JSON.parse(body.dataset.words || "{}");

/** A fresh id for one act: sent twice, it happens once. */
export function actionId() {
  const bytes = crypto.getRandomValues(new Uint8Array(15));
  return Array.from(bytes, (byte) => (byte % 32).toString(32)).join("") + Date.now().toString(36);
}

/** Refused by the server, with a sentence for the person. `status` 0: it was never reached. */
export class Refused extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** Ask the server for JSON. `fields` make it a form post, `json` a question with a body. */
export async function ask(url, { fields, json } = {}) {
  const options = { headers: { Accept: "application/json" } };
  if (fields || json) {
    options.method = "POST";
    options.headers["X-CSRF-Token"] = body.dataset.csrf;
    options.body = fields ? new URLSearchParams(fields) : JSON.stringify(json);
    if (json) options.headers["Content-Type"] = "application/json";
  }
  let response;
  try {
    response = await fetch(url, options);
  } catch {
    throw new Refused(words["not-sent"] || "", 0);
  }
  const answer = await response.json().catch(() => ({}));
  if (response.status === 401 && answer.to) window.location.assign(answer.to);
  if (!response.ok) throw new Refused(answer.error || words["not-sent"] || "", response.status);
  return answer;
}

const seen = new Set(JSON.parse(sessionStorage.getItem("notices") || "[]"));

/** Show a short sentence for a few seconds; one with an `id` only once, also across a reload. */
export function toast(text, id) {
  if (!text || (id && seen.has(id))) return;
  if (id) {
    seen.add(id);
    sessionStorage.setItem("notices", JSON.stringify([...seen].slice(-40)));
  }
  const box = document.getElementById("toasts");
  const line = document.createElement("p");
  line.className = "toast";
  line.textContent = text;
  box.replaceChildren(line); // the newest only: older ones would cover what is being read
  setTimeout(() => line.remove(), Math.min(9000, 3500 + text.length * 45));
}

/** Moments in the reader's own time zone, in the language around them. */
export function localise(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const language = time.closest("[lang]")?.lang || document.documentElement.lang;
    const whole = { weekday: "short", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    time.textContent = at.toLocaleString(language, whole);
  }
}
