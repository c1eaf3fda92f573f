// The page of `make play`: the telephones, and beside them the call that was placed last, as it happens.

import "/static/call-page.js";
import "./phone-set.js";
import { make } from "/static/elements.js";

class LivePlace extends HTMLElement {
  connectedCallback() {
    document.addEventListener("call-placed", (event) => this.show(event.detail));
    this.replaceChildren(
      make(
        "section",
        { class: "card" },
        make("h2", {}, "The call appears here"),
        make(
          "p",
          { class: "soft" },
          "Press Call on the caller’s telephone: who speaks, what was heard, what Warmline and Twilio said to each other, as it happens.",
        ),
      ),
    );
  }

  show(sid) {
    if (this.sid === sid) return;
    this.sid = sid;
    this.replaceChildren(make("call-page", { sid }));
  }
}

customElements.define("live-place", LivePlace);
