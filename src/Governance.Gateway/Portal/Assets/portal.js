// Everything works without this file. It adds a copy button to digests in lists of facts, where the clipboard can be used, and keeps a run that goes on up to date.
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

const live = document.querySelector("[data-live]");
if (live && window.EventSource) {
  const events = new EventSource(live.dataset.live);
  let loading = false;
  let again = false;
  const renew = async () => {
    if (loading) {
      again = true;
      return;
    }
    loading = true;
    try {
      const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
      const fresh = page.querySelector("#live");
      if (!fresh || !fresh.dataset.live) {
        // It has ended: the page has other buttons now.
        events.close();
        location.reload();
        return;
      }
      live.replaceChildren(...fresh.childNodes);
    } catch {
      // The gateway is away: the events come back when it does.
    } finally {
      loading = false;
    }
    if (again) {
      again = false;
      renew();
    }
  };
  events.addEventListener("run", renew);
}
