// Joins the parts on whatever page this is. Every page works for reading and posting without this file.

import { Composer } from "./composer.js";
import { Live } from "./live.js";
import { actionId, ask, localise, toast, words } from "./page.js";
import { Stream } from "./stream.js";

const body = document.body;

function frontDoor() {
  const zone = document.querySelector("[data-timezone='guess']");
  if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || zone.value;
  const filter = document.querySelector("[data-filter]");
  filter?.addEventListener("input", () => {
    const sought = filter.value.trim().toLowerCase();
    let shown = 0;
    for (const row of document.getElementById(filter.dataset.filter).children) {
      row.hidden = !row.textContent.toLowerCase().includes(sought);
      shown += row.hidden ? 0 : 1;
    }
    document.querySelector("[data-filter-empty]").hidden = shown > 0;
  });
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
      const label = button.textContent;
      button.textContent = button.dataset.copied;
      setTimeout(() => (button.textContent = label), 2000);
    });
  }
}

function drawer() {
  const side = document.getElementById("side");
  const openers = document.querySelectorAll("[data-drawer]");
  const set = (open) => {
    side.classList.toggle("open", open);
    if (open) side.querySelector(".room-link[aria-current], .room-link")?.focus();
    else document.querySelector("[data-drawer='open']")?.focus();
  };
  for (const one of openers) {
    one.addEventListener("click", (event) => {
      event.preventDefault();
      set(one.dataset.drawer === "open");
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && side.classList.contains("open")) set(false);
  });
}

/** Marks rooms in which something happened since they were last open in this browser tab. */
function unread(here) {
  const key = "unread";
  const rooms = new Set(JSON.parse(sessionStorage.getItem(key) || "[]"));
  const draw = () => {
    rooms.delete(here);
    sessionStorage.setItem(key, JSON.stringify([...rooms]));
    for (const link of document.querySelectorAll("[data-room-link]")) {
      const marked = rooms.has(Number(link.dataset.roomLink));
      link.classList.toggle("unread", marked);
      link.querySelector(".dot").hidden = !marked;
    }
  };
  draw();
  return (changed) => {
    for (const id of changed) rooms.add(id);
    draw();
  };
}

