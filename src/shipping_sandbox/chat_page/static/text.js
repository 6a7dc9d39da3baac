// A message text with its marks as elements. JavaScript counts UTF-16 units, as the marks do.
import { el, safeUrl } from "./dom.js";

const TAGS = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strikethrough: "s",
  code: "code",
  pre: "pre",
  blockquote: "blockquote",
  expandable_blockquote: "blockquote",
};

export function markedText(text, entities, onCommand) {
  return nested(text, entities ?? [], 0, text.length, onCommand);
}

function nested(text, entities, start, end, onCommand) {
  const out = document.createDocumentFragment();
  let place = start;
  const inside = entities.filter((e) => e.offset >= start && e.offset + e.length <= end);
  while (inside.length) {
    const mark = inside.shift();
    if (mark.offset < place) continue;
    const stop = mark.offset + mark.length;
    out.append(text.slice(place, mark.offset));
    const deeper = inside.filter((e) => e.offset >= mark.offset && e.offset + e.length <= stop);
    const node = wrapper(mark, text.slice(mark.offset, stop), onCommand);
    node.append(nested(text, deeper, mark.offset, stop, onCommand));
    out.append(node);
    place = stop;
  }
  out.append(text.slice(place, end));
  return out;
}

function wrapper(mark, words, onCommand) {
  if (mark.type === "bot_command") {
    return el("button", { type: "button", className: "command", onclick: () => onCommand(words) });
  }
  if (mark.type === "text_link" || mark.type === "url") {
    const href = safeUrl(mark.url ?? words);
    return href ? el("a", { href, target: "_blank", rel: "noopener noreferrer" }) : el("span");
  }
  if (mark.type === "spoiler") {
    return el("span", { className: "spoiler", tabIndex: 0, onclick: (event) => event.currentTarget.classList.add("open") });
  }
  return el(TAGS[mark.type] ?? "span");
}
