// Our own page's end of the transport: a WebSocket that looks like a notebook's model object, and comes back when it breaks.
import { unpack } from "./decode.js";

const WAITS = [200, 500, 1000, 2000, 3000]; // milliseconds before each new try; the last repeats
const TAKEN_OVER = 4001; // close codes: another tab continues this session,
const TOO_MANY = 4002; // or there are too many sessions; trying again by itself helps in neither case

/** A value that is kept over reloads; memory only where the browser forbids storage. */
function remembered(storage, name, fresh) {
  try {
    const kept = fresh ?? storage.getItem(name);
    if (kept !== null && kept !== undefined) storage.setItem(name, kept);
    return kept;
  } catch {
    return fresh ?? null;
  }
}

/** A socket's refusal has no text that a page can read; the same address without a socket tells it. Null: nobody is there. */
async function whyRefused(address) {
  try {
    const answer = await fetch(address);
    return answer.status === 403 || answer.status === 400 ? (await answer.text()).trim() : null;
  } catch {
    return null;
  }
}

function randomName() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class SocketHost {
  constructor() {
    const storage = window.sessionStorage; // a session is one tab's; the token serves all, for addresses that are copied
    const query = new URLSearchParams(location.search);
    this.token = remembered(window.localStorage, "pellucid-token", query.get("token")) || "";
    this.session =
      remembered(storage, "pellucid-session", null) || remembered(storage, "pellucid-session", randomName());
    if (query.has("token")) {
      query.delete("token");
      const rest = query.toString();
      history.replaceState(null, "", location.pathname + (rest ? `?${rest}` : "") + location.hash);
    }
    this.listeners = { "msg:custom": [], connection: [] };
    this.tries = 0;
    this.wasOpen = false;
    this.socket = null;
    this.timer = undefined;
    this.ownsAddress = true;
  }

  on(event, listener) {
    if (this.listeners[event]) this.listeners[event].push(listener);
  }

  off(event, listener) {
    if (this.listeners[event]) this.listeners[event] = this.listeners[event].filter((one) => one !== listener);
  }

  emit(event, ...values) {
    for (const listener of this.listeners[event]) listener(...values);
  }

  open() {
    clearTimeout(this.timer);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const address = `/socket?${new URLSearchParams({ token: this.token, session: this.session })}`;
    const socket = new WebSocket(`${scheme}://${location.host}${address}`);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      this.wasOpen = true;
      this.tries = 0;
      this.emit("connection", { open: true });
    });
    socket.addEventListener("message", (event) => {
      const { message, buffers } =
        typeof event.data === "string" ? { message: JSON.parse(event.data), buffers: [] } : unpack(event.data);
      this.emit("msg:custom", message, buffers);
    });
    socket.addEventListener("close", async (event) => {
      if (this.socket !== socket) return;
      this.socket = null;
      const [taken, crowded] = [event.code === TAKEN_OVER, event.code === TOO_MANY];
      const refused = this.wasOpen ? null : await whyRefused(address);
      this.emit("connection", { open: false, taken, crowded, refused });
      if (!taken && !crowded && !refused)
        this.timer = setTimeout(() => this.open(), WAITS[Math.min(this.tries++, WAITS.length - 1)]);
    });
    this.socket = socket;
  }

  /** True if it was sent; a message to a broken connection is dropped, for `hello` brings both ends together again. */
  send(message) {
    if (!this.socket || this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  close() {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    if (socket) socket.close();
  }
}
