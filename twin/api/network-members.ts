import type { FastifyInstance } from 'fastify';
import type { Network } from '../model.ts';
import type { Project } from '../project.ts';
import { inside } from '../ranges.ts';
import { type Listing, requireOne, sendList } from './http.ts';

interface Member {
  readonly id: number;
  readonly type: 'server' | 'load_balancer';
  readonly ip: string;
  readonly alias_ips: readonly string[];
  /** Range of the subnet that it is attached to. */
  readonly subnet: string | null;
  readonly status: 'ok' | 'attaching' | 'updating';
}

type Nic = { readonly network: number; readonly ip: string; readonly alias_ips?: readonly string[] };

/** Actions that bring somebody into a network. */
const ATTACHING = ['create_server', 'create_load_balancer', 'attach_to_network'];

/** `GET /networks/{id}/members`. Source: hcloud-go 2.53 and hcloud-python 2.27 */
export function memberRoute(app: FastifyInstance, project: Project, networks: Listing<Network>): void {
  app.get('/networks/:id/members', (request, reply) => {
    const network = requireOne(networks, request);
    const listing: Listing<Member> = {
      plural: 'members',
      singular: 'member',
      noun: 'member',
      all: () => membersOf(project, network),
      filters: ['type', 'status', 'subnet'],
      sorts: ['type', 'status', 'ip'],
      render: (member) => member,
    };
    return sendList(listing, request, reply);
  });
}

function membersOf({ store }: Project, network: Network): Member[] {
  const running = store.all('actions').filter(({ status }) => status === 'running');
  const does = (type: Member['type'], id: number, commands: readonly string[]) =>
    running.some(
      ({ command, resources: [holder] }) =>
        commands.includes(command) && holder?.type === type && holder.id === id,
    );
  const members = (type: Member['type'], id: number, nics: readonly Nic[] = []): Member[] =>
    nics
      .filter((nic) => nic.network === network.id)
      .map((nic) => ({
        id,
        type,
        ip: nic.ip,
        alias_ips: nic.alias_ips ?? [],
        subnet: network.subnets.find(({ ip_range }) => inside(nic.ip, ip_range))?.ip_range ?? null,
        // Whoever is being attached has that interface last.
        status:
          nic === nics.at(-1) && does(type, id, ATTACHING)
            ? 'attaching'
            : does(type, id, ['change_alias_ips'])
              ? 'updating'
              : 'ok',
      }));
  return [
    ...network.servers.flatMap((id) => members('server', id, store.get('servers', id)?.private_net)),
    ...network.load_balancers.flatMap((id) =>
      members('load_balancer', id, store.get('load_balancers', id)?.private_net),
    ),
  ];
}
