import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { fault } from '../errors.ts';
import type { Certificate } from '../model.ts';
import type { Project } from '../project.ts';
import { body, defined, type Listing, listRoutes, requireOne, shape } from './http.ts';
import { certificatesOf } from './load-balancer-services.ts';
import { now, requireUniqueName } from './references.ts';

const newCertificate = z.object({
  name: shape.name,
  type: z.enum(['uploaded', 'managed']).default('uploaded'),
  certificate: z.string().nullish(),
  private_key: z.string().nullish(),
  domain_names: z.array(z.string()).nullish(),
  labels: shape.labels.default({}),
});
const changes = z.object({ name: shape.name.optional(), labels: shape.labels.optional() });

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const NOT_MANAGED =
  "a local Hetzner reaches no Let's Encrypt, so it has no managed certificates: create one of type uploaded, with `certificate` and `private_key` in PEM";

/** What a certificate says of itself. @throws ApiFault when it, its chain or its key cannot be used */
function read(pem: string, key: string): Omit<Certificate, 'id' | 'name' | 'labels' | 'created' | 'type'> {
  const chain = (pem.match(PEM) ?? []).map(parsed);
  const [own] = chain;
  if (!own) throw fault.invalid('certificate', 'is no certificate in PEM format');
  const broken = chain.findIndex((one, index) => {
    const issuer = chain[index + 1];
    return issuer !== undefined && !one.checkIssued(issuer);
  });
  if (broken >= 0)
    throw fault.invalid('certificate', `certificate ${broken + 2} does not certify the one before it`);
  if (!own.checkPrivateKey(parsedKey(key)))
    throw fault.invalid('private_key', 'does not belong to the certificate');
  return {
    certificate: pem,
    domain_names: domainNames(own),
    fingerprint: own.fingerprint256.toLowerCase(),
    not_valid_before: own.validFromDate.toISOString(),
    not_valid_after: own.validToDate.toISOString(),
    twin: { privateKey: key },
  };
}

function parsed(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw fault.invalid('certificate', 'cannot be read');
  }
}

function parsedKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw fault.invalid('private_key', 'is no unencrypted private key in PEM format');
  }
}

/** The names of the certificate's subject alternative name; without one, its common name. */
function domainNames({ subjectAltName, subject }: X509Certificate): string[] {
  const names = [...(subjectAltName ?? '').matchAll(/DNS:"?([^",\s]+)/g)].map(([, domain]) => domain ?? '');
  const [, common] = /^CN=(.+)$/m.exec(subject ?? '') ?? [];
  return names.length > 0 || common === undefined ? names : [common];
}

export function certificateRoutes(app: FastifyInstance, project: Project): void {
  const { store, rules } = project;
  const users = ({ id }: Certificate) =>
    store
      .all('load_balancers')
      .filter(({ services }) => certificatesOf(services).includes(id))
      .map((balancer) => ({ id: balancer.id, type: 'load_balancer' }));
  const render = (certificate: Certificate) => {
    const { twin: _, ...own } = certificate;
    return { ...own, status: null, used_by: users(certificate) };
  };
  const listing: Listing<Certificate> = {
    plural: 'certificates',
    singular: 'certificate',
    noun: 'certificate',
    all: () => store.all('certificates'),
    find: (id) => store.find('certificates', id),
    actionsOf: 'certificate',
    filters: ['type'],
    render,
    dependsOn: () => [store.all('load_balancers')],
  };
  listRoutes(app, project, listing);

  app.post('/certificates', (request, reply) => {
    const wanted = body(newCertificate, request);
    if (wanted.type === 'managed') throw fault.other(422, 'unsupported_error', NOT_MANAGED);
    if (!wanted.certificate) throw fault.invalid('certificate', 'is required');
    if (!wanted.private_key) throw fault.invalid('private_key', 'is required');
    const content = read(wanted.certificate, wanted.private_key);
    requireUniqueName(project, 'certificates', wanted.name);
    if (store.count('certificates') >= rules.limit('certificates'))
      throw fault.limit('certificate limit exceeded', 'certificates');
    const certificate = store.change(() =>
      store.put('certificates', {
        id: store.nextId(),
        name: wanted.name,
        labels: wanted.labels,
        type: 'uploaded',
        created: now(),
        ...content,
      }),
    );
    return reply.code(201).send({ certificate: render(certificate), action: null });
  });
  app.put('/certificates/:id', (request) => {
    const certificate = requireOne(listing, request);
    const wanted = body(changes, request);
    if (wanted.name !== undefined) requireUniqueName(project, 'certificates', wanted.name, certificate.id);
    return {
      certificate: render(
        store.change(() => store.put('certificates', { ...certificate, ...defined(wanted) })),
      ),
    };
  });
  app.delete('/certificates/:id', (request, reply) => {
    const certificate = requireOne(listing, request);
    const [user] = users(certificate);
    if (user)
      throw fault.other(422, 'resource_in_use', `certificate is still used by load balancer ${user.id}`);
    store.change(() => store.remove('certificates', certificate.id));
    return reply.code(204).send();
  });
  app.post('/certificates/:id/actions/retry', (request) => {
    requireOne(listing, request);
    throw fault.other(422, 'unsupported_error', 'only a managed certificate is issued again');
  });
}