function room() {
  const here = Number(body.dataset.room);
  const scroller = document.getElementById("scroll");
  const main = new Stream(document.getElementById("stream"), scroller);
  const panelList = document.getElementById("panel");
  const panel = panelList && new Stream(panelList, panelList.parentElement);
  const streams = panel ? [main, panel] : [main];
  const fresh = document.getElementById("fresh");
  const composers = new Map();
  const direct = "direct" in body.dataset;

  const target = main.list.dataset.target;
  if (!target || !main.jump(target)) main.toNews();
  if (panel) panel.toEnd();
  main.onNew = () => (fresh.hidden = false);
  fresh.addEventListener("click", () => {
    fresh.hidden = true;
    main.toEnd();
  });
  scroller.addEventListener("scroll", () => main.atEnd() && (fresh.hidden = true), { passive: true });

  const refresh = () => streams.map((one) => one.refresh().catch(() => {}));
  const mark = unread(here);
  let soon;
  new Live(body.dataset.live, (rooms) => {
    if (rooms) mark(rooms.filter((id) => id !== here));
    if (rooms && !rooms.includes(here)) return;
    clearTimeout(soon);
    soon = setTimeout(refresh, 60);
  });

  for (const form of document.querySelectorAll("[data-composer]")) {
    const stream = form.dataset.composer ? panel : main;
    const composer = new Composer(form, {
      sending: (text) => {
        // In a shared room a command is between its author and the bot: nothing will appear here.
        const shown = direct || !/^[/／][A-Za-z]/.test(text);
        return shown ? stream.pend(text, "") : null;
      },
      sent: (text) => {
        if (direct) main.working(true);
        refresh();
      },
    });
    composers.set(stream, composer);
  }

  document.addEventListener("click", (event) => {
    const hit = event.target.closest("[data-older], [data-fill], [data-command], [data-reply], [data-edit], [data-cancel], [data-jump], [data-more]");
    if (!hit || event.metaKey || event.ctrlKey) return;
    const stream = streams.find((one) => one.list.contains(hit)) || main;
    const composer = composers.get(stream);
    const message = hit.closest(".msg");
    if (hit.dataset.older) older(event, hit, main);
    else if (hit.dataset.fill && composer) {
      event.preventDefault();
      composer.fill(hit.dataset.fill);
    } else if (hit.dataset.command && composer) {
      event.preventDefault();
      composer.submit(hit.dataset.command);
    } else if (hit.dataset.reply && composer) {
      event.preventDefault();
      composer.answer(message);
    } else if (hit.dataset.edit) edit(event, hit, message);
    else if ("cancel" in hit.dataset && message) {
      event.preventDefault();
      message.querySelector(".editing").replaceWith(message.kept);
    } else if (hit.dataset.jump) {
      if (stream.jump(hit.dataset.jump)) event.preventDefault();
    } else if ("more" in hit.dataset) {
      for (const other of document.querySelectorAll(".msg.open")) if (other !== message) other.classList.remove("open");
      message.classList.toggle("open");
    }
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches(".act, .editing")) return;
    event.preventDefault();
    const button = event.submitter;
    const doing = button?.name === "do" ? button.value : form.elements.do?.value;
    if (doing === "delete" && !window.confirm(words["confirm-delete"])) return;
    const fields = { action: actionId(), do: doing };
    if (doing === "edit") fields.text = form.elements.text.value;
    const sent = Object.entries(fields);
    if (doing.startsWith("submit:")) {
      for (const [name, value] of new FormData(form)) if (name.startsWith("f:")) sent.push([name, value]);
    }
    button?.closest(".msg")?.classList.remove("open");
    if (button && /^(press|submit):/.test(doing)) busy(button);
    try {
      await ask(form.getAttribute("action"), { fields: sent });
      if (doing === "edit") form.replaceWith(form.closest(".msg")?.kept || "");
      refresh();
    } catch (refused) {
      toast(refused.message);
      button?.removeAttribute("aria-busy");
    }
  });
}

/** A button that waits for its answer; the message that comes back replaces it. */
function busy(button) {
  button.setAttribute("aria-busy", "true");
  setTimeout(() => button.removeAttribute("aria-busy"), 6000);
}

async function older(event, link, stream) {
  event.preventDefault();
  const first = stream.messages()[0];
  if (!first || link.getAttribute("aria-busy") === "true") return;
  link.setAttribute("aria-busy", "true");
  try {
    const answer = await ask(`${link.dataset.older}?before=${first.dataset.id}`);
    stream.prepend(answer.messages);
    if (!answer.older) link.parentElement.remove();
  } catch (refused) {
    toast(refused.message);
  }
  link.removeAttribute("aria-busy");
}

async function edit(event, link, message) {
  event.preventDefault();
  if (message.querySelector(".editing")) return;
  try {
    const answer = await ask(link.dataset.edit);
    const template = document.createElement("template");
    template.innerHTML = answer.html.trim();
    const form = template.content.firstElementChild;
    message.kept = message.querySelector(".body");
    message.kept.replaceWith(form);
    const text = form.elements.text;
    text.focus();
    text.setSelectionRange(text.value.length, text.value.length);
    text.addEventListener("keydown", (key) => {
      if (key.key === "Escape") form.querySelector("[data-cancel]").click();
      else if (key.key === "Enter" && !key.shiftKey && !key.isComposing) {
        key.preventDefault();
        form.requestSubmit();
      }
    });
  } catch (refused) {
    toast(refused.message);
  }
}

localise(document);
frontDoor();
if (body.dataset.room) {
  drawer();
  room();
}
