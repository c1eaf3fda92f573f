// <theme-switch>: light, dark, or as the reader's system is. A plain script in the head, so that no page flashes white.
(() => {
  const KEY = "warmline-theme";
  const NAMES = { system: "System colours", light: "Light", dark: "Dark" };

  // A page opened from a file may have no storage: then the choice lasts as long as the page.
  function readChoice() {
    try {
      return localStorage.getItem(KEY) in NAMES ? localStorage.getItem(KEY) : "system";
    } catch {
      return "system";
    }
  }

  function choose(theme) {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // As above.
    }
  }

  class ThemeSwitch extends HTMLElement {
    connectedCallback() {
      const select = document.createElement("select");
      select.setAttribute("aria-label", "Colours");
      for (const [theme, name] of Object.entries(NAMES)) select.add(new Option(name, theme));
      select.value = readChoice();
      select.addEventListener("change", () => choose(select.value));
      this.replaceChildren(select);
    }
  }

  choose(readChoice());
  customElements.define("theme-switch", ThemeSwitch);
})();
