import { packageVersion, serveProvider } from '../protocol/index.ts';
import { certRequest, locallySignedCert, selfSignedCert } from './certificates.ts';
import { privateKey } from './private-key.ts';

await serveProvider({
  name: 'tls',
  version: packageVersion('@pulumi/tls'),
  resources: {
    'tls:index/privateKey:PrivateKey': privateKey,
    'tls:index/selfSignedCert:SelfSignedCert': selfSignedCert,
    'tls:index/certRequest:CertRequest': certRequest,
    'tls:index/locallySignedCert:LocallySignedCert': locallySignedCert,
  },
  functions: {},
  configure: () => {},
});
