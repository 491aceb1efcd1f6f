import { packageVersion, serveProvider } from '../protocol/index.ts';
import { floatingIp, primaryIp, volume, volumeAttachment } from './addresses-and-volumes.ts';
import { HcloudClient } from './client.ts';
import { clientOptions } from './configuration.ts';
import { getImage } from './functions.ts';
import { firewall, network, networkRoute, networkSubnet } from './networks.ts';
import { resourceType } from './resource.ts';
import { placementGroup, server, sshKey } from './servers.ts';

let client: HcloudClient | undefined;

function api(): HcloudClient {
  if (!client) throw new Error('the hcloud provider was not configured');
  return client;
}

const resources = {
  'hcloud:index/firewall:Firewall': firewall,
  'hcloud:index/floatingIp:FloatingIp': floatingIp,
  'hcloud:index/network:Network': network,
  'hcloud:index/networkRoute:NetworkRoute': networkRoute,
  'hcloud:index/networkSubnet:NetworkSubnet': networkSubnet,
  'hcloud:index/placementGroup:PlacementGroup': placementGroup,
  'hcloud:index/primaryIp:PrimaryIp': primaryIp,
  'hcloud:index/server:Server': server,
  'hcloud:index/sshKey:SshKey': sshKey,
  'hcloud:index/volume:Volume': volume,
  'hcloud:index/volumeAttachment:VolumeAttachment': volumeAttachment,
};

await serveProvider({
  name: 'hcloud',
  version: packageVersion('@pulumi/hcloud'),
  resources: Object.fromEntries(
    Object.entries(resources).map(([token, resource]) => [
      token,
      resourceType(api, /^hcloud:index\/(\w+):/.exec(token)?.[1] ?? token, resource),
    ]),
  ),
  functions: { 'hcloud:index/getImage:getImage': (inputs) => getImage(api(), inputs) },
  configure: (config, context) => {
    client = new HcloudClient(clientOptions(config, process.env));
    context.log('debug', 'stand-in for the hcloud provider: for the local Hetzner only');
  },
});
