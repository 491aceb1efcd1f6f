import { html } from 'htm/preact';
import type { VNode } from 'preact';

export type Cell = string | number | null | VNode | readonly VNode[];

/**
 * A section with a table, and what it says where there is nothing.
 * @param rows each with a key that is the row's alone
 */
export function tableSection(
  id: string,
  title: string,
  columns: readonly string[],
  rows: readonly { readonly key: string | number; readonly cells: readonly Cell[] }[],
  nothing: string,
  note = '',
): VNode {
  return html`<section id=${id} aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${note && html`<p class="note">${note}</p>`}
    ${
      rows.length === 0
        ? html`<p>${nothing}</p>`
        : html`<div class="scroll" role="group" tabindex="0" aria-labelledby="${id}-title">
            <table>
              <thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
              <tbody>${rows.map(
                ({ key, cells: [first, ...others] }) =>
                  html`<tr id="${id}-${key}"><th scope="row">${first}</th>${others.map((cell) => html`<td>${cell}</td>`)}</tr>`,
              )}</tbody>
            </table>
          </div>`
    }
  </section>` as VNode;
}

/** A status that is told by a word, with a colour besides. */
export function status(word: string): VNode {
  return html`<span class="status ${word}">${word}</span>` as VNode;
}
