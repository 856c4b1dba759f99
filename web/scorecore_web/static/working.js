// Says how far long work has come, and asks for its page when it is done. Without it a link or a button does the same.
const box = document.querySelector(".working");
const bar = box.querySelector("progress");
const stage = box.querySelector(".stage");
const seconds = box.querySelector(".seconds");
const PAUSE = 700;

function fill(sentence, values) {
  return sentence.replace(/{(\w+)}/g, (whole, name) => values[name] ?? whole);
}

function ask() {
  const again = document.querySelector(".again");
  bar.max = bar.value = 1; // a file is taken away, and this page stays
  if (again.tagName === "FORM") again.requestSubmit();
  else location.replace(again.href);
}

function show(work) {
  const text = work.total ? `${work.stage} ${fill(box.dataset.count, work)}` : work.stage;
  if (stage.textContent !== text) stage.textContent = text;
  if (work.total) {
    bar.max = work.total;
    bar.value = work.done;
  } else {
    bar.removeAttribute("value");
  }
  seconds.textContent = fill(box.dataset.seconds, { count: work.seconds });
}

async function look() {
  try {
    const answer = await fetch(box.dataset.address, { headers: { Accept: "application/json" } });
    if (answer.status === 404) return ask();
    const work = await answer.json();
    if (work.is_done) return ask();
    show(work);
  } catch {
    // the workbench does not answer now: look again
  }
  setTimeout(look, PAUSE);
}

setTimeout(look, PAUSE);
