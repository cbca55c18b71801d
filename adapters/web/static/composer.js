// Writing a message: sending, drafts, answering, slash commands. Knows one form; what happens next is the page's.

import { actionId, ask, toast, words } from "./page.js";

export class Composer {
  /** `sent(text, native)` is called when a message is durable, `sending(text)` before; it returns the row shown meanwhile. */
  constructor(form, { sending, sent }) {
    this.form = form;
    this.text = form.elements.text;
    this.reply = form.elements.reply_to;
    this.list = form.querySelector(".commands");
    this.sending = sending;
    this.sent = sent;
    this.key = `draft:${location.pathname}:${form.dataset.composer}`;
    if (!this.text.value) this.text.value = sessionStorage.getItem(this.key) || "";
    this.grow();
    this.text.addEventListener("input", () => this.typed());
    this.text.addEventListener("keydown", (event) => this.pressed(event));
    this.text.addEventListener("blur", () => setTimeout(() => this.hide(), 150));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    form.querySelector("[data-no-reply]").addEventListener("click", () => this.answer(null));
    for (const option of this.list.children) {
      option.addEventListener("mousedown", (event) => {
        event.preventDefault();
        this.choose(option);
      });
    }
  }

  typed() {
    sessionStorage.setItem(this.key, this.text.value);
    this.grow();
    this.suggest();
  }

  grow() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, window.innerHeight * 0.4)}px`;
  }

  fill(text) {
    this.text.value = text;
    this.text.focus();
    this.text.setSelectionRange(text.length, text.length);
    this.typed();
    this.hide();
  }

  /** Answer a message; null: none (in a discussion: its opening message). */
  answer(message) {
    const line = this.form.querySelector(".answering");
    this.reply.value = message ? message.dataset.id : this.reply.dataset.default;
    line.hidden = !message;
    if (message) {
      line.querySelector("strong").textContent = message.dataset.name;
      this.text.focus();
    }
  }

  pressed(event) {
    if (event.isComposing || event.keyCode === 229) return; // Enter chooses a word in a Chinese input method
    const shown = this.options();
    if (!this.list.hidden && shown.length) {
      const at = shown.findIndex((one) => one.getAttribute("aria-selected") === "true");
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        const step = event.key === "ArrowDown" ? 1 : -1;
        this.select(shown[(at + step + shown.length) % shown.length]);
        return;
      }
      if (event.key === "Tab" || (event.key === "Enter" && this.text.value.trim() !== `/${shown[at]?.dataset.name}`)) {
        event.preventDefault();
        this.choose(shown[Math.max(at, 0)]);
        return;
      }
      if (event.key === "Escape") {
        event.stopPropagation();
        this.hide();
        return;
      }
    }
    if (event.key === "Enter" && !event.shiftKey && !matchMedia("(pointer: coarse)").matches) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape") this.answer(null);
  }

  options() {
    return [...this.list.children].filter((one) => !one.hidden);
  }

  suggest() {
    const match = /^[/／]([a-z]*)$/i.exec(this.text.value);
    if (!match) return this.hide();
    for (const option of this.list.children) option.hidden = !option.dataset.name.startsWith(match[1].toLowerCase());
    const shown = this.options();
    this.list.hidden = !shown.length;
    this.select(shown[0]);
  }

  select(option) {
    for (const one of this.list.children) one.setAttribute("aria-selected", String(one === option));
    if (option && !this.list.hidden) {
      this.text.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else this.text.removeAttribute("aria-activedescendant");
  }

  choose(option) {
    const needsWords = ["learn", "ask"].includes(option.dataset.name);
    this.fill(`/${option.dataset.name}${needsWords ? " " : ""}`);
  }

  hide() {
    this.list.hidden = true;
    this.select(null);
  }

  submit(given) {
    const text = (given ?? this.text.value).trim();
    if (!text) return this.text.focus();
    const fields = { text, action: actionId(), reply_to: given ? "" : this.reply.value };
    if (!given) {
      this.text.value = "";
      sessionStorage.removeItem(this.key);
      this.grow();
      this.hide();
      this.answer(null);
    }
    return this.send(fields, this.sending(text));
  }

  async send(fields, row) {
    try {
      const answer = await ask(this.form.getAttribute("action"), { fields });
      if (row && answer.message) row.dataset.native = answer.message;
      else row?.remove();
      this.sent(fields.text, answer.message);
    } catch (refused) {
      if (!row) return toast(refused.message);
      // The same id again: had the first try arrived after all, nothing is doubled.
      this.failed(row, refused, fields);
    }
    return undefined;
  }

  failed(row, refused, fields) {
    row.classList.add("failed");
    const state = row.querySelector(".hint");
    state.textContent = `${refused.message} `;
    const retry = document.createElement("button");
    retry.type = "button";
    retry.className = "btn";
    retry.textContent = words.retry;
    retry.addEventListener("click", () => {
      row.classList.remove("failed");
      state.textContent = words.sending;
      this.send(fields, row);
    });
    const back = document.createElement("button");
    back.type = "button";
    back.className = "btn";
    back.textContent = words.edit;
    back.addEventListener("click", () => {
      row.remove();
      this.fill(fields.text);
    });
    state.append(retry, " ", back);
  }
}
