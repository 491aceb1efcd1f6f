/** A mistake of whoever runs the twin: printed as it is, without a stack trace. */
export class TwinError extends Error {
  override readonly name = 'TwinError';
}

/** An answer other than success, as Hetzner's API words it. */
export class ApiFault extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: unknown;
  constructor(status: number, code: string, message: string, details: unknown = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** Source of codes and statuses: https://docs.hetzner.cloud/reference/cloud#errors */
export const fault = {
  invalid: (field: string, message: string) =>
    new ApiFault(422, 'invalid_input', `invalid input in field '${field}': ${message}`, {
      fields: [{ name: field, messages: [message] }],
    }),
  /** Several fields at once; the message names them all. */
  invalidFields: (fields: readonly { readonly name: string; readonly messages: readonly string[] }[]) =>
    new ApiFault(
      422,
      'invalid_input',
      `invalid input in fields ${fields.map(({ name }) => `'${name}'`).join(', ')}`,
      { fields },
    ),
  notFound: (what: string, id: number | string) =>
    new ApiFault(404, 'not_found', `${what} with ID '${id}' not found`),
  unique: (field: string, message = `${field} is already used`) =>
    new ApiFault(409, 'uniqueness_error', message, {
      fields: [{ name: field, messages: ['is already used'] }],
    }),
  /**
   * @param limit as in `twin/rules/limits.ts`; Hetzner tells it as in `primary_ip_limit`. Source:
   * https://github.com/OpenRouterLabs/spawn/issues/2902
   */
  limit: (message: string, limit: string) =>
    new ApiFault(403, 'resource_limit_exceeded', message, {
      limits: [{ name: `${limit.replace(/s$/, '')}_limit` }],
    }),
  protected: (what: string) => new ApiFault(423, 'protected', `${what} deletion is protected`),
  locked: (what: string) => new ApiFault(423, 'locked', `${what} is locked by a running action`),
  conflict: (message: string) => new ApiFault(409, 'conflict', message),
  service: (message: string) => new ApiFault(422, 'service_error', message),
  unavailable: (message: string) => new ApiFault(412, 'resource_unavailable', message),
  other: (status: number, code: string, message: string) => new ApiFault(status, code, message),
};
