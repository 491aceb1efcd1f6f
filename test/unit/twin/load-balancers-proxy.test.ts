import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { WantedLoadBalancer, WantedService } from '../../../twin/engines/engine.ts';
import { Layout } from '../../../twin/engines/nspawn/layout.ts';
import { putLoadBalancer } from '../../../twin/engines/nspawn/load-balancer.ts';
import { renderConfig, renderFiles } from '../../../twin/engines/nspawn/load-balancer-config.ts';
import { readStatistics } from '../../../twin/engines/nspawn/load-balancer-stats.ts';
import { readSettings } from '../../../twin/settings.ts';

const CHECK = { protocol: 'tcp', port: 8080, interval: 15, timeout: 10, retries: 3 } as const;
const HTTP = {
  cookie_name: 'HCLBSTICKY',
  cookie_lifetime: 300,
  timeout_idle: 50,
  certificates: [],
  redirect_http: false,
  sticky_sessions: false,
};
const TCP_SERVICE: WantedService = {
  protocol: 'tcp',
  listen_port: 80,
  destination_port: 8080,
  proxyprotocol: false,
  health_check: CHECK,
};
const HTTP_SERVICE: WantedService = { ...TCP_SERVICE, protocol: 'http', http: HTTP };

function balancer(service: WantedService, more: Partial<WantedLoadBalancer> = {}): WantedLoadBalancer {
  return {
    id: 7,
    location: 'fsn1',
    algorithm: 'round_robin',
    maxConnections: 10_000,
    services: [service],
    targets: [
      { name: 'server-1', address: '198.18.0.2' },
      { name: 'ip-10.0.2.7', address: '10.0.2.7' },
    ],
    ...more,
  };
}

/** Lines of one section, `backend to-80` for example. */
function section(wanted: WantedLoadBalancer, head: string): string[] {
  const part = renderConfig(wanted)
    .split('\n\n')
    .find((text) => text.startsWith(head));
  return (part ?? '')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim());
}
const frontend = (service: WantedService) => section(balancer(service), `frontend in-${service.listen_port}`);
const backend = (service: WantedService, more: Partial<WantedLoadBalancer> = {}) =>
  section(balancer(service, more), `backend to-${service.listen_port}`);

