// Keeps the page up to date: counts down, looks every second whether something changed, and posts its forms
// without a page load. Without this script the same forms and a reload do.

const LOOK_EVERY_MS = 1000;
const view = () => document.getElementById("invoice");
let busy = false;

const clock = (seconds) => {
  const pad = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
};

function countTo(seconds) {
  const left = view()?.querySelector("[data-left]");
  if (left) left.textContent = clock(seconds);
}

// Ticks and unfolded parts belong to the person, not to the invoice: they outlive a refresh.
function personal(root) {
  return {
    ticked: [...root.querySelectorAll("input:checked")].map((box) => box.id),
    unfolded: [...root.querySelectorAll("details[open]")].map((part) => part.id),
  };
}

function swap(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const next = fresh.getElementById("invoice");
  const old = view();
  if (!next || !old) return location.reload();
  const { ticked, unfolded } = personal(old);
  const before = old.querySelector(".status").dataset.status;
  document.title = fresh.title;
  old.replaceWith(next);
  for (const id of ticked) if (document.getElementById(id)) document.getElementById(id).checked = true;
  for (const id of unfolded) if (document.getElementById(id)) document.getElementById(id).open = true;
  const status = next.querySelector(".status");
  if (status.dataset.status !== before) {
    document.getElementById("announce").textContent = status.querySelector("p").textContent;
  }
}

async function act(form, button) {
  busy = true;
  for (const each of form.querySelectorAll("button")) each.disabled = true;
  const sent = new URLSearchParams(new FormData(form));
  if (button?.name) sent.set(button.name, button.value);
  const target = button?.hasAttribute("formaction") ? button.formAction : form.action;
  try {
    swap(await (await fetch(target, { method: "POST", body: sent })).text());
  } catch {
    for (const each of form.querySelectorAll("button")) each.disabled = false;
  } finally {
    busy = false;
  }
}

async function look() {
  const invoice = view();
  if (!invoice || busy || document.hidden) return;
  const answer = await fetch(`/pay/${invoice.dataset.track}/state`).catch(() => null);
  if (!answer?.ok || busy) return;
  const now = await answer.json();
  countTo(now.seconds_left);
  if (now.version === view().dataset.version) return;
  const page = await fetch(location.pathname).catch(() => null);
  if (page?.ok && !busy) swap(await page.text());
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Select and copy";
  }
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  act(event.target, event.submitter);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});
setInterval(look, LOOK_EVERY_MS);
