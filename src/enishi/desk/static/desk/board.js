// Cards of the board may be dragged to a stage they can go to. The menu on each card does the same without.
"use strict";
(function () {
  const board = document.querySelector(".board-stages");
  if (!board) return;
  const columns = Array.from(board.querySelectorAll("[data-stage]"));
  let dragged = null;

  function choiceFor(row, column) {
    return row && row.querySelector(`select[name=status] option[value="${column.dataset.stage}"]`);
  }
  function clear() {
    columns.forEach((column) => column.firstElementChild.classList.remove("is-open", "is-over"));
  }

  board.querySelectorAll(".row:has(form)").forEach((row) => { row.draggable = true; });
  board.addEventListener("dragstart", (event) => {
    dragged = event.target.closest(".row[draggable=true]");
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    columns.forEach((column) => column.firstElementChild.classList.toggle("is-open", Boolean(choiceFor(dragged, column))));
  });
  board.addEventListener("dragend", () => { dragged = null; clear(); });
  columns.forEach((column) => {
    const panel = column.firstElementChild;
    column.addEventListener("dragover", (event) => {
      if (!choiceFor(dragged, column)) return;
      event.preventDefault();
      panel.classList.add("is-over");
    });
    column.addEventListener("dragleave", () => panel.classList.remove("is-over"));
    column.addEventListener("drop", (event) => {
      const choice = choiceFor(dragged, column);
      if (!choice) return;
      event.preventDefault();
      const form = choice.form || choice.closest("form");
      choice.selected = true;
      if (!choice.hasAttribute("data-reason")) { form.requestSubmit(); return; }
      // Whoever is sent back learns why: the menu opens at the reason.
      form.closest("details").open = true;
      form.elements.reason.focus();
    });
  });
})();