describe('the proxy of a load balancer', () => {
  it('is told to be missing in one line, with what brings it', async () => {
    const nowhere = join(tmpdir(), 'groundup-no-images');
    const settings = {
      name: 'none',
      stateDirectory: nowhere,
      imageDirectory: nowhere,
      ranges: readSettings({}).ranges,
    };
    await expect(putLoadBalancer(new Layout(settings), balancer(TCP_SERVICE), () => '')).rejects.toThrow(
      /^load balancers need haproxy, and the machine image debian-12 in \S+ has none: make machines$/,
    );
  });

  it('passes TCP on as it is, for IPv4 and IPv6 alike', () => {
    expect(frontend(TCP_SERVICE)).toEqual([
      'mode tcp',
      'timeout client 1h',
      'bind :80',
      'bind :::80 v6only',
      'default_backend to-80',
    ]);
    expect(backend(TCP_SERVICE)).toEqual([
      'mode tcp',
      'balance roundrobin',
      'timeout connect 5s',
      'timeout server 1h',
      'timeout check 10s',
      'server server-1 198.18.0.2:8080 check inter 15s fall 3 rise 3 port 8080',
      'server ip-10.0.2.7 10.0.2.7:8080 check inter 15s fall 3 rise 3 port 8080',
    ]);
  });

  it('knows both algorithms, and how many connections its type may have', () => {
    expect(backend(TCP_SERVICE, { algorithm: 'least_connections' })).toContain('balance leastconn');
    expect(section(balancer(TCP_SERVICE), 'global')).toContain('maxconn 10000');
  });

  it('tells targets of HTTP who asks, how and where', () => {
    expect(frontend({ ...HTTP_SERVICE, http: { ...HTTP, timeout_idle: 60 } })).toEqual([
      'mode http',
      'timeout http-keep-alive 60s',
      'timeout client 60s',
      'bind :80',
      'bind :::80 v6only',
      'option forwardfor',
      'http-request set-header X-Forwarded-Proto http',
      'http-request set-header X-Forwarded-Port 80',
      'default_backend to-80',
    ]);
  });

  it('keeps clients at their target by a cookie that lasts as long as asked for', () => {
    const lines = backend({
      ...HTTP_SERVICE,
      http: { ...HTTP, sticky_sessions: true, cookie_name: 'a|b', cookie_lifetime: 60 },
    });
    expect(lines).toContain('cookie a\\x7cb insert indirect nocache httponly maxlife 60s attr Max-Age=60');
    expect(lines.at(-1)).toMatch(/cookie ip-10\.0\.2\.7$/);
    expect(backend(HTTP_SERVICE).join()).not.toContain('cookie');
  });

  it('ends TLS with all certificates of a service, and offers HTTP/2', () => {
    const service: WantedService = {
      ...HTTP_SERVICE,
      protocol: 'https',
      listen_port: 443,
      http: { ...HTTP, certificates: ['ONE', 'TWO'] },
    };
    const tls = 'ssl crt /mnt/certificate-443-0.pem crt /mnt/certificate-443-1.pem alpn h2,http/1.1';
    expect(frontend(service)).toEqual(
      expect.arrayContaining([
        'mode http',
        `bind :443 ${tls}`,
        'http-request set-header X-Forwarded-Proto https',
        'http-request set-header X-Forwarded-Port 443',
      ]),
    );
    const files = renderFiles(balancer(service));
    expect(files.get('certificate-443-0.pem')).toBe('ONE');
    expect(files.get('certificate-443-1.pem')).toBe('TWO');
  });

  it('passes TLS on when a service has no certificate', () => {
    const service: WantedService = {
      ...HTTP_SERVICE,
      protocol: 'https',
      listen_port: 443,
      http: { ...HTTP, sticky_sessions: true },
    };
    expect(frontend(service)).toContain('mode tcp');
    expect(frontend(service)).toContain('bind :443');
    expect(backend(service).join()).not.toContain('cookie');
  });

  it('sends HTTP to HTTPS where a service redirects', () => {
    const service: WantedService = {
      ...HTTP_SERVICE,
      protocol: 'https',
      listen_port: 8443,
      http: { ...HTTP, certificates: ['ONE'], redirect_http: true },
    };
    expect(section(balancer(service), 'frontend redirect-8443')).toEqual([
      'mode http',
      'timeout client 5s',
      'bind :80',
      'bind :::80 v6only',
      'http-request redirect code 301 location https://%[req.hdr(host),regsub(:[0-9]+$,)]:8443%[capture.req.uri]',
    ]);
  });

  it('begins connections with the PROXY header, those of health checks too when they go to the same port', () => {
    const service = { ...TCP_SERVICE, proxyprotocol: true };
    expect(backend(service).at(-1)).toMatch(/send-proxy check-send-proxy$/);
    const elsewhere = { ...service, health_check: { ...CHECK, port: 9000 } };
    expect(backend(elsewhere).at(-1)).toMatch(/port 9000 send-proxy$/);
  });

  it('asks for a page as its health check says: host, path, status codes, words and TLS', () => {
    const http = {
      domain: 'example.com',
      path: '/health?a=b%20c',
      response: '{"status": "ok"}',
      status_codes: ['2??', '30?', '4*'],
      tls: true,
    };
    const service: WantedService = {
      ...HTTP_SERVICE,
      health_check: { protocol: 'http', port: 9000, interval: 3, timeout: 2, retries: 1, http },
    };
    const lines = backend(service);
    expect(lines).toEqual(
      expect.arrayContaining([
        'timeout connect 2s',
        'timeout check 2s',
        'option httpchk',
        'http-check send meth GET uri /health\\x3fa\\x3db\\x2520c ver HTTP/1.1 hdr Host example.com',
        'http-check expect rstatus ^(2[0-9][0-9]|30[0-9]|4[0-9]*)$',
        'http-check expect string \\x7b\\x22status\\x22:\\x20\\x22ok\\x22\\x7d',
      ]),
    );
    expect(lines.at(-1)).toContain(
      'check inter 3s fall 1 rise 1 port 9000 check-ssl verify none check-sni example.com',
    );
  });

  it('sends no Host header in health checks without a domain', () => {
    const http = { domain: null, path: '/', response: '', status_codes: [], tls: false };
    const service: WantedService = { ...HTTP_SERVICE, health_check: { ...CHECK, protocol: 'http', http } };
    expect(backend(service)).toContain('http-check send meth GET uri / ver HTTP/1.0');
    expect(backend(service).join()).not.toContain('expect');
  });

  it('takes nobody for syntax: quotes, variables and letters of other languages are written by their codes', () => {
    const http = {
      domain: `a'"$HOME`,
      path: '/"$X',
      response: 'größe # 1',
      status_codes: ['200'],
      tls: false,
    };
    const service: WantedService = { ...HTTP_SERVICE, health_check: { ...CHECK, protocol: 'http', http } };
    expect(backend(service)).toEqual(
      expect.arrayContaining([
        'http-check send meth GET uri /\\x22\\x24X ver HTTP/1.1 hdr Host a\\x27\\x22\\x24HOME',
        'http-check expect string gr\\xc3\\xb6\\xc3\\x9fe\\x20\\x23\\x201',
      ]),
    );
  });
});

