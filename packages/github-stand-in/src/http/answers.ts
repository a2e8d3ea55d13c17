/** What a handler answers. */
export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Ends a request with one of GitHub's error bodies. */
export class Refusal extends Error {
  readonly status: number;
  readonly details: object;

  constructor(status: number, message: string, details: object = {}) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

export function notFound(): Refusal {
  return new Refusal(404, 'Not Found');
}

export function invalid(
  resource: string,
  field: string,
  message: string,
): Refusal {
  return new Refusal(422, 'Validation Failed', {
    errors: [{ resource, field, code: 'custom', message }],
  });
}
