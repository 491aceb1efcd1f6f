import { html } from 'htm/preact';
import { render } from 'preact-render-to-string';
import type { RequestLog } from '../api/request-log.ts';
import type { Project } from '../project.ts';
import { faultSwitches } from './faults.ts';
import { picture } from './picture.ts';
import { actionList, requestList } from './recent.ts';
import { resourceTables } from './resources.ts';

export interface PageOptions {
  /** The twin's own. */
  readonly name: string;
  /** Other twins of this user that run now; each is a project. */
  readonly neighbours: () => readonly { readonly name: string; readonly port: number }[];
}

const EUR = new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR', minimumFractionDigits: 2 });
const CENTS = new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR', minimumFractionDigits: 4 });

/** The whole page, complete without any script. @param key makes its forms work; @param mistake in the last form */
export function documentOf(
  project: Project,
  log: RequestLog,
  { name, neighbours }: PageOptions,
  key: string,
  mistake = '',
): string {
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>${name} · local Hetzner</title>
      <link rel="icon" href="/page/icon.svg" />
      <link rel="stylesheet" href="/page/style.css" />
      <script type="module" src="/page/live.js"></script>
    </head>
    <body>
      <a class="skip" href="#picture">Skip to the picture</a>
      <header>
        <h1>${name} <small>a local Hetzner, engine ${project.engine.name}</small></h1>
        <nav aria-label="Parts of this page">
          ${['Picture', 'Faults', 'Actions', 'Requests'].map((part) => html`<a href="#${part.toLowerCase()}">${part}</a>`)}
        </nav>
        <p id="connection">as it was when this page was loaded</p>
      </header>
      <div id="mistake" role="alert">${mistake}</div>
      ${content(project, log, { name, neighbours }, key)}
    </body>
  </html>`;
  return `<!doctype html>${render(page)}`;
}

function content(project: Project, log: RequestLog, { name, neighbours }: PageOptions, key: string) {
  const { costs } = project;
  return html`<main>
    <p role="status" id="now">${summary(project)}</p>
    <dl class="figures">
      <div><dt>cost so far</dt><dd id="cost">${CENTS.format(costs.soFar())}</dd></div>
      <div><dt>a month of this</dt><dd>${EUR.format(costs.monthly())}</dd></div>
      <div><dt>reads</dt><dd>${log.counts.reads}</dd></div>
      <div><dt>writes</dt><dd>${log.counts.writes}</dd></div>
    </dl>
    <p class="note">Net, by the hours that Hetzner would have begun to count. Nothing here is paid for.</p>
    <section id="projects" aria-labelledby="projects-title">
      <h2 id="projects-title">Projects</h2>
      <ul class="projects">
        <li aria-current="page">${name}</li>
        ${neighbours().map((one) => html`<li><a href="http://127.0.0.1:${one.port}/">${one.name}</a></li>`)}
      </ul>
    </section>
    ${picture(project)} ${resourceTables(project)} ${faultSwitches(project, key)} ${actionList(project)}
    ${requestList(log)}
  </main>`;
}

/** One sentence that a screen reader says again when it changes. */
function summary({ store, faults }: Project): string {
  const running = store.all('servers').filter(({ status }) => status === 'running').length;
  const actions = store.all('actions').filter(({ status }) => status === 'running').length;
  const armed = faults.armed.length;
  return [
    `${running} of ${store.count('servers')} servers run`,
    `${actions === 0 ? 'no' : actions} ${actions === 1 ? 'action is' : 'actions are'} under way`,
    `${armed === 0 ? 'no' : armed} ${armed === 1 ? 'fault is' : 'faults are'} armed${faults.storm ? ', and a storm blows' : ''}`,
  ].join(', ');
}
