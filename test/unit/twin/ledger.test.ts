import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AREAS } from '../../../twin/ledger/index.ts';
import { renderLedger } from '../../../twin/ledger/markdown.ts';
import { LocalHetzner } from './local-hetzner.ts';

const TESTS = new URL('../../', import.meta.url).pathname;
const LEDGER = new URL('../../../twin/LEDGER.md', import.meta.url);
const BEHAVIOURS = AREAS.flatMap(({ behaviours }) => behaviours);

/** Titles of all tests, as written: of `it`, `test`, and what hangs on them, such as `it.each(…)`. */
function titles(): Set<string> {
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ['it', 'test'].includes(rootOf(node.expression))) {
      const [title] = node.arguments;
      if (title && ts.isStringLiteralLike(title)) found.add(title.text);
    }
    ts.forEachChild(node, visit);
  };
  for (const file of readdirSync(TESTS, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.test.ts')) continue;
    visit(ts.createSourceFile(file, readFileSync(join(TESTS, file), 'utf8'), ts.ScriptTarget.Latest));
  }
  return found;
}

function rootOf(callee: ts.Expression): string {
  if (ts.isIdentifier(callee)) return callee.text;
  if (ts.isPropertyAccessExpression(callee) || ts.isCallExpression(callee)) return rootOf(callee.expression);
  return '';
}

/** Names of parameters do not matter. */
function bare(route: string): string {
  return route.replaceAll(/:\w+/g, ':');
}

function resourceOf(route: string): string {
  return route.split('/')[1] ?? '';
}

describe('the ledger of the local Hetzner', () => {
  let hetzner: LocalHetzner;
  const routes: string[] = [];
  beforeAll(async () => {
    hetzner = new LocalHetzner();
    hetzner.app.addHook('onRoute', ({ method, url }) => {
      // Every path that can be read answers HEAD as well; paths that take any method are there once.
      const taken = Array.isArray(method) ? 'ANY' : method;
      if (taken !== 'HEAD' && url.startsWith('/v1/')) routes.push(`${taken} ${url.slice('/v1'.length)}`);
    });
    await hetzner.app.ready();
  });
  afterAll(() => hetzner.remove());

  it('is written as the file that lies in the twin; node twin/ledger/main.ts writes it anew', () => {
    expect(readFileSync(LEDGER, 'utf8')).toBe(renderLedger());
  });

  it('names a source for each behaviour, and no behaviour twice', () => {
    const texts = BEHAVIOURS.map(({ behaviour }) => behaviour);
    expect(texts.filter((text, index) => texts.indexOf(text) < index)).toEqual([]);
    for (const { behaviour, source, certainty } of BEHAVIOURS) {
      expect(source.trim(), `${behaviour}: its source`).not.toBe('');
      expect(['measured', 'documented', 'assumed'], behaviour).toContain(certainty);
    }
  });

  it('says for each difference what and why', () => {
    for (const { what, why } of AREAS.flatMap(({ differences }) => differences))
      expect([what.trim(), why.trim()], what).not.toContain('');
  });

  it('names only tests that there are', () => {
    const written = titles();
    expect(written.size).toBeGreaterThan(100);
    const missing = BEHAVIOURS.filter(({ test }) => !written.has(test));
    expect(missing.map(({ behaviour, test }) => `${behaviour}: it('${test}')`)).toEqual([]);
  });

  it('has each route of the API in some behaviour', () => {
    const named = BEHAVIOURS.flatMap((one) => one.routes ?? []).map(
      (route) => new RegExp(`^${bare(route).replaceAll('*', '[^/]+')}$`),
    );
    const mine = AREAS.flatMap(({ resources }) => resources);
    const missing = routes.filter(
      (route) => mine.includes(resourceOf(route)) && !named.some((pattern) => pattern.test(bare(route))),
    );
    expect(missing.toSorted(), 'routes that no behaviour in twin/ledger/ speaks of').toEqual([]);
  });

  it('names no route that the API does not have', () => {
    const had = new Set(routes.map(bare));
    const strange = BEHAVIOURS.flatMap((one) => one.routes ?? []).filter(
      (route) => !route.includes('*') && !had.has(bare(route)),
    );
    expect(strange).toEqual([]);
  });

  it('has one area for each resource of the API', () => {
    const claimed = AREAS.flatMap(({ resources }) => resources);
    expect(claimed.length, 'no resource is in two areas').toBe(new Set(claimed).size);
    expect(routes.map(resourceOf).filter((resource) => !claimed.includes(resource))).toEqual([]);
  });
});
