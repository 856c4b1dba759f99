// Live problems beside a text, with marks under what is meant. Without it the page still shows and saves the text.
const editor = document.querySelector(".editor");
const area = editor.querySelector("textarea");
const marks = editor.querySelector(".marks");
const numbers = editor.querySelector(".numbers");
const list = editor.querySelector("#problem-list");
const words = editor.dataset;
const PAUSE = 250;
let asked = 0;
let timer = 0;

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function readShown() {
  return [...list.querySelectorAll("li")].map((row) => ({
    is_error: row.classList.contains("error"),
    is_here: row.dataset.line !== "0",
    line: Number(row.dataset.line),
    column: Number(row.dataset.column),
    length: Number(row.dataset.length),
  }));
}

// Columns count characters as Python does, and a character may be two units here.
function markLine(line, problem) {
  const letters = [...line];
  const start = problem.column ? problem.column - 1 : 0;
  const length = problem.column ? Math.max(1, problem.length) : letters.length;
  const mark = element("mark", problem.is_error ? "" : "note", letters.slice(start, start + length).join("") || " ");
  return [letters.slice(0, start).join(""), mark, letters.slice(start + length).join("")];
}

function draw(problems) {
  const byLine = new Map();
  for (const problem of problems.filter((each) => each.is_here && each.line)) {
    if (!byLine.has(problem.line) || problem.is_error) byLine.set(problem.line, problem);
  }
  marks.replaceChildren();
  numbers.replaceChildren();
  area.value.split("\n").forEach((line, index) => {
    const problem = byLine.get(index + 1);
    marks.append(...(problem ? markLine(line, problem) : [line]), "\n");
    const kind = problem ? (problem.is_error ? "error" : "note") : "";
    numbers.append(element("span", kind, `${problem ? (problem.is_error ? "✗ " : "ℹ ") : ""}${index + 1}`), "\n");
  });
  follow();
}

function follow() {
  marks.scrollTop = area.scrollTop;
  marks.scrollLeft = area.scrollLeft;
  numbers.scrollTop = area.scrollTop;
}

function goTo(problem) {
  const lines = area.value.split("\n");
  const before = lines.slice(0, problem.line - 1).reduce((sum, line) => sum + line.length + 1, 0);
  const letters = [...(lines[problem.line - 1] ?? "")];
  const offset = letters.slice(0, Math.max(0, problem.column - 1)).join("").length;
  area.focus();
  area.setSelectionRange(before + offset, before + offset);
  area.scrollTop = Math.max(0, (problem.line - 6) * 20);
}

function show(problems) {
  if (!problems.length) {
    const sentence = element("p", "state good");
    sentence.append(element("span", "", "✓ "), words.none);
    sentence.firstChild.setAttribute("aria-hidden", "true");
    list.replaceChildren(sentence);
    return;
  }
  const rows = element("ul", "problems");
  for (const problem of problems) {
    const row = element("li", problem.is_error ? "error" : "note");
    const sign = element("span", "sign", problem.is_error ? "✗" : "ℹ");
    sign.setAttribute("aria-hidden", "true");
    const said = element("div");
    const sentence = element("p", "said");
    sentence.append(element("span", "kind", problem.is_error ? words.error : words.note), ` ${problem.message}`);
    said.append(sentence);
    if (problem.advice) said.append(element("p", "advice", problem.advice));
    if (problem.is_here && problem.line) {
      const jump = element("button", "plain", words.line.replace("{line}", problem.line));
      jump.type = "button";
      jump.addEventListener("click", () => goTo(problem));
      said.append(jump);
    }
    said.append(element("p", "place", `${problem.place} · ${problem.code}`));
    row.append(sign, said);
    rows.append(row);
  }
  list.replaceChildren(rows);
}

async function ask() {
  const number = ++asked;
  try {
    const answer = await fetch(words.problems, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Scorecore-Form-Token": words.token },
      body: JSON.stringify({ part: words.part, text: area.value }),
    });
    const { problems } = await answer.json();
    if (number !== asked) return;
    draw(problems);
    show(problems);
  } catch {
    if (number === asked) list.replaceChildren(element("p", "state bad", words.offline));
  }
}

// What is typed is kept, and what others change in the same text is shown.
const others = document.querySelector("#others");
const state = document.querySelector("#draft-state");
let kept = 0;

function showOthers(changes) {
  others.replaceChildren(
    ...changes.map((change) => {
      const box = element("details", "other");
      box.append(element("summary", "", change.sentence));
      const lines = element("pre", "differences", change.differences.join("\n"));
      lines.tabIndex = 0;
      lines.setAttribute("role", "group");
      lines.setAttribute("aria-label", others.dataset.name);
      box.append(lines);
      return box;
    }),
  );
}

async function keep() {
  if (!words.draft || area.readOnly) return;
  const number = ++kept;
  try {
    const answer = await fetch(words.draft, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Scorecore-Form-Token": words.token },
      body: JSON.stringify({ part: words.part, digest: words.digest, text: area.value }),
    });
    if (number !== kept) return;
    state.textContent = answer.ok ? words.kept : words.lost;
    if (answer.ok) showOthers((await answer.json()).others);
  } catch {
    if (number === kept) state.textContent = words.offline;
  }
}

area.addEventListener("input", () => {
  draw([]);
  clearTimeout(timer);
  timer = setTimeout(() => {
    ask();
    keep();
  }, PAUSE);
});
area.addEventListener("scroll", follow);
area.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "s" && !area.readOnly) {
    event.preventDefault();
    area.form.requestSubmit();
  }
});
draw(readShown());
