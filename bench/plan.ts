import { type ClusterSpec, parseSpec } from '../src/config/index.ts';
import { plan } from '../src/plan/index.ts';
import { stackFile } from '../test/stack-file.ts';
import { type Figure, median } from './figures.ts';

const ROUNDS = 300;
const WARM_UP = 100;
const POOLS = 10;

/** The local stack with `servers` machines, spread over ten pools. */
function specOf(servers: number): ClusterSpec {
  const spec = parseSpec(stackFile('local'), 'local');
  const [controlPlane, worker] = spec.pools;
  if (!controlPlane || !worker) throw new Error('the local stack has no two pools');
  const count = Math.round((servers - controlPlane.count) / POOLS);
  const workers = Array.from({ length: POOLS }, (_, index) => ({
    ...worker,
    name: `pool${index}`,
    number: index + 2,
    count,
  }));
  return { ...spec, pools: [controlPlane, ...workers] };
}

function milliseconds(spec: ClusterSpec): number {
  const started = performance.now();
  plan(spec);
  return performance.now() - started;
}

/** Both sizes in turns, after the compiler has seen them: one plan takes less time than its compilation. */
export function planFigures(): Figure[] {
  const [hundred, thousand] = [specOf(100), specOf(1000)];
  const rounds = Array.from({ length: ROUNDS }, () => [milliseconds(hundred), milliseconds(thousand)]);
  const warm = rounds.slice(WARM_UP);
  const [small, large] = [0, 1].map((size) => median(warm.map((round) => round[size] ?? 0)));
  return [
    { name: 'plan_1000_ms', value: large ?? 0, unit: 'ms', bound: '<= 200' },
    { name: 'plan_growth', value: (large ?? 0) / (small ?? 0), unit: 'ratio', bound: '<= 15' },
  ];
}
