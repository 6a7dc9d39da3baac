// The line at the bottom: commands, attachments, the text field, sending.
import { el, icon } from "./dom.js";
import { EXAMPLE_ORDER } from "./strings.js";

const MAX_TEXT = 4096;
const MAX_FILE = 20 * 1024 * 1024;
const PHOTOS = ["image/png", "image/jpeg"];

export class Composer {
  constructor(panel) {
    this.panel = panel;
    this.field = el("textarea", { rows: 1, enterKeyHint: "send" });
    this.field.addEventListener("keydown", (event) => this.keyPressed(event));
    this.field.addEventListener("input", () => this.changed());
    this.menuButton = el("button", { type: "button", className: "tool menu-button", "aria-expanded": "false", onclick: () => this.toggleCommands() }, icon("menu"), (this.menuLabel = el("span")));
    this.sendButton = el("button", { type: "submit", className: "tool send" }, icon("send"));
    this.picker = el("input", { type: "file", hidden: true, tabIndex: -1, onchange: () => this.attach() });
    this.attachButton = el("button", { type: "button", className: "tool", onclick: () => this.picker.click() }, icon("attach"));
    this.commands = el("ul", { className: "commands", hidden: true });
    this.blockButton = el("button", { type: "button", onclick: () => this.fromMore(() => panel.toggleBlocked()) });
    this.stickerButton = el("button", { type: "button", onclick: () => this.fromMore(() => panel.send({ kind: "sticker" })) });
    this.moreSummary = el("summary", { className: "tool" }, icon("more"));
    this.more = el("details", { className: "more" }, this.moreSummary, el("div", { className: "more-list" }, this.stickerButton, this.blockButton));
    this.more.addEventListener("toggle", () => this.more.open && this.hideCommands());
    this.exampleButton = el("button", { type: "button", className: "example", onclick: () => this.put(EXAMPLE_ORDER) });
    this.exampleRow = el("div", { className: "example-row", hidden: true }, this.exampleButton);
    this.notice = el("p", { className: "notice", hidden: true });
    this.node = el("form", { className: "composer", onsubmit: (event) => this.submit(event) }, this.commands, this.notice, this.exampleRow, this.menuButton, this.attachButton, this.picker, this.field, this.more, this.sendButton);
    this.node.addEventListener("keydown", (event) => event.key === "Escape" && this.closeAll(true));
    this.node.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !this.node.contains(event.relatedTarget)) this.closeAll();
    });
  }

  speak() {
    const words = this.panel.say;
    this.field.placeholder = words.message;
    this.field.setAttribute("aria-label", words.message);
    this.menuLabel.textContent = words.commands;
    this.attachButton.setAttribute("aria-label", words.attach);
    this.picker.setAttribute("aria-label", words.attach);
    this.sendButton.setAttribute("aria-label", words.send);
    this.moreSummary.setAttribute("aria-label", words.more);
    this.exampleButton.textContent = words.example;
    this.stickerButton.textContent = words.sticker;
    this.showBlocked(this.panel.blocked);
  }

  showBlocked(blocked) {
    const words = this.panel.say;
    this.notice.hidden = !blocked;
    this.notice.textContent = words.blocked;
    this.blockButton.textContent = blocked ? words.unblock : words.block;
  }

  offerExample(offered) {
    this.exampleRow.hidden = !offered;
  }

  put(text) {
    this.field.value = text;
    this.changed();
    this.field.focus();
  }

  keyPressed(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.node.requestSubmit();
  }

  changed() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 160)}px`;
    const typed = this.field.value;
    if (/^\/\w*$/.test(typed)) this.showCommands(typed.slice(1));
    else this.hideCommands();
  }

  async submit(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (!text) return;
    this.put("");
    for (let start = 0; start < text.length; start += MAX_TEXT) {
      if (!(await this.panel.sendText(text.slice(start, start + MAX_TEXT)))) {
        this.put(text.slice(start));
        return;
      }
    }
  }

  async attach() {
    const [file] = this.picker.files;
    this.picker.value = "";
    if (!file) return;
    if (file.size > MAX_FILE) return this.panel.tell(this.panel.say.tooLarge);
    const address = await new Promise((done) => {
      const reader = new FileReader();
      reader.onload = () => done(reader.result);
      reader.readAsDataURL(file);
    });
    const kind = PHOTOS.includes(file.type) ? "photo" : "document";
    await this.panel.send({ kind, file_name: file.name, mime_type: file.type, content_base64: address.slice(address.indexOf(",") + 1) });
  }

  async toggleCommands() {
    if (!this.commands.hidden) return this.hideCommands();
    await this.showCommands("");
    this.commands.querySelector("button")?.focus();
  }

  async showCommands(beginning) {
    const all = await this.panel.person.commands(this.panel.language).catch(() => []);
    if (beginning && !this.field.value.startsWith(`/${beginning}`)) return;
    const fitting = all.filter((command) => command.command.startsWith(beginning));
    if (beginning && !fitting.length) return this.hideCommands();
    const rows = fitting.map(({ command, description }) =>
      el("li", {}, el("button", { type: "button", onclick: () => this.command(command) }, el("b", {}, `/${command}`), ` ${description}`)),
    );
    this.commands.replaceChildren(...(rows.length ? rows : [el("li", { className: "none" }, this.panel.say.noCommands)]));
    this.more.open = false;
    this.commands.hidden = false;
    this.menuButton.setAttribute("aria-expanded", "true");
  }

  hideCommands() {
    this.commands.hidden = true;
    this.menuButton.setAttribute("aria-expanded", "false");
  }

  command(name) {
    this.hideCommands();
    this.put("");
    this.panel.sendText(`/${name}`);
  }

  fromMore(act) {
    this.more.open = false;
    act();
  }

  closeAll(refocus = false) {
    const wasOpen = !this.commands.hidden || this.more.open;
    this.hideCommands();
    this.more.open = false;
    if (refocus && wasOpen) this.field.focus();
  }
}
