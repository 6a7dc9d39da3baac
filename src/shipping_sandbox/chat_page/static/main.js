// Starts the page: waits for a bot, then opens one panel for each person in the address.
import { listBots } from "./api.js";
import { Panel } from "./panel.js";

const MAX_PANELS = 4; // each holds a connection, and a browser allows about six to one host
const DEFAULT_USER = "1001";
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function people() {
  const asked = new URLSearchParams(location.search).getAll("user").filter((id) => /^\d{1,15}$/.test(id));
  return [...new Set(asked.length ? asked : [DEFAULT_USER])].slice(0, MAX_PANELS);
}

async function chosenBot() {
  const wanted = new URLSearchParams(location.search).get("bot");
  for (;;) {
    const bots = await listBots().catch(() => []);
    const bot = wanted ? bots.find((each) => String(each.id) === wanted) : bots[0];
    if (bot) return bot;
    await pause(700);
  }
}

const bot = await chosenBot();
const panels = people().map((userId, position) => new Panel(bot, userId, position));
document.getElementById("panels").replaceChildren(...panels.map((panel) => panel.node));
