import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../certificate.ts';
import { BalancedHetzner } from './balancer.ts';

describe('services of a load balancer', () => {
  let hetzner: BalancedHetzner;
  let id: number;
  beforeEach(async () => {
    hetzner = new BalancedHetzner();
    ({ id } = await hetzner.balancer());
  });
  afterEach(() => hetzner.remove());

  const services = async () => (await hetzner.shown(id)).services;
  const add = async (service: object) => {
    await hetzner.act(id, 'add_service', service);
    return (await services()).at(-1);
  };
  const certificate = async (name: string) =>
    (
      await hetzner.done<{ certificate: { id: number } }>('POST', '/certificates', {
        name,
        ...makeCertificate(`${name}.example.com`),
      })
    ).certificate.id;
  const CHECK = { interval: 15, timeout: 10, retries: 3 };
  const CHECK_HTTP = { domain: '', path: '/', response: '', status_codes: ['2??', '3??'], tls: false };
  const HTTP = {
    cookie_name: 'HCLBSTICKY',
    cookie_lifetime: 300,
    timeout_idle: 50,
    certificates: [],
    redirect_http: false,
    sticky_sessions: false,
  };

  it('of TCP need both ports, and are checked by a connection to the one that they lead to', async () => {
    expect(await add({ protocol: 'tcp', listen_port: 5000, destination_port: 5001 })).toEqual({
      protocol: 'tcp',
      listen_port: 5000,
      destination_port: 5001,
      proxyprotocol: false,
      health_check: { protocol: 'tcp', port: 5001, ...CHECK },
    });
    for (const incomplete of [{ listen_port: 80 }, { destination_port: 80 }, {}])
      expect(await hetzner.refusal(id, 'add_service', { protocol: 'tcp', ...incomplete })).toEqual([
        422,
        'invalid_input',
      ]);
  });

  it('of HTTP and HTTPS have standard ports, a page that is asked for, and a cookie', async () => {
    const health_check = { protocol: 'http', port: 80, ...CHECK, http: CHECK_HTTP };
    const common = { destination_port: 80, proxyprotocol: false, health_check };
    expect(await add({ protocol: 'http' })).toEqual({
      ...common,
      protocol: 'http',
      listen_port: 80,
      http: HTTP,
    });
    const certificates = [await certificate('site')];
    expect(await add({ protocol: 'https', http: { certificates } })).toEqual({
      ...common,
      protocol: 'https',
      listen_port: 443,
      http: { ...HTTP, certificates },
    });
  });

  it('keep what was asked for', async () => {
    const wanted = {
      protocol: 'http',
      listen_port: 8080,
      destination_port: 8081,
      proxyprotocol: true,
      http: { ...HTTP, cookie_name: 'keks', cookie_lifetime: 1800, timeout_idle: 60, sticky_sessions: true },
      health_check: {
        protocol: 'http',
        port: 8082,
        interval: 3,
        timeout: 2,
        retries: 1,
        http: {
          domain: 'example.com',
          path: '/health?a=b',
          response: '{"status": "ok"}',
          status_codes: ['2*', '301'],
          tls: true,
        },
      },
    };
    expect(await add(wanted)).toEqual(wanted);
  });

  it('change in single settings; the others stay', async () => {
    await add({ protocol: 'tcp', listen_port: 80, destination_port: 8080 });
    await hetzner.act(id, 'update_service', { listen_port: 80, protocol: 'http' });
    expect(await services()).toMatchObject([
      { protocol: 'http', destination_port: 8080, health_check: { protocol: 'tcp', port: 8080 }, http: HTTP },
    ]);
    await hetzner.act(id, 'update_service', {
      listen_port: 80,
      destination_port: 8081,
      proxyprotocol: true,
      http: { sticky_sessions: true },
      health_check: { protocol: 'http', http: { path: '/health' } },
    });
    expect(await services()).toMatchObject([
      {
        destination_port: 8081,
        proxyprotocol: true,
        http: { ...HTTP, sticky_sessions: true },
        health_check: { protocol: 'http', port: 8080, ...CHECK, http: { ...CHECK_HTTP, path: '/health' } },
      },
    ]);
    await hetzner.act(id, 'update_service', {
      listen_port: 80,
      protocol: 'tcp',
      health_check: { protocol: 'tcp' },
    });
    const [plain] = await services();
    expect(plain).not.toHaveProperty('http');
    expect(plain?.health_check).toEqual({ protocol: 'tcp', port: 8080, ...CHECK });
  });

  it('lose what belongs to TLS when they become plain HTTP', async () => {
    await add({
      protocol: 'https',
      http: { certificates: [await certificate('site')], redirect_http: true },
    });
    await hetzner.act(id, 'update_service', { listen_port: 443, protocol: 'http' });
    expect(await services()).toMatchObject([
      { protocol: 'http', http: { certificates: [], redirect_http: false } },
    ]);
  });

  it('are deleted by their port', async () => {
    await add({ protocol: 'http' });
    await hetzner.act(id, 'delete_service', { listen_port: 80 });
    expect(await services()).toEqual([]);
    for (const action of ['delete_service', 'update_service'])
      expect(await hetzner.refusal(id, action, { listen_port: 80 })).toEqual([404, 'not_found']);
  });

  it('share no port: 412 for a new one, 422 for a change; a redirection takes port 80', async () => {
    await add({ protocol: 'http' });
    expect(await hetzner.refusal(id, 'add_service', { protocol: 'http' })).toEqual([
      412,
      'source_port_already_used',
    ]);
    const redirecting = { protocol: 'https', http: { redirect_http: true } };
    expect(await hetzner.refusal(id, 'add_service', redirecting)).toEqual([412, 'source_port_already_used']);
    await add({ protocol: 'https' });
    const change = { listen_port: 443, http: { redirect_http: true } };
    expect(await hetzner.refusal(id, 'update_service', change)).toEqual([422, 'source_port_already_used']);
    await hetzner.act(id, 'delete_service', { listen_port: 80 });
    await hetzner.act(id, 'update_service', change);
    expect(await services()).toMatchObject([{ http: { redirect_http: true } }]);
  });

  it('are no more than their type allows, and neither are their certificates', async () => {
    for (const port of [1, 2, 3, 4, 5])
      await add({ protocol: 'tcp', listen_port: port, destination_port: port });
    const sixth = { protocol: 'tcp', listen_port: 6, destination_port: 6 };
    const { status, body } = await hetzner.call('POST', `/load_balancers/${id}/actions/add_service`, sixth);
    expect(status).toBe(403);
    expect(body.error).toMatchObject({
      code: 'resource_limit_exceeded',
      details: { limits: [{ name: 'load_balancer_service_limit' }] },
    });
    const second = await hetzner.balancer({ name: 'second' });
    const pair = makeCertificate('many.example.com');
    const certificates = await Promise.all(
      Array.from({ length: 11 }, async (_, index) => {
        const wanted = { name: `c${index}`, ...pair };
        return (await hetzner.done<{ certificate: { id: number } }>('POST', '/certificates', wanted))
          .certificate.id;
      }),
    );
    expect(
      await hetzner.refusal(second.id, 'add_service', { protocol: 'https', http: { certificates } }),
    ).toEqual([403, 'resource_limit_exceeded']);
  });

  it('are refused with settings that mean nothing, or could not be told to a proxy', async () => {
    const http = { protocol: 'http' };
    const check = (page: object) => ({ ...http, health_check: { protocol: 'http', http: page } });
    for (const wrong of [
      { protocol: 'udp', listen_port: 53, destination_port: 53 },
      { ...http, listen_port: 0 },
      { ...http, destination_port: 70_000 },
      { ...http, http: { certificates: [1] } },
      { ...http, http: { redirect_http: true } },
      { ...http, http: { timeout_idle: 29 } },
      { ...http, http: { cookie_lifetime: 29 } },
      { ...http, http: { cookie_name: 'a b' } },
      { protocol: 'https', http: { certificates: [99] } },
      { protocol: 'https', listen_port: 80, http: { redirect_http: true } },
      { protocol: 'tcp', listen_port: 80, destination_port: 80, http: { sticky_sessions: true } },
      { ...http, health_check: { interval: 2 } },
      { ...http, health_check: { timeout: 61 } },
      { ...http, health_check: { retries: 6 } },
      { ...http, health_check: { protocol: 'tcp', http: { path: '/' } } },
      check({ path: '/a b' }),
      check({ path: '/\nserver' }),
      check({ domain: 'a%b' }),
      check({ domain: 'a b' }),
      check({ response: 'a\nb' }),
      check({ status_codes: ['ok'] }),
    ])
      expect(await hetzner.refusal(id, 'add_service', wrong), JSON.stringify(wrong)).toEqual([
        422,
        'invalid_input',
      ]);
    expect(await services()).toEqual([]);
  });
});
