/**
 * Makes the page live: it asks for itself again when something changed, and takes over what is different. Without this
 * script the page is the same, and has to be loaded again.
 */
import { Idiomorph } from '/page/idiomorph.js';

const main = /** @type {HTMLElement} */ (document.querySelector('main'));
const mistake = /** @type {HTMLElement} */ (document.querySelector('#mistake'));

/** Takes over a page that was answered; what someone is typing stays. */
function takeOver(/** @type {string} */ text) {
  const page = new DOMParser().parseFromString(text, 'text/html');
  Idiomorph.morph(main, page.querySelector('main'), {
    morphStyle: 'outerHTML',
    ignoreActiveValue: true,
    callbacks: {
      beforeNodeMorphed: (/** @type {Node} */ node) =>
        !(node instanceof HTMLElement && node.dataset['keep'] !== undefined),
    },
  });
  return page;
}

/** A page with very much on it is work: it rests five times as long as it took. */
const REST = 5;
let asking = false;
let again = false;

async function refresh() {
  again = asking;
  if (asking) return;
  asking = true;
  const began = performance.now();
  try {
    const answer = await fetch('/');
    if (answer.ok) takeOver(await answer.text());
  } finally {
    setTimeout(
      () => {
        asking = false;
        if (again) void refresh();
      },
      REST * (performance.now() - began),
    );
  }
}

document.addEventListener('submit', async (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  event.preventDefault();
  const fields = new URLSearchParams(/** @type {any} */ (new FormData(form)));
  const answer = await fetch(form.action, { method: 'POST', body: fields });
  if (!answer.headers.get('content-type')?.startsWith('text/html')) {
    location.reload();
    return;
  }
  const page = takeOver(await answer.text());
  mistake.textContent = page.querySelector('#mistake')?.textContent ?? '';
});

const changes = new EventSource('/page/live');
const state = /** @type {HTMLElement} */ (document.querySelector('#connection'));
changes.addEventListener('changed', () => void refresh());
changes.addEventListener('open', () => {
  state.textContent = 'live';
  void refresh();
});
changes.addEventListener('error', () => {
  state.textContent = 'not connected: the local Hetzner does not answer';
});
