import { certificates, LABELS, relabelled, told } from './keys.ts';
import type { Scenario } from './scenario.ts';

const AS_TOLD = {
  disable_public_interface: '!public_net.enabled',
  // The module tells the status codes of a health check under this name.
  certificates: 'status_codes',
};

export async function balancers(of: Scenario, work: string): Promise<void> {
  await certificates(of, work);
  const balancer = { name: 'balancer', load_balancer_type: 'lb11', location: 'fsn1' };
  of.makes(
    'created',
    'load_balancer',
    { ...balancer, labels: LABELS, algorithm: 'round_robin', delete_protection: true },
    'made',
  );
  of.refused(
    'that is protected, deleted',
    'load_balancer',
    { name: 'balancer', state: 'absent' },
    'protected',
  );
  of.makes('unprotected', 'load_balancer', { name: 'balancer', delete_protection: false });
  relabelled(of, 'load_balancer', 'balancer');
  of.makes('of another type', 'load_balancer', { name: 'balancer', load_balancer_type: 'lb21' });
  of.makes('by connections', 'load_balancer', {
    id: '{{ made.hcloud_load_balancer.id }}',
    algorithm: 'least_connections',
  });
  const zoned = { name: 'zoned', load_balancer_type: 'lb11', network_zone: 'eu-central' };
  of.makes('in a zone', 'load_balancer', zoned);
  of.makes('in a zone, deleted', 'load_balancer', { name: 'zoned', state: 'absent' });
  of.refused('of no type', 'load_balancer', { name: 'balancer', load_balancer_type: 'lb0' }, 'unknown load');

  const rdns = { load_balancer: 'balancer', ip_address: '{{ made.hcloud_load_balancer.ipv4_address }}' };
  of.makes('of a load balancer', 'rdns', { ...rdns, dns_ptr: 'balancer.example.com' });
  network(of);
  services(of);
  targets(of);
  told(of, 'load_balancer_info', 'balancer', '{{ made.hcloud_load_balancer.id }}', AS_TOLD);
  end(of);
}

function network(of: Scenario): void {
  of.does('for a load balancer', 'network', { name: 'inside', ip_range: '10.1.0.0/16' });
  const subnet = { network: 'inside', network_zone: 'eu-central', type: 'cloud', ip_range: '10.1.1.0/24' };
  of.does('for a load balancer', 'subnetwork', subnet);
  const inside = { load_balancer: 'balancer', network: 'inside' };
  of.makes('attached', 'load_balancer_network', { ...inside, ip: '10.1.1.5' });
  // The module takes an algorithm that is not given for round_robin.
  const balancer = { name: 'balancer', algorithm: 'least_connections' };
  of.makes('without a public interface', 'load_balancer', { ...balancer, disable_public_interface: true });
  of.makes('public again', 'load_balancer', { ...balancer, disable_public_interface: false });
}

function services(of: Scenario): void {
  const tcp = { load_balancer: 'balancer', protocol: 'tcp', listen_port: 53 };
  of.makes('created', 'load_balancer_service', { ...tcp, destination_port: 5353, proxyprotocol: true });
  of.makes('to another port', 'load_balancer_service', { ...tcp, destination_port: 53 });
  const http = {
    load_balancer: 'balancer',
    protocol: 'http',
    listen_port: 80,
    destination_port: 8080,
    http: { cookie_name: 'STICKY', cookie_lifetime: 600, sticky_sessions: true },
    health_check: {
      protocol: 'http',
      port: 8080,
      interval: 10,
      timeout: 5,
      retries: 2,
      http: { domain: 'example.com', path: '/up', response: 'up', status_codes: ['2??'], tls: false },
    },
  };
  // The module has no eyes for what is inside `http` and `health_check`, and sends both each time.
  of.does('of HTTP', 'load_balancer_service', http);
  of.does('of HTTP, with another cookie', 'load_balancer_service', {
    ...http,
    http: { ...http.http, cookie_name: 'OTHER' },
  });
  of.does('of HTTPS', 'load_balancer_service', {
    load_balancer: 'balancer',
    protocol: 'https',
    listen_port: 443,
    destination_port: 80,
    http: { certificates: ['tls'], redirect_http: false },
  });
  of.refused(
    'that a service uses, deleted',
    'certificate',
    { name: 'tls', state: 'absent' },
    'resource_in_use',
  );
  of.makes('deleted', 'load_balancer_service', { ...tcp, state: 'absent' });
}

function targets(of: Scenario): void {
  of.does('for a load balancer', 'server', {
    name: 'balanced',
    server_type: 'cpx22',
    image: 'debian-12',
    location: 'fsn1',
    labels: { role: 'web' },
    private_networks: ['inside'],
  });
  const server = { load_balancer: 'balancer', type: 'server', server: 'balanced', use_private_ip: true };
  of.makes('a server', 'load_balancer_target', server);
  // The filter knows targets by label, and the module does not tell what they are.
  of.tells('with a target', 'load_balancer_info', { name: 'balancer' }, ['balancer'], AS_TOLD, 'balanced');
  of.worksOut(
    'filter load_balancer_status: of a target that answers',
    '{{ balanced.hcloud_load_balancer_info[0] | hetzner.hcloud.load_balancer_status }}',
    'healthy',
  );
  const labelled = { load_balancer: 'balancer', type: 'label_selector', label_selector: 'role=web' };
  of.makes('by label', 'load_balancer_target', labelled);
  const ip = { load_balancer: 'balancer', type: 'ip', ip: '192.0.2.1' };
  of.refused('an address of somebody else', 'load_balancer_target', ip, 'ip_not_owned');
}

function end(of: Scenario): void {
  const mine = { load_balancer: 'balancer', state: 'absent' };
  of.makes('a server, removed', 'load_balancer_target', { ...mine, type: 'server', server: 'balanced' });
  const labelled = { ...mine, type: 'label_selector', label_selector: 'role=web' };
  of.makes('by label, removed', 'load_balancer_target', labelled);
  of.makes('of HTTPS, deleted', 'load_balancer_service', { ...mine, listen_port: 443 });
  of.makes('detached', 'load_balancer_network', { ...mine, network: 'inside' });
  of.makes('deleted', 'load_balancer', { name: 'balancer', state: 'absent' });
  of.makes('deleted', 'certificate', { name: 'tls', state: 'absent' });
  of.makes('that was balanced, deleted', 'server', { name: 'balanced', state: 'absent' });
  of.makes('that had a load balancer, deleted', 'network', { name: 'inside', state: 'absent' });
}
