// Everything works without this file. It adds a copy button to digests in lists of facts, where the clipboard can be used.
"use strict";
if (navigator.clipboard) {
  for (const digest of document.querySelectorAll(".facts code.digest")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", `Copy ${digest.textContent.slice(0, 19)}…`);
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(digest.textContent);
      button.textContent = "Copied";
    });
    digest.after(button);
  }
}
