// What a page gains when scripts run. Everything works without: this file adds shortcuts and saves mistakes.
"use strict";
(function () {
  const root = document.documentElement;
  root.classList.add("has-script");

  function each(selector, act, within) {
    (within || document).querySelectorAll(selector).forEach(act);
  }

  // A button pressed twice sends once. The server keeps the promise; this only spares the wait.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.hasAttribute("data-once")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    each("[type=submit]", (button) => button.setAttribute("aria-disabled", "true"), form);
    // An answer that is a file leaves this page standing.
    setTimeout(() => mayBeSentAgain(form), 10000);
  });
  // Back button: the page may come from memory as it was left.
  window.addEventListener("pageshow", () => each("form[data-sent]", mayBeSentAgain));

  function mayBeSentAgain(form) {
    delete form.dataset.sent;
    each("[type=submit]", (button) => button.removeAttribute("aria-disabled"), form);
  }

  // A long form left with unsaved words asks first.
  let unsaved = false;
  document.addEventListener("input", (event) => {
    if (event.target.closest && event.target.closest("form[data-keep]")) unsaved = true;
  });
  document.addEventListener("submit", () => { unsaved = false; });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved) {
      event.preventDefault();
      event.returnValue = document.body.dataset.unsaved || "";
    }
  });

  // Lists: j and k move, Enter opens (the link has the focus, so the browser does it), / goes to the search box.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable) return;
    if (event.key === "/") {
      const box = document.querySelector(".list-search input, #site-search");
      if (box) { event.preventDefault(); box.focus(); }
      return;
    }
    if (event.key !== "j" && event.key !== "k") return;
    const links = Array.from(document.querySelectorAll("[data-rows] [data-row]"));
    if (!links.length) return;
    const now = links.findIndex((link) => link.closest(".row").contains(document.activeElement));
    const next = now < 0 ? 0 : now + (event.key === "j" ? 1 : -1);
    if (links[next]) { event.preventDefault(); links[next].focus(); }
  });

  // Menus close with Escape and when the focus goes elsewhere.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    each("details[data-menu][open]", (menu) => {
      const inside = menu.contains(document.activeElement);
      menu.open = false;
      if (inside) menu.querySelector("summary").focus();
    });
  });
  document.addEventListener("click", (event) => {
    each("details[data-menu][open]", (menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  // While a job runs only its numbers change, so the focus stays; a screen reader hears each quarter. The end is a new page.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const progress = event.detail.target;
    if (!progress.matches("[data-job-progress]") || event.detail.serverResponse.includes(`id="${progress.id}"`)) return;
    event.detail.shouldSwap = false;
    window.location.reload();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const progress = event.detail.target;
    if (!progress.matches("[data-job-progress]")) return;
    const bar = progress.querySelector("progress[value]");
    const quarter = bar ? String(Math.floor((4 * bar.value) / bar.max)) : "";
    if (quarter === (progress.dataset.quarter ?? "0")) return;
    progress.dataset.quarter = quarter;
    progress.parentElement.querySelector("[data-job-told]").textContent = bar ? bar.nextElementSibling.textContent : "";
  });

  function prepare(part) {
    each("[data-print]", (button) => {
      button.hidden = false;
      button.addEventListener("click", () => window.print());
    }, part);
    each("[data-without-script]", (element) => { element.hidden = true; }, part);
    each("select[data-submit]", (select) => {
      select.addEventListener("change", () => select.form.requestSubmit());
    }, part);
    // On a phone the facets wait folded.
    if (window.matchMedia("(max-width: 47.9375rem)").matches) {
      each("[data-facets]", (facets) => { facets.open = false; }, part);
    }
    // What was read as a day, said back at once.
    each("[data-day-read]", (place) => {
      const input = place.parentElement.querySelector("input");
      const say = () => { place.textContent = dayInWords(input.value); };
      input.addEventListener("input", say);
      say();
    }, part);
  }

  function dayInWords(text) {
    const plain = text.normalize("NFKC").trim();
    const found = plain.match(/^(令和|令|R|r)?\.?(元|\d{1,4})(?:年|[./-])(\d{1,2})(?:月|[./-])(\d{1,2})日?$/);
    if (!found || (!found[1]) === (found[2].length < 4)) return "";
    const year = (found[2] === "元" ? 1 : Number(found[2])) + (found[1] ? 2018 : 0);
    const day = new Date(year, Number(found[3]) - 1, Number(found[4]));
    if (day.getMonth() !== Number(found[3]) - 1) return "";
    return document.documentElement.lang === "ja"
      ? `${year}年${found[3]}月${found[4]}日(${"日月火水木金土"[day.getDay()]})`
      : day.toDateString();
  }

  const start = () => {
    prepare(document);
    const summary = document.getElementById("errors");
    if (summary) summary.focus();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
  document.addEventListener("htmx:load", (event) => { if (event.detail.elt !== document.body) prepare(event.detail.elt); });
})();
