import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { type Armed, FAULTS, type FaultKind, type FaultName } from '../faults/index.ts';
import type { Project } from '../project.ts';

const TIMES = ['1', '2', '5', 'always'];

/** Every fault with a switch, the storm, and a form for what strikes only some things or a few times. */
export function faultSwitches({ faults }: Project, key: string): VNode {
  const kinds = Object.entries(FAULTS) as [FaultName, FaultKind][];
  const { storm } = faults;
  return html`<section id="faults" aria-labelledby="faults-title">
    <h2 id="faults-title">Faults</h2>
    <ul class="faults">
      ${kinds.map(([name, { what }]) => faultItem(name, what, faults.armed, key))}
    </ul>
    <div class="forms">
      <form method="post" action="/page/faults">
        <input type="hidden" name="key" value=${key} />
        <label>Fault <select name="name" data-keep>${kinds.map(([name]) => html`<option>${name}</option>`)}</select></label>
        <label>Times <select name="times" data-keep>${TIMES.map((times) => html`<option>${times}</option>`)}</select></label>
        <label>On <input name="on" data-keep placeholder="anything" aria-describedby="on-what" /></label>
        <button>Arm</button>
        <p id="on-what" class="note">
          A request such as POST /servers, a command such as attach_volume, a server's name, a location such as fsn1 or
          two such as fsn1.hel1.
        </p>
      </form>
      ${
        storm
          ? html`<p id="storm">A storm blows: seed ${storm.seed}, share ${storm.share}, ${storm.seen} requests seen.</p>`
          : html`<form method="post" action="/page/storm" id="storm-form">
              <input type="hidden" name="key" value=${key} />
              <label>Seed <input name="seed" data-keep type="number" value="0" required /></label>
              <label>Share <input name="share" data-keep type="number" min="0.01" max="1" step="0.01" value="0.1" required /></label>
              <button>Start a storm</button>
            </form>`
      }
      <form method="post" action="/page/faults/clear" id="clear">
        <input type="hidden" name="key" value=${key} />
        <button>Clear everything</button>
      </form>
    </div>
  </section>` as VNode;
}

function faultItem(name: FaultName, what: string, armed: readonly Armed[], key: string): VNode {
  const mine = armed.filter((one) => one.name === name);
  const rows = mine.length > 0 ? mine : [undefined];
  return html`<li>
    ${rows.map(
      (one, index) => html`<form method="post" action=${one ? '/page/faults/clear' : '/page/faults'}>
        <input type="hidden" name="key" value=${key} />
        <input type="hidden" name=${one ? 'id' : 'name'} value=${one ? one.id : name} />
        <button
          id="switch-${name}-${index}"
          role="switch"
          aria-checked=${one ? 'true' : 'false'}
          aria-label=${one ? `${name} ${detail(one)}` : name}
          aria-describedby="what-${name}"
        ></button>
        <span aria-hidden="true"><b>${name}</b> ${one ? detail(one) : ''}</span>
      </form>`,
    )}
    <span id="what-${name}" class="note">${what}</span>
  </li>` as VNode;
}

function detail({ left, fired, on }: Armed): string {
  const times = left === null ? 'always' : left === 1 ? 'once more' : `${left} times more`;
  return `${times}${on === undefined ? '' : `, on ${on}`}${fired > 0 ? `, struck ${fired} times` : ''}`;
}
