import { UserError } from '../errors.ts';
import type { HetznerApi } from './hetzner-api.ts';
import { pulumi } from './pulumi.ts';
import type { StackFile } from './stack-file.ts';

const SERVER = 'hcloud:index/server:Server';
const PAGE = 50;

interface Server {
  readonly id: number;
  readonly name: string;
  readonly status: string;
}

/**
 * Starts the servers of a stack that are off: a machine that lost its power is no change for Pulumi, and without the
 * gateway nothing else can be reached. Only servers that the state knows and the run that follows will not replace.
 * @returns a line for each, also for one that cannot be started: what follows may mend that
 */
export async function wakeServers(stack: StackFile, api: HetznerApi): Promise<string[]> {
  const exported = await pulumi(stack, ['stack', 'export'], { quiet: true });
  const { deployment } = JSON.parse(exported.stdout) as {
    deployment: { resources?: readonly { type: string; id?: string; taint?: boolean }[] };
  };
  const known = (deployment.resources ?? [])
    .filter(({ type }) => type === SERVER)
    .map(({ id }) => Number(id));
  if (known.length === 0) return [];
  const off = (await servers(api)).filter(({ id, status }) => status === 'off' && known.includes(id));
  const told: string[] = [];
  for (const { id, name } of off) {
    const trouble = await api.call('POST', `/servers/${id}/actions/poweron`, {}).then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof UserError) return error.message;
        throw error;
      },
    );
    told.push(
      trouble === undefined
        ? `server ${name} was off; it is started`
        : `server ${name} is off and cannot be started: ${trouble}`,
    );
  }
  return told;
}

async function servers(api: HetznerApi): Promise<Server[]> {
  const all: Server[] = [];
  for (let page = 1; ; page++) {
    const answer = await api.call('GET', `/servers?per_page=${PAGE}&page=${page}`);
    const some = (answer?.body['servers'] ?? []) as readonly Server[];
    all.push(...some);
    if (some.length < PAGE) return all;
  }
}
