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

const live = document.getElementById("live");
const header = live?.closest("main")?.querySelector(".page-header .title-line");
if (live?.dataset.live && window.EventSource) {
  // A page of something that goes on names its events: each brings the page's live part anew.
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
} else if (live?.dataset.poll !== undefined && header) {
  // Live figures come again every ten seconds while the page is seen; a button holds them still, as they are from the start for those who prefer less motion.
  let moving = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button-quiet";
  const name = () => { button.textContent = moving ? "Hold still" : "Update by itself"; };
  button.addEventListener("click", () => { moving = !moving; name(); });
  name();
  header.append(button);
  setInterval(async () => {
    if (!moving || document.hidden || live.contains(document.activeElement)) return;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const next = answer.ok && !answer.redirected ? new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live") : null;
      if (next) live.replaceChildren(...next.childNodes);
    } catch {
      // The gateway is away: what was last seen stays, with its time.
    }
  }, 10_000);
}
