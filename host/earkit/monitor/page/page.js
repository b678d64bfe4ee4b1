// The page: takes the monitor's messages, shows them, sends what the sliders say.
// Texts come from a board, so they go into the page as text only.

import { Scores, Spectrogram, Timeline } from "./draw.js";

const KEPT = 100;
const boards = new Map();
const byId = (id) => document.getElementById(id);
const timeline = new Timeline(byId("timeline"));
const player = new Audio();
let socket = null;

function element(name, text, ...children) {
  const made = document.createElement(name);
  if (text !== null) made.textContent = text;
  made.append(...children);
  return made;
}

class Board {
  constructor(name) {
    this.name = name;
    this.root = byId("board").content.firstElementChild.cloneNode(true);
    this.find = (selector) => this.root.querySelector(selector);
    this.find("h2").textContent = name;
    this.find(".keep").addEventListener("click", () => this.keep());
    byId("boards").append(this.root);
    this.spectrogram = new Spectrogram(this.find("canvas"));
    this.sliders = new Map();
    this.scores = null;
  }

  update(event) {
    const state = this.find(".state");
    const said = { connected: "connected", gone: "the board has gone; waiting for it", waiting: "waiting for the board" };
    state.textContent = said[event.state] ?? event.state;
    state.classList.toggle("connected", event.state === "connected");
    if (event.identity) this.identify(event.identity);
    for (const [name, value] of Object.entries(event.settings ?? {})) {
      if (name.startsWith("threshold.")) this.slide(name, value);
    }
    if (event.health) this.tell(event.health);
  }

  identify(who) {
    this.find(".facts").textContent =
      `${who.model} on ${who.board}, ${who.engine} engine, firmware ${who.firmware}; listens for ${who.words.join(", ")}`;
    if (this.scores && this.scores.labels.join("\n") === who.labels.join("\n")) return;
    this.scores?.forget();
    this.scores = new Scores(this.find(".scores"), who.labels);
    this.sliders.clear();
    this.find(".sliders").replaceChildren();
  }

  slide(name, value) {
    if (!this.sliders.has(name)) this.addSlider(name);
    const { range, output } = this.sliders.get(name);
    if (document.activeElement !== range || !range.matches(":active")) range.value = value;
    output.textContent = value;
    if (this.scores) {
      this.scores.thresholds[name.slice("threshold.".length)] = value;
      this.scores.draw();
    }
  }

  addSlider(name) {
    const range = element("input", null);
    Object.assign(range, { type: "range", min: 0, max: 255, step: 1 });
    const output = element("output", "");
    range.addEventListener("input", () => (output.textContent = range.value));
    range.addEventListener("change", () => send({ board: this.name, name, value: Number(range.value), keep: false }));
    this.find(".sliders").append(element("label", null, element("span", name.slice("threshold.".length)), range, output));
    this.sliders.set(name, { range, output });
  }

  keep() {
    const [first] = this.sliders;
    if (first) send({ board: this.name, name: first[0], value: Number(first[1].range.value), keep: true });
  }

  tell(health) {
    const cpu = health.cpu_percent === null ? "?" : `${Math.round(health.cpu_percent)} %`;
    this.find(".health").textContent =
      `CPU ${cpu}, overruns ${health.overruns ?? "?"}, lost frames ${health.lost_frames}, ` +
      `lost lines ${health.lost_events}, damaged ${health.damaged}`;
  }

  stream(part) {
    this.spectrogram.add(Int8Array.from(atob(part.rows), (c) => c.charCodeAt(0)));
    this.scores?.add(part.scores);
    if (part.level !== null) {
      this.find("meter").value = part.level;
      this.find(".meter output").textContent = `${Math.round(part.level)} dB`;
    }
  }
}

function boardOf(name) {
  if (!boards.has(name)) boards.set(name, new Board(name));
  return boards.get(name);
}

function showHeard(event) {
  const list = byId("heard");
  list.querySelector(".empty")?.remove();
  const time = new Date(event.time).toLocaleTimeString();
  const late = event.latency === null ? "" : `, latency ${Math.round(event.latency)} ms`;
  const where = boards.size > 1 ? `${event.board}, ` : "";
  const item = element("li", null, element("time", time), element("strong", event.label),
    element("small", `${where}score ${event.score}${late}`));
  if (event.clip) item.append(playButton(event, time));
  list.prepend(item);
  while (list.children.length > KEPT) list.lastElementChild.remove();
}

function playButton(event, time) {
  const button = element("button", "▶");
  button.type = "button";
  button.setAttribute("aria-label", `Play the second before ${event.label} at ${time}`);
  button.addEventListener("click", () => {
    player.src = `clip/${event.number}.wav`;
    player.play().catch(() => showNote("this browser cannot play it, or the clip is no longer kept"));
  });
  return button;
}

function showNote(text) {
  byId("notes").prepend(element("li", `${new Date().toLocaleTimeString()} ${text}`));
  while (byId("notes").children.length > KEPT) byId("notes").lastElementChild.remove();
}

function take(message) {
  const heard = message.events.filter((event) => event.kind === "heard");
  for (const event of message.events) {
    if (event.kind === "board") boardOf(event.board).update(event);
    else if (event.kind === "heard") showHeard(event);
    else if (event.kind === "note") showNote(event.board ? `${event.board}: ${event.text}` : event.text);
  }
  if (heard.length) {
    timeline.add(heard);
    byId("announce").textContent = `Heard ${heard.at(-1).label}`;
  }
  for (const [name, part] of Object.entries(message.streams)) boardOf(name).stream(part);
}

function send(wish) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(wish));
}

function startAgain() { // the first message of a connection holds everything that is known
  byId("heard").replaceChildren();
  timeline.heard = [];
}

function connect() {
  const address = new URL("live", location.href);
  address.protocol = address.protocol.replace("http", "ws");
  socket = new WebSocket(address);
  socket.addEventListener("open", () => {
    startAgain();
    byId("link").textContent = "live";
  });
  socket.addEventListener("message", (event) => take(JSON.parse(event.data)));
  socket.addEventListener("close", () => {
    byId("link").textContent = "the monitor has gone; trying again";
    setTimeout(connect, 1000);
  });
}

connect();
