import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { RequestLog } from '../api/request-log.ts';
import type { Action } from '../model.ts';
import type { Project } from '../project.ts';
import { status, tableSection } from './table.ts';

const SHOWN_ACTIONS = 20;
const SHOWN_REQUESTS = 50;

export function actionList({ store }: Project): VNode {
  const shown = store.all('actions').slice(-SHOWN_ACTIONS).toReversed();
  return tableSection(
    'actions',
    'Actions',
    ['Action', 'Of', 'State', 'Progress', 'Began', 'Took'],
    shown.map((action) => ({
      key: action.id,
      cells: [
        action.command,
        action.resources.map(({ type, id }) => `${type.replaceAll('_', ' ')} ${id}`).join(', '),
        action.error ? `error: ${action.error.code}` : status(action.status),
        progress(action),
        clock(action.started),
        action.finished === null ? '' : seconds(Date.parse(action.finished) - Date.parse(action.started)),
      ],
    })),
    'None so far.',
    `The last ${SHOWN_ACTIONS}, the newest first.`,
  );
}

export function requestList(log: RequestLog): VNode {
  const { reads, writes } = log.counts;
  const shown = log.last.slice(-SHOWN_REQUESTS).toReversed();
  return tableSection(
    'requests',
    'Requests',
    ['Request', 'Status', 'Time', 'Fault', 'At'],
    shown.map((request, index) => ({
      key: reads + writes - index,
      cells: [
        `${request.method} ${request.path}`,
        html`<span class=${request.status < 400 ? 'success' : 'error'}>${request.status}</span>` as VNode,
        `${request.ms} ms`,
        request.fault ?? '',
        clock(request.at),
      ],
    })),
    'None so far.',
    `The last ${SHOWN_REQUESTS}, the newest first.`,
  );
}

function progress({ command, progress: value }: Action): VNode {
  return html`<progress max="100" value=${value} aria-label="${command}: ${value} %"></progress>` as VNode;
}

function clock(at: string): VNode {
  return html`<time datetime=${at}>${at.slice(11, 19)} UTC</time>` as VNode;
}

function seconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}
