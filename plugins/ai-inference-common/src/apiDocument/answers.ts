/** Answers that are no success, by their status; what they have in common with those of all models. */
export const PROBLEMS: Record<string, { name: string; description: string }> = {
  400: {
    name: 'Invalid',
    description:
      'The request does not fit the model, or alone asks for more than a limit of the key ever allows',
  },
  401: {
    name: 'Unauthenticated',
    description: 'No key, or one that is unknown, revoked or expired',
  },
  403: {
    name: 'Forbidden',
    description:
      'The key may not call this model, or lacks the scope that the error names',
  },
  404: {
    name: 'NotFound',
    description: 'The model is not served here, or takes no tensors',
  },
  413: {
    name: 'TooLarge',
    description:
      'The body is larger than the server takes, or its JSON has too many values',
  },
  415: {
    name: 'Unsupported',
    description: 'Another Content-Encoding than gzip or deflate',
  },
  422: {
    name: 'Unprocessable',
    description:
      'The request fits, and the model cannot compute it, or its answer has no form in JSON',
  },
  429: {
    name: 'LimitReached',
    description:
      'A limit of the key, or of a provider, is reached: try again after Retry-After seconds',
  },
  500: {
    name: 'Failed',
    description: 'The server failed; its log has the reason',
  },
  502: {
    name: 'BadGateway',
    description: 'What stands behind the model failed',
  },
  503: {
    name: 'NotReady',
    description: 'Not loaded, with the reason, or too much is in flight',
  },
  504: {
    name: 'TooLate',
    description:
      "The caller's own time was over, or what stands behind the model did not answer in time",
  },
};

/** Those that asking tensors may end with. */
export const ALL_PROBLEMS = Object.keys(PROBLEMS);
/** Those that reading facts of a model may end with. */
export const FACT_PROBLEMS = ['401', '403', '404', '503'];
/** Those of OpenAI's API, which has no 415 and 422. */
export const LANGUAGE_PROBLEMS = ALL_PROBLEMS.filter(
  status => status !== '415' && status !== '422',
);

/** What an operation answers when it fails, whose body is of a form. */
export function problemsOf(
  statuses: string[],
  form: 'Error' | 'LanguageError',
): Record<string, object> {
  const prefix = form === 'Error' ? '' : 'Language';
  return Object.fromEntries(
    statuses.map(status => [
      status,
      { $ref: `#/components/responses/${prefix}${PROBLEMS[status].name}` },
    ]),
  );
}

/** The components that {@link problemsOf} refers to. */
export function problemResponses(
  statuses: string[],
  form: 'Error' | 'LanguageError',
): Record<string, object> {
  const prefix = form === 'Error' ? '' : 'Language';
  return Object.fromEntries(
    statuses.map(status => [
      `${prefix}${PROBLEMS[status].name}`,
      {
        description: PROBLEMS[status].description,
        ...((status === '429' || status === '503') && {
          headers: {
            'Retry-After': {
              description: 'In how many seconds it may be tried again',
              schema: { type: 'integer' },
            },
          },
        }),
        content: {
          'application/json': {
            schema: { $ref: `#/components/schemas/${form}` },
          },
        },
      },
    ]),
  );
}

export const ERROR_SCHEMAS = {
  Error: {
    type: 'object',
    required: ['error'],
    additionalProperties: false,
    properties: {
      error: {
        type: 'string',
        description: 'What is wrong: it names the field and what was expected',
      },
    },
  },
  LanguageError: {
    type: 'object',
    required: ['error'],
    properties: {
      error: {
        type: 'object',
        required: ['message'],
        properties: {
          message: { type: 'string' },
          type: { type: 'string' },
          param: { type: ['string', 'null'] },
          code: { type: ['string', 'null'] },
        },
      },
    },
  },
};
