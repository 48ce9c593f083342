"use strict";
// Auto follows the system; light and dark are remembered, where the browser lets a file remember.
(() => {
  const names = ["auto", "light", "dark"];
  const read = () => { try { return localStorage.getItem("report-theme"); } catch { return null; } };
  const keep = (name) => { try { localStorage.setItem("report-theme", name); } catch { /* not allowed here */ } };
  let theme = names.includes(read()) ? read() : "auto";
  const show = () => {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  };
  show();
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    if (!button) return;
    const name = () => { button.textContent = `Theme: ${theme}`; };
    button.hidden = false;
    name();
    button.addEventListener("click", () => {
      theme = names[(names.indexOf(theme) + 1) % names.length];
      keep(theme);
      show();
      name();
    });
  });
})();
