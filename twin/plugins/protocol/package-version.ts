import { createRequire } from 'node:module';

/** The version of an installed npm package: a stand-in says it is the plugin of exactly that version. */
export function packageVersion(name: string): string {
  return (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version;
}
