// News from the server: an event stream where it can be had, otherwise asking now and then. Knows no messages.

import { toast, words } from "./page.js";

const POLL = 5000;
const REOPEN = 30000;
const HIDDEN = 300000;

/** Calls `changed(rooms)` with room ids, or null when everything may have changed. */
export class Live {
  constructor(url, changed) {
    this.url = url;
    this.changed = changed;
    this.state = document.getElementById("state");
    this.wasOpen = false;
    document.addEventListener("visibilitychange", () => {
      // Browsers allow six connections to one host: a page that nobody looks at gives its own back after a while.
      clearTimeout(this.hiding);
      if (document.hidden) this.hiding = setTimeout(() => this.close(), HIDDEN);
      else if (!this.source) this.open();
    });
    window.addEventListener("pagehide", () => this.close());
    window.addEventListener("pageshow", (event) => event.persisted && this.open());
    this.open();
  }

  open() {
    this.close();
    this.source = new EventSource(this.url);
    this.source.addEventListener("open", () => this.say(""));
    this.source.addEventListener("rooms", (event) => this.changed(JSON.parse(event.data)));
    this.source.addEventListener("resync", () => this.changed(null));
    this.source.addEventListener("notice", (event) => {
      const { id, text } = JSON.parse(event.data);
      toast(text, id);
    });
    this.source.addEventListener("error", () => {
      if (this.source?.readyState === EventSource.CLOSED) this.poll();
      else this.offline = setTimeout(() => this.source?.readyState === EventSource.CONNECTING && this.say(words.offline), 3000);
    });
  }

  /** No stream to be had: ask every few seconds and try for a stream again later. */
  poll() {
    this.close();
    this.timer = setInterval(() => this.changed(null), POLL);
    this.reopen = setTimeout(() => this.open(), REOPEN);
  }

  close() {
    clearInterval(this.timer);
    clearTimeout(this.reopen);
    clearTimeout(this.offline);
    this.source?.close();
    this.source = null;
  }

  say(text) {
    if (this.state && this.state.textContent !== text) this.state.textContent = text || "";
  }
}
