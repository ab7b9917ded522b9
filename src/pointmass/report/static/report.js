"use strict";
for (const button of document.querySelectorAll("button.copy")) {
  const source = document.getElementById(button.dataset.source);
  const said = button.nextElementSibling;
  const byHand = () => {
    source.closest("details").open = true;
    getSelection().selectAllChildren(source);
    return document.execCommand("copy") ? "Copied." : "Selected: copy it with the keyboard.";
  };
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      said.textContent = "Copied.";
    } catch {
      said.textContent = byHand();
    }
  });
}
