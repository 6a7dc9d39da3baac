// One message as a list item: content, time, and the keyboard below it.
import { el, icon, safeUrl } from "./dom.js";
import { markedText } from "./text.js";

const clock = (seconds, language) =>
  new Date(seconds * 1000).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });

function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

export class Bubble {
  constructor(chat) {
    this.chat = chat;
    this.node = el("li", { className: "message" });
  }

  show(message) {
    const { chat, node } = this;
    const own = !message.from.is_bot;
    node.classList.toggle("own", own);
    node.dataset.messageId = message.message_id;
    const time = el("span", { className: "time" }, `${message.edit_date ? `${chat.say.edited} ` : ""}${clock(message.date, chat.language)}`);
    const bubble = el("div", { className: "bubble" }, this.content(message), time);
    bubble.classList.toggle("wordless", Boolean(message.sticker));
    const keyboard = message.reply_markup?.inline_keyboard;
    node.replaceChildren(bubble, ...(keyboard ? [this.keyboard(message, keyboard)] : []));
  }

  content(message) {
    const words = (text, entities) => el("div", { className: "text" }, markedText(text, entities, this.chat.sendText));
    const parts = el("div", { className: "content" });
    if (message.reply_to_message) {
      parts.append(el("div", { className: "quote" }, message.reply_to_message.text ?? message.reply_to_message.caption ?? "…"));
    }
    if (message.document) parts.append(this.document(message.document));
    if (message.photo) parts.append(this.photo(message.photo.at(-1), message.caption));
    if (message.sticker) parts.append(el("div", { className: "sticker" }, message.sticker.emoji ?? "🙂"));
    if (message.voice) parts.append(el("div", { className: "text" }, `🎤 ${this.chat.say.voice}, ${message.voice.duration} s`));
    if (message.text) parts.append(words(message.text, message.entities));
    if (message.caption) parts.append(words(message.caption, message.caption_entities));
    return parts;
  }

  document(file) {
    return el(
      "a",
      { className: "document", href: this.chat.person.fileUrl(file.file_id), target: "_blank", rel: "noopener" },
      el("span", { className: "document-icon" }, icon("file")),
      el(
        "span",
        { className: "document-words" },
        el("span", { className: "document-name" }, file.file_name ?? "file"),
        el("span", { className: "document-size" }, size(file.file_size ?? 0)),
      ),
    );
  }

  photo(file, caption) {
    const url = this.chat.person.fileUrl(file.file_id);
    const picture = el("img", { src: url, alt: caption ?? this.chat.say.photo, className: "photo" });
    picture.addEventListener("load", () => this.chat.keepDown());
    return el("a", { href: url, target: "_blank", rel: "noopener" }, picture);
  }

  keyboard(message, rows) {
    const group = el("div", { className: "keyboard", role: "group" });
    for (const row of rows) {
      group.append(el("div", { className: "keyboard-row" }, ...row.map((button) => this.button(message, button))));
    }
    return group;
  }

  button(message, button) {
    const className = `key ${button.style ? `key-${button.style}` : ""}`;
    const url = button.url ? safeUrl(button.url) : null;
    if (url) {
      return el("a", { className, href: url, target: "_blank", rel: "noopener noreferrer" }, `${button.text} `, el("span", { "aria-hidden": "true" }, "↗"));
    }
    const key = el("button", { type: "button", className }, button.text);
    key.addEventListener("click", () => {
      if (button.copy_text) this.chat.copy(button.copy_text.text);
      else if (button.callback_data !== undefined) this.chat.press(message.message_id, button.callback_data, key);
    });
    return key;
  }
}
