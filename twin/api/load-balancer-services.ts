import * as z from 'zod';
import type { LoadBalancerType } from '../catalogue/load-balancer-types.ts';
import { fault } from '../errors.ts';
import type { BalancerProtocol, BalancerService, HealthCheck, LoadBalancer } from '../model.ts';
import type { Project } from '../project.ts';
import { defined, shape } from './http.ts';
import { referenced } from './references.ts';

const HTTP_PORT = 80;
const HTTPS_PORT = 443;

/** Source: https://docs.hetzner.cloud/reference/cloud#load-balancers and the tests of hetzner.hcloud for Ansible. */
const HTTP_STANDARD: NonNullable<BalancerService['http']> = {
  cookie_name: 'HCLBSTICKY',
  cookie_lifetime: 300,
  timeout_idle: 50,
  certificates: [],
  redirect_http: false,
  sticky_sessions: false,
};
const CHECK_STANDARD = { interval: 15, timeout: 10, retries: 3 };
const CHECK_HTTP_STANDARD: NonNullable<HealthCheck['http']> = {
  domain: '',
  path: '/',
  response: '',
  status_codes: ['2??', '3??'],
  tls: false,
};

const port = z.int().min(1).max(65_535);
const printable = /^\P{Cc}*$/u;
const health = z
  .object({
    protocol: z.enum(['tcp', 'http']),
    port,
    interval: z.int().min(3).max(60),
    timeout: z.int().min(1).max(60),
    retries: z.int().min(1).max(5),
    http: z
      .object({
        domain: z
          .string()
          .max(128)
          .regex(/^[^\s\p{Cc}%\\]*$/u, 'must not have spaces, percent signs or backslashes')
          .nullable(),
        path: z
          .string()
          .min(1)
          .max(256)
          .regex(/^[^\s\p{Cc}]+$/u, 'must not have spaces; write %20'),
        response: z.string().max(256).regex(printable, 'must be printable'),
        status_codes: z
          .array(z.string().regex(/^[0-9?*]{1,3}$/, 'must be a status such as 200 or 2??'))
          .max(20),
        tls: z.boolean(),
      })
      .partial()
      .nullish(),
  })
  .partial();
const http = z
  .object({
    // A cookie's name as RFC 6265 has it.
    cookie_name: z
      .string()
      .max(100)
      .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'is no name of a cookie'),
    cookie_lifetime: z.int().min(30).max(86_400),
    // Source: https://registry.terraform.io/providers/hetznercloud/hcloud/latest/docs/resources/load_balancer_service
    timeout_idle: z.int().min(30).max(300),
    certificates: z.array(shape.id),
    redirect_http: z.boolean(),
    sticky_sessions: z.boolean(),
  })
  .partial();
const settings = {
  destination_port: port.nullish(),
  proxyprotocol: z.boolean().nullish(),
  health_check: health.nullish(),
  http: http.nullish(),
};
const protocol = z.enum(['tcp', 'http', 'https']);

export const newService = z.object({ protocol, listen_port: port.nullish(), ...settings });
export const changedService = z.object({ protocol: protocol.optional(), listen_port: port, ...settings });

/** @throws ApiFault when a port is missing that has no standard, or a setting does not fit the protocol */
export function completeService(wanted: z.infer<typeof newService>): BalancerService {
  const tcp = wanted.protocol === 'tcp';
  const listen = wanted.listen_port ?? (wanted.protocol === 'https' ? HTTPS_PORT : HTTP_PORT);
  const destination = wanted.destination_port ?? HTTP_PORT;
  if (tcp && !wanted.listen_port) throw fault.invalid('listen_port', 'is required for the protocol tcp');
  if (tcp && !wanted.destination_port)
    throw fault.invalid('destination_port', 'is required for the protocol tcp');
  return changeService(
    {
      protocol: wanted.protocol,
      listen_port: listen,
      destination_port: destination,
      proxyprotocol: false,
      health_check: {
        ...CHECK_STANDARD,
        protocol: tcp ? 'tcp' : 'http',
        port: destination,
      },
    },
    wanted,
  );
}

