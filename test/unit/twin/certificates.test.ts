import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeCertificate, type TestCertificate } from '../../certificate.ts';
import { LocalHetzner } from './local-hetzner.ts';

interface Certificate {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly certificate: string;
  readonly domain_names: readonly string[];
  readonly fingerprint: string;
  readonly not_valid_before: string;
  readonly not_valid_after: string;
  readonly status: null;
  readonly used_by: readonly { readonly id: number; readonly type: string }[];
}

describe('certificates of the local Hetzner', () => {
  let hetzner: LocalHetzner;
  beforeEach(() => {
    hetzner = new LocalHetzner();
  });
  afterEach(() => hetzner.remove());

  const site = makeCertificate('www.example.com', ['example.com', 'www.example.com']);
  const upload = async (name: string, pair: TestCertificate = site) =>
    (await hetzner.done<{ certificate: Certificate }>('POST', '/certificates', { name, ...pair }))
      .certificate;
  const refused = async (payload: object) => {
    const { status, body } = await hetzner.call('POST', '/certificates', payload);
    return { status, ...body.error };
  };
  const usedBy = async (certificate: number) => {
    const { load_balancer } = await hetzner.done<{ load_balancer: { id: number } }>(
      'POST',
      '/load_balancers',
      {
        name: 'web',
        load_balancer_type: 'lb11',
        location: 'fsn1',
        services: [{ protocol: 'https', http: { certificates: [certificate] } }],
      },
    );
    return load_balancer.id;
  };

  it('are uploaded in PEM, and tell what they say of themselves', async () => {
    const { status, body } = await hetzner.call<{ certificate: Certificate; action: null }>(
      'POST',
      '/certificates',
      { name: 'site', type: 'uploaded', labels: { env: 'prod' }, ...site },
    );
    expect(status).toBe(201);
    expect(body.action).toBeNull();
    expect(body.certificate).toMatchObject({
      name: 'site',
      type: 'uploaded',
      labels: { env: 'prod' },
      certificate: site.certificate,
      domain_names: ['example.com', 'www.example.com'],
      status: null,
      used_by: [],
    });
    expect(body.certificate.fingerprint).toMatch(/^([0-9a-f]{2}:){31}[0-9a-f]{2}$/);
    const lifetime =
      Date.parse(body.certificate.not_valid_after) - Date.parse(body.certificate.not_valid_before);
    expect(lifetime).toBe(24 * 3600 * 1000);
    expect(JSON.stringify(body)).not.toContain('PRIVATE KEY');
  });

  it('have the common name for their only domain when they name no other', async () => {
    expect((await upload('plain', makeCertificate('plain.example.com'))).domain_names).toEqual([
      'plain.example.com',
    ]);
  });

  it('may bring their chain, in its order', async () => {
    const root = makeCertificate('Test CA');
    const leaf = makeCertificate('leaf.example.com', ['leaf.example.com'], root);
    const chained = { ...leaf, certificate: leaf.certificate + root.certificate };
    expect((await upload('chained', chained)).domain_names).toEqual(['leaf.example.com']);
    const wrong = { name: 'wrong', ...leaf, certificate: leaf.certificate + site.certificate };
    expect(await refused(wrong)).toMatchObject({
      status: 422,
      code: 'invalid_input',
      details: {
        fields: [{ name: 'certificate', messages: ['certificate 2 does not certify the one before it'] }],
      },
    });
  });

  it('are refused with a key of another certificate, without one, or when they are none', async () => {
    const { private_key } = makeCertificate('other.example.com');
    const field = async (payload: object) => {
      const { code, details } = await refused({ name: 'bad', ...payload });
      expect(code).toBe('invalid_input');
      return (details as { fields: { name: string }[] }).fields.map(({ name }) => name);
    };
    expect(await field({ ...site, private_key })).toEqual(['private_key']);
    expect(await field({ ...site, private_key: 'secret' })).toEqual(['private_key']);
    expect(await field({ certificate: site.certificate })).toEqual(['private_key']);
    expect(await field({ private_key })).toEqual(['certificate']);
    expect(await field({ ...site, certificate: 'nothing' })).toEqual(['certificate']);
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    expect(await field({ ...site, certificate: broken })).toEqual(['certificate']);
  });

  it('cannot be managed ones, and the refusal says what to do instead', async () => {
    const { status, code, message } = await refused({
      name: 'managed',
      type: 'managed',
      domain_names: ['example.com'],
    });
    expect({ status, code }).toEqual({ status: 422, code: 'unsupported_error' });
    expect(message).toMatch(/create one of type uploaded, with `certificate` and `private_key`/);
  });

  it('are renamed, relabelled, listed by type and deleted', async () => {
    const { id } = await upload('site');
    await hetzner.done('PUT', `/certificates/${id}`, { name: 'page', labels: { a: 'b' } });
    const list = async (query: string) =>
      (await hetzner.call<{ certificates: Certificate[] }>('GET', `/certificates?${query}`)).body
        .certificates;
    expect(await list('name=page&label_selector=a%3Db')).toMatchObject([{ id, type: 'uploaded' }]);
    expect(await list('type=uploaded')).toHaveLength(1);
    expect(await list('type=managed')).toHaveLength(0);
    expect((await hetzner.call('DELETE', `/certificates/${id}`)).status).toBe(204);
    expect((await hetzner.call('GET', `/certificates/${id}`)).status).toBe(404);
  });

  it('have names of their own', async () => {
    const { id } = await upload('site');
    await upload('page', makeCertificate('page.example.com'));
    expect(await refused({ name: 'site', ...site })).toMatchObject({ status: 409, code: 'uniqueness_error' });
    const { status } = await hetzner.call('PUT', `/certificates/${id}`, { name: 'page' });
    expect(status).toBe(409);
  });

  it('tell which load balancers use them, and cannot be deleted as long as one does', async () => {
    const { id } = await upload('site');
    const balancer = await usedBy(id);
    const { body } = await hetzner.call<{ certificate: Certificate }>('GET', `/certificates/${id}`);
    expect(body.certificate.used_by).toEqual([{ id: balancer, type: 'load_balancer' }]);
    const refusal = await hetzner.call('DELETE', `/certificates/${id}`);
    expect(refusal).toMatchObject({ status: 422, body: { error: { code: 'resource_in_use' } } });
    await hetzner.done('DELETE', `/load_balancers/${balancer}`);
    expect((await hetzner.call('DELETE', `/certificates/${id}`)).status).toBe(204);
  });

  it('are not issued again, as none of them is managed', async () => {
    const { id } = await upload('site');
    const { status, body } = await hetzner.call('POST', `/certificates/${id}/actions/retry`);
    expect({ status, code: body.error.code }).toEqual({ status: 422, code: 'unsupported_error' });
    const actions = await hetzner.call<{ actions: object[] }>('GET', `/certificates/${id}/actions`);
    expect(actions.body.actions).toEqual([]);
  });

  it('are limited in number', async () => {
    hetzner.project.rules.set({ 'limits.certificates': '1' });
    await upload('site');
    expect(await refused({ name: 'page', ...site })).toMatchObject({
      status: 403,
      code: 'resource_limit_exceeded',
      details: { limits: [{ name: 'certificate_limit' }] },
    });
  });
});
