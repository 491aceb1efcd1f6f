/** What the API refused, worded as hcloud-go does: `message (code, correlation id)`, or the bare status. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string, correlation: string) {
    super(
      code === ''
        ? `${message}server responded with status code ${status}`
        : `${message} (${code}${correlation ? `, ${correlation}` : ''})`,
    );
    this.status = status;
    this.code = code;
  }
}

/** An action that ended with an error. */
export class ActionError extends Error {
  readonly code: string;
  constructor(command: string, id: number, code: string, message: string) {
    super(`${command}: ${message} (${code}, ${id})`);
    this.code = code;
  }
}

/** Whether the API refused something with one of the codes. */
export function refusedWith(...codes: string[]): (error: unknown) => boolean {
  return (error) => error instanceof ApiError && codes.includes(error.code);
}

/** Codes of undici and Node that mean that the other side took too long. */
const TIMEOUTS = ['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'];
/** Codes of undici and Node that mean that the connection ended. */
const ENDED = ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'];

/** No answer, or not all of one. */
export class ConnectionError extends Error {
  readonly timedOut: boolean;
  /** Whether the connection ended before any of the answer came. */
  readonly unanswered: boolean;

  /** @param begun whether the answer had begun */
  constructor(request: string, endpoint: string, error: unknown, begun: boolean) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`${request}: ${begun ? `unexpected EOF in the answer of` : 'no answer from'} ${endpoint}: ${why}`);
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    this.timedOut = TIMEOUTS.includes(code);
    this.unanswered = !begun && ENDED.includes(code);
  }
}

/** Statuses and codes that are worth another try. Source: hcloud-go, hcloud/client_handler_retry.go */
const PASSING_CODES = ['conflict', 'rate_limit_exceeded', 'bad_gateway', 'timeout'];
const PASSING_STATUSES = [502, 504];

export function isPassing(error: unknown): boolean {
  if (error instanceof ConnectionError) return error.timedOut;
  if (!(error instanceof ApiError)) return false;
  return error.code === '' ? PASSING_STATUSES.includes(error.status) : PASSING_CODES.includes(error.code);
}
