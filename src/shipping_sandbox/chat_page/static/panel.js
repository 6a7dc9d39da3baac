// One person's chat: the messages, what the bot answers, and everything the person can do.
import { Person } from "./api.js";
import { Bubble } from "./bubble.js";
import { Composer } from "./composer.js";
import { el, icon } from "./dom.js";
import { EXAMPLE_ORDER, say } from "./strings.js";

const WAIT_S = 25;
const PRESS_SHOWN_MS = 15_000;
const NAMES = ["Ann", "Ben", "Clara", "David"];
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export class Panel {
  constructor(bot, userId, position) {
    this.person = new Person(bot.id, userId);
    this.name = NAMES[position] ?? `User ${userId}`;
    this.language = localStorage.getItem(`language:${userId}`) ?? (navigator.language.startsWith("ru") ? "ru" : "en");
    this.event = 0;
    this.bubbles = new Map();
    this.presses = new Map();
    this.blocked = false;
    this.build(bot);
    this.speak();
    this.watch();
  }

  get say() {
    return say(this.language);
  }

  get introduction() {
    return { first_name: this.name, username: `${this.name.toLowerCase()}${this.person.id}`.replace(/\W/g, ""), language_code: this.language };
  }

  build(bot) {
    this.status = el("span", { className: "status", role: "status" });
    this.languageSelect = el(
      "select",
      { onchange: () => this.choose(this.languageSelect.value) },
      el("option", { value: "en" }, "English"),
      el("option", { value: "ru" }, "Русский"),
    );
    this.languageSelect.value = this.language;
    this.who = el("span", { className: "who" }, `${this.name} · ${this.person.id}`);
    const header = el(
      "header",
      { className: "head" },
      el("span", { className: "avatar", "aria-hidden": "true" }, bot.first_name.slice(0, 1).toUpperCase()),
      el("div", { className: "title" }, el("h2", {}, bot.first_name), this.status),
      this.who,
      this.languageSelect,
    );
    this.list = el("ol", { className: "messages", role: "log", tabIndex: 0 });
    this.list.addEventListener("scroll", () => this.offerDown());
    this.hint = this.buildHint();
    this.downButton = el("button", { type: "button", className: "down", hidden: true, onclick: () => this.toBottom() }, icon("down"));
    this.toast = el("div", { className: "toast", role: "status" });
    this.composer = new Composer(this);
    this.node = el(
      "section",
      { className: "panel" },
      header,
      el("div", { className: "wall" }, this.list, this.hint, this.downButton, this.toast),
      this.composer.node,
    );
  }

  buildHint() {
    this.hintText = el("p", {});
    this.startButton = el("button", { type: "button", className: "start", onclick: () => this.sendText("/start") });
    this.pasteButton = el("button", { type: "button", className: "paste", onclick: () => this.composer.put(EXAMPLE_ORDER) });
    const order = el("blockquote", {}, EXAMPLE_ORDER);
    return el("div", { className: "hint", hidden: true }, this.hintText, order, this.pasteButton, this.startButton);
  }

  speak() {
    const words = this.say;
    this.node.lang = this.language;
    this.node.setAttribute("aria-label", words.chatOf(this.name));
    this.list.setAttribute("aria-label", words.messages);
    this.languageSelect.setAttribute("aria-label", words.language);
    this.downButton.setAttribute("aria-label", words.scrollDown);
    this.hintText.textContent = words.emptyText;
    this.startButton.textContent = words.start;
    this.pasteButton.textContent = words.usePaste;
    this.status.textContent = words.bot;
    this.composer.speak();
  }

  choose(language) {
    this.language = language;
    localStorage.setItem(`language:${this.person.id}`, language);
    this.speak();
    for (const bubble of this.bubbles.values()) bubble.show(bubble.message);
  }

  async watch() {
    for (;;) {
      if (document.hidden) await new Promise((done) => document.addEventListener("visibilitychange", done, { once: true }));
      const stop = new AbortController();
      const onHide = () => document.hidden && stop.abort();
      document.addEventListener("visibilitychange", onHide);
      try {
        const state = await this.person.watch(this.event, this.fresh ? WAIT_S : 0, stop.signal);
        this.take(state);
        this.fresh = true;
      } catch (trouble) {
        if (trouble.name !== "AbortError") {
          this.fresh = false;
          this.status.textContent = this.say.lost;
          await pause(1000);
        }
      } finally {
        document.removeEventListener("visibilitychange", onHide);
      }
    }
  }

  take(state) {
    if (state.event < this.event) {
      this.list.replaceChildren();
      this.bubbles.clear();
    }
    this.event = state.event;
    let grown = false;
    for (const message of state.messages) grown = this.place(message) || grown;
    for (const answer of state.answers) this.answered(answer);
    this.showAction(state.action);
    this.blocked = state.blocked;
    this.composer.showBlocked(state.blocked);
    this.hint.hidden = this.bubbles.size > 0;
    this.composer.offerExample(this.bubbles.size > 0 && !this.hasWritten());
    if (grown) this.toBottom();
    else if (state.messages.length) this.keepDown();
  }

  place(message) {
    const id = message.message_id;
    const known = this.bubbles.get(id);
    if (message.deleted) {
      known?.node.remove();
      this.bubbles.delete(id);
      return false;
    }
    const bubble = known ?? new Bubble(this);
    bubble.message = message;
    const focused = bubble.node.contains(document.activeElement);
    bubble.show(message);
    if (focused) bubble.node.querySelector("button, a")?.focus({ preventScroll: true });
    if (known) return false;
    this.bubbles.set(id, bubble);
    const next = [...this.list.children].find((item) => Number(item.dataset.messageId) > id);
    this.list.insertBefore(bubble.node, next ?? null);
    return true;
  }

  hasWritten() {
    return [...this.bubbles.values()].some(({ message: m }) => !m.from.is_bot && m.text && !m.text.startsWith("/"));
  }

  showAction(action) {
    clearTimeout(this.acting);
    const words = this.say;
    this.status.textContent = action ? (action.startsWith("upload") ? words.upload : words.typing) : words.bot;
    this.status.classList.toggle("acting", Boolean(action));
    if (action) this.acting = setTimeout(() => this.showAction(null), 5000);
  }

  answered({ callback_query_id: id, text, show_alert: alert }) {
    const key = this.presses.get(id);
    this.presses.delete(id);
    key?.removeAttribute("aria-busy");
    if (!text || (!key && !this.fresh)) return;
    if (alert) this.alert(text);
    else this.tell(text);
  }

  sendText = (text) => this.send({ text });

  async send(order) {
    try {
      if (this.blocked) await this.person.setBlocked(false);
      await this.person.send({ ...this.introduction, ...order });
      return true;
    } catch (trouble) {
      this.tell(trouble.message);
      return false;
    }
  }

  async press(messageId, data, key) {
    if (key.getAttribute("aria-busy")) return;
    key.setAttribute("aria-busy", "true");
    setTimeout(() => key.removeAttribute("aria-busy"), PRESS_SHOWN_MS);
    try {
      const { callback_query_id: id } = await this.person.tap({ ...this.introduction, message_id: messageId, data });
      this.presses.set(id, key);
    } catch (trouble) {
      key.removeAttribute("aria-busy");
      this.tell(trouble.message);
    }
  }

  async copy(text) {
    await navigator.clipboard.writeText(text);
    this.tell(this.say.copied);
  }

  async toggleBlocked() {
    await this.person.setBlocked(!this.blocked);
  }

  tell(text) {
    clearTimeout(this.told);
    this.toast.textContent = text;
    this.toast.classList.add("shown");
    this.told = setTimeout(() => this.toast.classList.remove("shown"), 4000);
  }

  alert(text) {
    const close = el("button", { type: "submit", autofocus: true }, this.say.alert);
    const dialog = el("dialog", { className: "alert" }, el("p", {}, text), el("form", { method: "dialog" }, close));
    dialog.setAttribute("aria-label", this.name);
    dialog.addEventListener("close", () => dialog.remove());
    this.node.append(dialog);
    dialog.showModal();
  }

  offerDown() {
    const { scrollHeight, scrollTop, clientHeight } = this.list;
    this.atBottom = scrollHeight - scrollTop - clientHeight < 60;
    this.downButton.hidden = this.atBottom;
  }

  keepDown() {
    if (this.atBottom !== false) this.toBottom();
  }

  toBottom() {
    this.list.scrollTop = this.list.scrollHeight;
    this.atBottom = true;
    this.downButton.hidden = true;
  }
}
