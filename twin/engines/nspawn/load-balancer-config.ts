import type { HealthCheck } from '../../model.ts';
import type { WantedLoadBalancer, WantedService, WantedTarget } from '../engine.ts';

/** Where the proxy finds its files; they lie in the load balancer's own folder. */
export const INSIDE = '/mnt';
export const CONFIG = 'haproxy.cfg';
/** States of targets, so that those who fail are not asked again after each change. */
export const STATE = 'state';
export const SOCKET = 'stats.sock';

const HTTP_PORT = 80;
/** Hetzner tells no limit for TCP; assumed: connections that say nothing for so long are forgotten. */
const TCP_IDLE = '1h';
/** Targets that do not answer a connection for so long get none; a health check may allow less. Assumed. */
const MOST_CONNECT_SECONDS = 5;

/** Files of haproxy for a load balancer: its configuration, and certificates with their keys. */
export function renderFiles(balancer: WantedLoadBalancer): ReadonlyMap<string, string> {
  const certificates = balancer.services.flatMap((service) =>
    (service.http?.certificates ?? []).map((pem, index) => [certificateFile(service, index), pem] as const),
  );
  return new Map([[CONFIG, renderConfig(balancer)], ...certificates]);
}

function certificateFile({ listen_port }: WantedService, index: number): string {
  return `certificate-${listen_port}-${index}.pem`;
}

/** haproxy's configuration. Each service is a frontend `in-<port>` and a backend `to-<port>`. */
export function renderConfig(balancer: WantedLoadBalancer): string {
  return `global
  maxconn ${balancer.maxConnections}
  no strict-limits
  nbthread 1
  user haproxy
  group haproxy
  hard-stop-after ${TCP_IDLE}
  stats socket ${INSIDE}/${SOCKET} mode 600 level admin expose-fd listeners
  server-state-file ${INSIDE}/${STATE}

defaults
  load-server-state-from-file global
  option redispatch
  retries 3
${balancer.services
  .flatMap((service) => [
    frontend(service),
    backend(service, balancer),
    ...(service.http?.redirect_http ? [redirection(service)] : []),
  ])
  .map(([head, ...lines]) => `\n${head}\n${lines.map((line) => `  ${line}\n`).join('')}`)
  .join('')}`;
}

type Section = readonly [head: string, ...lines: string[]];

/** TLS that the load balancer does not end is only passed on. */
function speaksHttp({ protocol, http }: WantedService): boolean {
  return protocol === 'http' || (protocol === 'https' && (http?.certificates.length ?? 0) > 0);
}

function frontend(service: WantedService): Section {
  const { listen_port: port, protocol, http } = service;
  const files = (http?.certificates ?? []).map((_, index) => `${INSIDE}/${certificateFile(service, index)}`);
  const tls =
    files.length === 0 ? '' : ` ssl ${files.map((file) => `crt ${file}`).join(' ')} alpn h2,http/1.1`;
  const told = [
    'option forwardfor',
    `http-request set-header X-Forwarded-Proto ${protocol}`,
    `http-request set-header X-Forwarded-Port ${port}`,
  ];
  return [
    `frontend in-${port}`,
    ...mode(service),
    `timeout client ${idle(service)}`,
    ...binds(port, tls),
    ...(speaksHttp(service) ? told : []),
    `default_backend to-${port}`,
  ];
}

/** One for each family: a common one would show IPv4 clients as IPv6 ones. */
function binds(port: number, tls = ''): string[] {
  return [`bind :${port}${tls}`, `bind :::${port} v6only${tls}`];
}

function mode(service: WantedService): string[] {
  if (!speaksHttp(service)) return ['mode tcp'];
  return ['mode http', `timeout http-keep-alive ${idle(service)}`];
}

function idle(service: WantedService): string {
  return service.http && speaksHttp(service) ? `${service.http.timeout_idle}s` : TCP_IDLE;
}

function backend(service: WantedService, { algorithm, targets }: WantedLoadBalancer): Section {
  const { health_check: check, http } = service;
  const sticky = http?.sticky_sessions === true && speaksHttp(service);
  const cookie = `cookie ${text(http?.cookie_name ?? '')} insert indirect nocache httponly maxlife ${http?.cookie_lifetime}s attr Max-Age=${http?.cookie_lifetime}`;
  return [
    `backend to-${service.listen_port}`,
    ...mode(service),
    `balance ${algorithm === 'round_robin' ? 'roundrobin' : 'leastconn'}`,
    `timeout connect ${Math.min(check.timeout, MOST_CONNECT_SECONDS)}s`,
    `timeout server ${idle(service)}`,
    `timeout check ${check.timeout}s`,
    ...(sticky ? [cookie] : []),
    ...checkLines(check),
    ...targets.map((target) => server(service, target, sticky)),
  ];
}

function checkLines({ http }: HealthCheck): string[] {
  if (!http) return [];
  const host = http.domain ? ` ver HTTP/1.1 hdr Host ${text(http.domain)}` : ' ver HTTP/1.0';
  const codes = http.status_codes.map((code) => code.replaceAll('?', '[0-9]').replaceAll('*', '[0-9]*'));
  return [
    'option httpchk',
    `http-check send meth GET uri ${text(http.path)}${host}`,
    ...(codes.length > 0 ? [`http-check expect rstatus ^(${codes.join('|')})$`] : []),
    ...(http.response === '' ? [] : [`http-check expect string ${text(http.response)}`]),
  ];
}

function server(service: WantedService, { name, address }: WantedTarget, sticky: boolean): string {
  const { health_check: check } = service;
  const { interval, retries, http } = check;
  const sni = http?.domain ? ` check-sni ${text(http.domain)}` : '';
  return [
    `server ${name} ${address}:${service.destination_port}`,
    `check inter ${interval}s fall ${retries} rise ${retries} port ${check.port}`,
    ...(http?.tls ? [`check-ssl verify none${sni}`] : []),
    ...(sticky ? [`cookie ${name}`] : []),
    ...(service.proxyprotocol ? ['send-proxy'] : []),
    // A target that expects the header on a port expects it of health checks too.
    ...(service.proxyprotocol && check.port === service.destination_port ? ['check-send-proxy'] : []),
  ].join(' ');
}

function redirection({ listen_port: port }: WantedService): Section {
  const suffix = port === 443 ? '' : `:${port}`;
  return [
    `frontend redirect-${port}`,
    'mode http',
    `timeout client ${MOST_CONNECT_SECONDS}s`,
    ...binds(HTTP_PORT),
    `http-request redirect code 301 location https://%[req.hdr(host),regsub(:[0-9]+$,)]${suffix}%[capture.req.uri]`,
  ];
}

/** Any text as one word of the configuration: what haproxy could take for syntax is written by its code. */
function text(value: string): string {
  return [...Buffer.from(value)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[\w./:-]/.test(character) ? character : `\\x${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}
