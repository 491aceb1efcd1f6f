import { writeFileSync } from 'node:fs';
import { renderLedger } from './markdown.ts';

writeFileSync(new URL('../LEDGER.md', import.meta.url), renderLedger());
