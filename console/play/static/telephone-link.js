// The WebSocket that carries the telephones of a page: `console/play/page_messages.py` says what goes through it.

const PATH = "/api/telephones";
const TAKEN = 4001;
const WAITS_MS = [500, 1000, 2000, 5000];

/** Keeps the connection. `on` has `state(telephones, call, notes)`, `error(text, telephone)`, `audio(id, bytes)`,
 * and `lost(sentence, taken)`: the connection is gone; `taken`: another page has the telephones, and only `open` takes
 * them back. */
export class TelephoneLink {
  constructor(on) {
    this.on = on;
    this.tries = 0;
  }

  open() {
    clearTimeout(this.timer);
    const socket = new WebSocket(`ws://${location.host}${PATH}`);
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event) => this.take(event.data);
    socket.onclose = (event) => this.lose(socket, event.code);
    this.socket = socket;
  }

  close() {
    clearTimeout(this.timer);
    this.closed = true;
    this.socket?.close();
  }

  /** Tells a telephone to do something, such as `("answer", 1)`. */
  command(command, telephone, rest = {}) {
    if (this.ready) this.socket.send(JSON.stringify({ command, telephone, ...rest }));
  }

  /** Sends 160 bytes of what is said into a telephone. */
  speak(telephone, frame) {
    if (!this.ready) return;
    const message = new Uint8Array(1 + frame.length);
    message[0] = telephone;
    message.set(frame, 1);
    this.socket.send(message);
  }

  get ready() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  take(data) {
    this.tries = 0;
    if (data instanceof ArrayBuffer) {
      const bytes = new Uint8Array(data);
      this.on.audio(bytes[0], bytes.subarray(1));
      return;
    }
    const message = JSON.parse(data);
    if (message.event === "error") this.on.error(message.text, message.telephone);
    else this.on.state(message.telephones, message.call, message.notes);
  }

  lose(socket, code) {
    if (this.closed || socket !== this.socket) return;
    if (code === TAKEN) {
      this.on.lost("Another page has the telephones now.", true);
      return;
    }
    this.on.lost("The connection to the program is lost: is it still running? Trying again …", false);
    this.timer = setTimeout(() => this.open(), WAITS_MS[Math.min(this.tries++, WAITS_MS.length - 1)]);
  }
}
