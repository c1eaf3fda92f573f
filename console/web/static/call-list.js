// <call-list query="?day=…" how-to-call="Call your number">: the table of calls, as they come.
//
// While the page is hidden it does not listen: a browser opens six connections to one host for all of its tabs.

const COLUMNS = ["Began", "Caller", "Outcome", "Destination", "Lasted", "Attempts", "Errors"];
const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

class CallList extends HTMLElement {
  #events = null;
  #onVisibility = () => (document.hidden ? this.#stop() : this.#start());

  connectedCallback() {
    this.status = make("p", { className: "state small", role: "status" });
    this.problem = make("p", { className: "problem", role: "alert", hidden: true });
    this.content = make("div", { className: "table-scroll" });
    this.replaceChildren(this.status, this.problem, this.content);
    this.status.textContent = "Reading the calls …";
    document.addEventListener("visibilitychange", this.#onVisibility);
    this.#onVisibility();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.#onVisibility);
    this.#stop();
  }

  /** Show a list as `/api/calls` answers it. */
  show(list) {
    this.problem.hidden = true;
    this.content.replaceChildren(list.calls.length ? this.#makeTable(list.calls) : this.#makeEmpty());
    this.status.textContent = describeList(list);
  }

  #start() {
    if (this.#events) return;
    this.#events = new EventSource(`/api/events${this.#query}`);
    this.#events.addEventListener("calls", (event) => this.show(JSON.parse(event.data)));
    this.#events.addEventListener("problem", (event) => this.#showProblem(JSON.parse(event.data).message));
    this.#events.addEventListener("error", () => {
      if (this.#events?.readyState === EventSource.CLOSED) {
        this.#showProblem("The list is no longer kept up to date. Reload the page, or start the program again.");
      } else {
        this.status.textContent = "Connecting again …";
      }
    });
  }

  #stop() {
    this.#events?.close();
    this.#events = null;
  }

  get #query() {
    return this.getAttribute("query") ?? "";
  }

  #showProblem(sentence) {
    this.problem.textContent = sentence;
    this.problem.hidden = false;
    this.status.textContent = "";
  }

  #makeEmpty() {
    const empty = make("p", { className: "empty" });
    empty.textContent = this.#query
      ? "No call is like that. Choose another day, or fewer words, or show all."
      : `No call yet. ${this.getAttribute("how-to-call") ?? "Call"}: the call appears here within two seconds.`;
    return empty;
  }

  #makeTable(calls) {
    const table = make("table", { className: "calls" });
    const caption = make("caption", { className: "unseen" });
    caption.textContent = "Calls, newest first";
    const head = table.createTHead().insertRow();
    for (const column of COLUMNS) {
      const cell = make("th", { scope: "col" });
      cell.textContent = column;
      head.append(cell);
    }
    table.prepend(caption);
    const body = table.createTBody();
    for (const call of calls) body.append(this.#makeRow(call));
    return table;
  }

  #makeRow(call) {
    const row = make("tr", { className: `outcome-${call.outcome}` });
    const began = make("time", { dateTime: new Date(call.began_at_ms).toISOString() });
    began.textContent = WHEN.format(call.began_at_ms);
    const link = make("a", { href: `/calls/${encodeURIComponent(call.sid)}${this.#numbers}` });
    link.append(began);
    const outcome = make("span", { className: "outcome" });
    outcome.textContent = call.outcome_text || call.outcome;
    const cells = [
      link,
      call.caller,
      outcome,
      call.destination || "–",
      call.ended_at_ms === null ? "–" : writeDuration(call.ended_at_ms - call.began_at_ms),
      String(call.attempts),
      String(call.errors),
    ];
    cells.forEach((content, index) => {
      const cell = row.insertCell();
      cell.dataset.label = COLUMNS[index]; // for narrow screens, where a row is a block
      if (index >= 4) cell.className = "number";
      cell.append(content);
    });
    return row;
  }

  get #numbers() {
    return new URLSearchParams(this.#query).get("numbers") === "1" ? "?numbers=1" : "";
  }
}

function make(name, properties) {
  const { role, ...others } = properties;
  const element = Object.assign(document.createElement(name), others);
  if (role) element.setAttribute("role", role);
  return element;
}

/** What was found, and what it cost. */
function describeList({ calls, more, read_units }) {
  const found = calls.length === 1 ? "1 call" : `${calls.length} calls`;
  const shown = more ? `The newest ${found}; there are more: choose a day` : found;
  return read_units === null ? `${shown}.` : `${shown}. Read with ${read_units} read units.`;
}

function writeDuration(duration_ms) {
  const seconds = Math.round(duration_ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

customElements.define("call-list", CallList);
