import { dataPlaneFigures } from './data-plane.ts';
import { report } from './figures.ts';
import { machineFigures } from './machines.ts';
import { planFigures } from './plan.ts';
import { twinFigures } from './twin.ts';

const figures = [
  ...planFigures(),
  ...(await twinFigures()),
  ...(await dataPlaneFigures()),
  ...(await machineFigures()),
];
if (!report(figures)) {
  console.error('A bound is not kept.');
  process.exitCode = 1;
}
