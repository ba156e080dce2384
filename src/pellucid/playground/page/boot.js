// Where our own page starts. In a notebook the host calls `render` itself.
import { SocketHost } from "./socket_host.js";
import playground from "./main.js";

const host = new SocketHost();
const end = playground.render({ model: host, el: document.getElementById("playground") });
host.open();
window.addEventListener("pagehide", (event) => {
  if (event.persisted) return;
  end();
  host.close();
});
