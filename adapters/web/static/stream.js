// The list of messages: kept like a freshly loaded page by asking what changed. Knows no writing.

import { ask, localise, words } from "./page.js";

const NEAR = 120;

export class Stream {
  /** `list` is the <ol>; `scroller` what scrolls around it. */
  constructor(list, scroller) {
    this.list = list;
    this.scroller = scroller;
    this.root = list.dataset.root ? Number(list.dataset.root) : null;
    this.onNew = () => {};
    this.asking = null;
    this.again = false;
    this.prepare(list);
  }

  messages() {
    return [...this.list.querySelectorAll(":scope > .msg[data-id]")];
  }

  find(id) {
    return this.list.querySelector(`:scope > .msg[data-id="${CSS.escape(String(id))}"]`);
  }

  atEnd() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < NEAR;
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** To the end, but no further than the top of an answer that is taller than the window: it is read from there. */
  toNews() {
    this.toEnd();
    const last = this.messages().at(-1);
    if (!last?.matches(".by-bot") || last.offsetHeight < this.scroller.clientHeight * 0.9) return;
    const top = last.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
    this.scroller.scrollTop += top - 56;
  }

  /** Ask what changed; calls while one is under way become one more. */
  async refresh() {
    if (this.asking) {
      this.again = true;
      return this.asking;
    }
    this.asking = this.once().finally(() => {
      this.asking = null;
      if (this.again) {
        this.again = false;
        this.refresh().catch(() => {});
      }
    });
    return this.asking;
  }

  async once() {
    const shown = this.messages().slice(-200);
    const known = Object.fromEntries(shown.map((one) => [one.dataset.id, one.dataset.stamp]));
    const last = "newer" in this.list.dataset && shown.length ? Number(shown.at(-1).dataset.id) : null;
    const answer = await ask(this.list.dataset.changes, { json: { known, root: this.root, last } });
    const overlaps = answer.order.some((id) => id in known);
    if (shown.length && answer.order.length && !overlaps) window.location.reload(); // away for so long that a gap would stay
    else this.apply(answer);
  }

  apply({ messages, order }) {
    const stay = this.atEnd();
    let added = 0;
    for (const { id, html } of messages) {
      const fresh = element(html);
      const old = this.find(id);
      if (old) this.replace(old, fresh);
      else if (!("newer" in this.list.dataset)) {
        const after = order.slice(order.indexOf(id) + 1).map((other) => this.find(other)).find(Boolean);
        this.list.querySelector(`:scope > .pending[data-native="${CSS.escape(fresh.dataset.native)}"]`)?.remove();
        if (after) after.before(fresh);
        else this.list.append(fresh);
        if (fresh.classList.contains("by-bot")) this.working(false);
        added += fresh.classList.contains("mine") ? 0 : 1;
      }
      this.prepare(fresh);
    }
    if (!messages.length) return;
    for (const row of this.list.querySelectorAll(":scope > .pending, :scope > .working-row")) this.list.append(row);
    this.regroup();
    if (stay && added) this.toNews();
    else if (stay && !messages.some(({ id }) => this.find(id)?.matches(".by-bot"))) this.toEnd();
    else if (added) this.onNew();
  }

  replace(old, fresh) {
    const inside = old.contains(document.activeElement) ? document.activeElement : null;
    const key = inside && (inside.value || inside.getAttribute("href"));
    if (old.querySelector(".editing")) return;
    old.replaceWith(fresh);
    if (!inside) return;
    // A form that comes back with something wrong is gone on with where it is wrong.
    const wrong = fresh.querySelector("[aria-invalid='true']");
    if (wrong && inside.value?.startsWith("submit:")) {
      (wrong.matches("fieldset") ? wrong.querySelector("input") : wrong).focus();
      return;
    }
    const same = [...fresh.querySelectorAll("button, a")].find((one) => key && (one.value || one.getAttribute("href")) === key);
    (same || fresh).focus({ preventScroll: true });
  }

  /** Days and runs of one author, as the server draws them. */
  regroup() {
    for (const line of this.list.querySelectorAll(":scope > .day")) line.remove();
    let before = null;
    for (const one of this.messages()) {
      const { day, author, at } = one.dataset;
      if (!this.root && day !== before?.dataset.day) one.before(dayLine(one));
      const joins =
        before && !this.root && before.dataset.author === author && before.dataset.day === day && at - before.dataset.at < 300 &&
        !one.querySelector(".answered") && !before.matches(".service, .deleted");
      one.classList.toggle("cont", Boolean(joins));
      before = one;
    }
  }

  prepare(root) {
    localise(root);
    for (const button of root.querySelectorAll("[data-more]")) button.hidden = false;
  }

  /** Put older messages on top without moving what is being read. */
  prepend(messages) {
    const height = this.scroller.scrollHeight;
    const top = this.scroller.scrollTop;
    const first = this.list.firstChild;
    for (const { html } of messages) {
      const one = element(html);
      this.list.insertBefore(one, first);
      this.prepare(one);
    }
    this.regroup();
    this.scroller.scrollTop = top + this.scroller.scrollHeight - height;
  }

  /** A message that is on its way, until the real one is here. */
  pend(text, native, sender) {
    const row = document.createElement("li");
    row.className = "msg mine pending";
    row.dataset.native = native;
    const space = document.createElement("span");
    space.className = "avatar";
    const main = document.createElement("div");
    main.className = "msg-main";
    const line = document.createElement("div");
    line.className = "body";
    line.textContent = text;
    const state = document.createElement("p");
    state.className = "hint";
    state.textContent = sender ?? words.sending ?? "";
    main.append(line, state);
    row.append(space, main);
    this.list.append(row);
    this.toEnd();
    return row;
  }

  /** Three dots while the bot looks for an answer. */
  working(on) {
    clearTimeout(this.workingTimer);
    this.list.querySelector(":scope > .working-row")?.remove();
    if (!on) return;
    const row = document.createElement("li");
    row.className = "msg working-row";
    const space = document.createElement("span");
    space.className = "avatar";
    const dots = document.createElement("span");
    dots.className = "working";
    dots.setAttribute("role", "img");
    dots.setAttribute("aria-label", words["bot-working"] || "");
    dots.append(...[1, 2, 3].map(() => document.createElement("span")));
    row.append(space, dots);
    this.list.append(row);
    this.toEnd();
    this.workingTimer = setTimeout(() => row.remove(), 15000);
  }

  jump(id) {
    const one = this.find(id);
    if (!one) return false;
    one.scrollIntoView({ block: "center" });
    one.classList.remove("target");
    void one.offsetWidth; // restarts the animation
    one.classList.add("target");
    one.focus({ preventScroll: true });
    return true;
  }
}

function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
}

function dayLine(message) {
  const line = document.createElement("li");
  line.className = "day";
  const label = document.createElement("span");
  const today = document.body.dataset.today;
  label.textContent = message.dataset.day === today ? words.today : message.dataset.dayLabel;
  line.append(label);
  return line;
}