describe("a proxy's statistics", () => {
  const HEAD = '# pxname,svname,scur,stot,bin,bout,status,check_status,req_tot,check_code,';

  it('tell the health of each target that was checked, by service, and what is wrong with it', () => {
    const csv = [
      HEAD,
      'in-80,FRONTEND,2,10,100,1000,OPEN,,7,',
      'to-80,server-1,0,0,0,0,UP,L7OK,,',
      'to-80,server-2,0,0,0,0,UP 1/2,L4CON,,',
      'to-80,server-3,0,0,0,0,DOWN,L7STS,,503,',
      'to-80,server-5,0,0,0,0,DOWN,* L4TOUT,,,',
      'to-80,server-6,0,0,0,0,DOWN,L4CON,,,',
      'to-80,server-7,0,0,0,0,DOWN,L7TOUT,,,',
      'to-80,server-8,0,0,0,0,DOWN,L7RSP,,200,',
      'to-80,ip-10.0.0.9,0,0,0,0,DOWN 1/2,L7OK,,200,',
      'to-80,server-4,0,0,0,0,UP,INI,,',
      'to-80,BACKEND,0,0,0,0,UP,,,',
      '',
    ].join('\n');
    expect(readStatistics(csv).health).toEqual([
      { target: 'server-1', listenPort: 80 },
      { target: 'server-2', listenPort: 80 },
      {
        target: 'server-3',
        listenPort: 80,
        problem: { detail: 'unexpected_http_status', http_status_code: 503 },
      },
      { target: 'server-5', listenPort: 80, problem: { detail: 'layer4_timeout' } },
      { target: 'server-6', listenPort: 80, problem: { detail: 'layer4_no_connection' } },
      { target: 'server-7', listenPort: 80, problem: { detail: 'layer7_timeout' } },
      { target: 'server-8', listenPort: 80, problem: { detail: 'unexpected_http_content' } },
      { target: 'ip-10.0.0.9', listenPort: 80, problem: { detail: 'unspecified' } },
    ]);
  });

  it('tell what came in and went out over all services', () => {
    const csv = [
      HEAD,
      'in-80,FRONTEND,2,10,100,1000,OPEN,,7,',
      'in-22,FRONTEND,1,5,50,500,OPEN,,,',
      'to-80,BACKEND,9,9,9,9,UP,,9,',
    ].join('\n');
    expect(readStatistics(csv).traffic).toEqual({
      openConnections: 3,
      connections: 15,
      requests: 7,
      bytesIn: 150,
      bytesOut: 1500,
    });
  });
});
