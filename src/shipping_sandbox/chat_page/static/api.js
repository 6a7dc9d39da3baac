// Talks to the emulator's control side; a refusal becomes an Error with its sentence.

const BASE = "/sandbox/telegram/bots";

async function read(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error ?? `HTTP ${response.status}`);
  return body;
}

const post = (path, body) =>
  fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }).then(read);

export const listBots = async () => (await read(await fetch(BASE))).bots;

export class Person {
  constructor(botId, userId) {
    this.bot = `${BASE}/${botId}`;
    this.id = userId;
    this.base = `${this.bot}/users/${userId}`;
  }

  send = (order) => post(`${this.base}/messages`, order);
  tap = (order) => post(`${this.base}/taps`, order);
  setBlocked = (blocked) => post(`${this.base}/${blocked ? "block" : "unblock"}`, {});
  fileUrl = (fileId) => `${this.base}/files/${encodeURIComponent(fileId)}`;

  async watch(afterEvent, waitSeconds, signal) {
    return read(await fetch(`${this.base}/chat?after_event=${afterEvent}&wait=${waitSeconds}`, { signal }));
  }

  async commands(language) {
    return (await read(await fetch(`${this.bot}/commands?language_code=${language}&user_id=${this.id}`))).commands;
  }
}