/** A service after a change of some of its settings; the others stay. @throws ApiFault as `completeService` */
export function changeService(
  before: BalancerService,
  wanted: Omit<z.infer<typeof changedService>, 'listen_port'>,
): BalancerService {
  const { protocol = before.protocol } = wanted;
  const { http: _, ...others } = before;
  const own = httpSettings(protocol, before, wanted.http ?? {});
  return {
    ...others,
    protocol,
    destination_port: wanted.destination_port ?? before.destination_port,
    proxyprotocol: wanted.proxyprotocol ?? before.proxyprotocol,
    health_check: healthCheck(before.health_check, wanted.health_check ?? {}),
    ...(own ? { http: own } : {}),
  };
}

function httpSettings(
  protocol: BalancerProtocol,
  before: BalancerService,
  wanted: z.infer<typeof http>,
): BalancerService['http'] {
  const given = defined(wanted);
  if (protocol === 'tcp') {
    if (Object.keys(given).length > 0) throw fault.invalid('http', 'is for the protocols http and https');
    return undefined;
  }
  const inherited = { ...HTTP_STANDARD, ...before.http };
  const kept = protocol === 'https' ? inherited : { ...inherited, certificates: [], redirect_http: false };
  const settled = { ...kept, ...given };
  if (protocol === 'http' && settled.redirect_http)
    throw fault.invalid('http.redirect_http', 'is for the protocol https');
  if (protocol === 'http' && settled.certificates.length > 0)
    throw fault.invalid('http.certificates', 'are for the protocol https');
  if (settled.redirect_http && before.listen_port === HTTP_PORT)
    throw fault.invalid('http.redirect_http', `needs port ${HTTP_PORT}, on which the service itself listens`);
  return { ...settled, certificates: [...new Set(settled.certificates)] };
}

function healthCheck(before: HealthCheck, wanted: z.infer<typeof health>): HealthCheck {
  const { http: page, ...given } = wanted;
  const { http: known, ...others } = { ...before, ...defined(given) };
  if (others.protocol === 'http')
    return { ...others, http: { ...CHECK_HTTP_STANDARD, ...known, ...defined(page ?? {}) } };
  if (page && Object.keys(defined(page)).length > 0)
    throw fault.invalid('health_check.http', 'is for health checks of the protocol http');
  return others;
}

/** Ports that a service listens on: its own one, and that of HTTP when it redirects from there. */
function ports({ listen_port, http }: BalancerService): number[] {
  return http?.redirect_http ? [listen_port, HTTP_PORT] : [listen_port];
}

/**
 * @param taken status of the answer when two services would listen on one port: 412 for a new one, 422 for a change
 * @throws ApiFault when the services cannot be together on a load balancer of that type
 */
export function requireFitting(
  project: Project,
  services: LoadBalancer['services'],
  type: LoadBalancerType,
  taken: 412 | 422,
): void {
  const listened = services.flatMap(ports);
  const twice = listened.find((number, index) => listened.indexOf(number) !== index);
  if (twice !== undefined)
    throw fault.other(taken, 'source_port_already_used', `source port ${twice} is already in use`);
  for (const id of certificatesOf(services)) referenced(project, 'certificates', id, 'http.certificates');
  requireWithin(services, [], type);
}

/** @throws ApiFault when a type allows fewer services, targets or certificates */
export function requireWithin(
  services: LoadBalancer['services'],
  targets: LoadBalancer['targets'],
  type: LoadBalancerType,
): void {
  const excess = exceeded(services, targets, type);
  if (excess)
    throw fault.limit(
      `a load balancer of type ${type.name} has at most ${excess.most} ${excess.what}`,
      `load_balancer_${excess.what}`,
    );
}

export function certificatesOf(services: LoadBalancer['services']): number[] {
  return [...new Set(services.flatMap((service) => service.http?.certificates ?? []))];
}

/** What a type allows less of than there is; absent when all of it fits. */
export function exceeded(
  services: LoadBalancer['services'],
  targets: LoadBalancer['targets'],
  type: LoadBalancerType,
): { readonly what: 'services' | 'targets' | 'certificates'; readonly most: number } | undefined {
  const counts = [
    ['services', services.length, type.max_services],
    ['targets', targets.length, type.max_targets],
    ['certificates', certificatesOf(services).length, type.max_assigned_certificates],
  ] as const;
  const excess = counts.find(([, count, most]) => count > most);
  return excess && { what: excess[0], most: excess[2] };
}
