// The body of a function that Gradio runs once for each HTML component of the page, with
// the component's element, its `props`, `trigger` (sends an event to Python) and `watch`
// (calls back when Python has set a new value and it is on the page).
//
// An element with data-event sends the event of that name with its data-detail; one with
// data-page changes the view. Python can listen to the events that are quoted here:
// "ask", "correct", "show", "only", "remove", "judge", "stop", "input", "look", "open", "anew",
// "rename", "delete", "export".

const view = (window.saysoView ??= (() => {
  const wide = window.matchMedia("(min-width: 700px)");
  const state = { tab: "chat", side: "documents", opener: null, keyboard: false, asked: false };
  const byId = (id) => document.getElementById(id);

  const draw = () => {
    const columns = byId("columns"); // not there yet when the first component is
    if (!columns) return;
    Object.assign(columns.dataset, { tab: state.tab, side: state.side });
    for (const button of document.querySelectorAll(".views [data-page]")) {
      const name = button.dataset.page;
      const on = wide.matches
        ? name === state.side
        : name === (state.tab === "chat" ? "chat" : state.side);
      button.setAttribute("aria-pressed", String(on));
    }
  };
  wide.addEventListener("change", draw);

  const go = (name) => {
    if (name === "chat") state.tab = "chat";
    else [state.tab, state.side] = ["side", name];
    draw();
  };

  // Which [n] the source belongs to is marked on it.
  const markCurrent = () => {
    const source = byId("source")?.querySelector(".source");
    for (const link of document.querySelectorAll("a.marker")) {
      const { turn, marker } = JSON.parse(link.dataset.detail);
      const on = source?.dataset.turn === String(turn) && source?.dataset.marker === String(marker);
      if (on) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };

  const reveal = () => {
    const text = byId("source")?.querySelector(".text");
    if (!text) return;
    const mark = text.querySelector(".selected");
    if (mark) {
      const offset = mark.getBoundingClientRect().top - text.getBoundingClientRect().top;
      text.scrollTop += offset - Math.min(text.clientHeight / 3, 140);
    } else {
      text.scrollTop = 0;
    }
    if (state.keyboard) (mark ?? text).focus({ preventScroll: true });
    state.keyboard = false;
  };

  const focusQuestion = () => {
    if (wide.matches) document.querySelector("#question textarea")?.focus({ preventScroll: true });
  };

  const back = () => {
    go("chat");
    if (state.opener?.isConnected) state.opener.focus();
    else focusQuestion();
  };

  // A click that shows a source. It may be there already, in which case Python's answer,
  // which is asked for all the same as the document may be gone, changes nothing.
  const opens = (link, detail, byKeyboard) => {
    const extends_ = link.matches(".extend");
    state.keyboard = byKeyboard;
    state.asked = true;
    state.extending = extends_;
    if (!extends_) state.opener = link;
    go("source");
    const source = byId("source");
    const there =
      !extends_ &&
      link.matches(".marker") &&
      source.querySelector(`.source[data-turn="${detail.turn}"][data-marker="${detail.marker}"]`);
    if (there) requestAnimationFrame(reveal);
    else source.setAttribute("aria-busy", "true");
  };

  const sourceChanged = () => {
    const source = byId("source");
    source.removeAttribute("aria-busy");
    const none = source.querySelector(".source.none");
    if (!none || state.asked) state.side = "source";
    else if (state.side === "source") state.side = "documents";
    state.asked = false;
    draw();
    markCurrent();
    if (state.extending) state.extending = false;
    else requestAnimationFrame(reveal);
  };

  let turns = 0;
  const conversationChanged = () => {
    const all = document.querySelectorAll("#conversation .turn");
    const last = all[all.length - 1];
    const scroller = byId("conversation");
    scroller.toggleAttribute("data-begun", all.length > 0);
    markCurrent();
    if (all.length === turns) return;
    turns = all.length;
    focusQuestion();
    const offset = last
      ? last.getBoundingClientRect().top - scroller.getBoundingClientRect().top
      : -scroller.scrollTop;
    scroller.scrollTop += offset;
  };

  const shelfChanged = () => {
    const count = document.querySelector("#shelf [data-count]")?.dataset.count ?? "";
    byId("documents-count").textContent = count;
    // The button that was pressed may be gone with its document.
    if (document.activeElement === document.body) {
      document.querySelector("#notice .notice")?.focus();
    }
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && byId("source")?.contains(document.activeElement)) back();
  });

  // What comes next is another conversation, however many turns it has.
  const another = () => {
    turns = -1;
    state.tab = "chat";
    draw();
  };

  // The link saves a file, and is there for that alone.
  const savedChanged = () => byId("saved")?.querySelector("a[download]")?.click();

  return {
    draw, go, back, opens, another, sourceChanged, conversationChanged, shelfChanged, savedChanged,
    focusQuestion,
  };
})());

element.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-event], [data-page]");
  if (!pressed || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  if (pressed.dataset.page === "back") return view.back();
  if (pressed.dataset.page) {
    if (pressed.dataset.page === "conversations") trigger("look");
    return view.go(pressed.dataset.page);
  }
  const detail = JSON.parse(pressed.dataset.detail);
  const name = pressed.dataset.event;
  if (name === "show") view.opens(pressed, detail, event.detail === 0);
  if (["judge", "correct", "rename"].includes(name)) {
    detail.correction = pressed.closest(".said")?.querySelector(".correction").value ?? "";
  }
  // Once is enough; where nothing came of it, it can be pressed again.
  if (["judge", "correct", "delete"].includes(name)) {
    pressed.disabled = true;
    setTimeout(() => { pressed.disabled = false; }, 3000);
  }
  if (name === "open" || name === "anew") view.another();
  trigger(name, detail);
  if (name === "only") {
    view.go("chat");
    view.focusQuestion();
  }
});

element.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches(".correction")) {
    event.target.closest(".said").querySelector("button").click();
  }
});

// What is chosen is the component's value, which its template shows.
element.addEventListener("input", (event) => {
  if (!event.target.matches("#sure-percent")) return;
  props.value = event.target.valueAsNumber;
  trigger("input");
});

view.draw();
const named = (id) => element.closest(`#${id}`);
if (named("conversation")) {
  // The block around it is what scrolls, with the keyboard too.
  const scroller = named("conversation");
  Object.assign(scroller, { tabIndex: 0, role: "region", ariaLabel: "Conversation" });
  watch("value", view.conversationChanged);
}
if (named("source")) watch("value", view.sourceChanged);
if (named("shelf")) watch("value", view.shelfChanged);
if (named("saved")) watch("value", view.savedChanged);
