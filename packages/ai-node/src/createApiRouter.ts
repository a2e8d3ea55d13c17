import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import express from 'express';
import * as OpenApiValidator from 'express-openapi-validator';
import Router from 'express-promise-router';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { parse } from 'yaml';
import { checkJsonCost } from './checkJsonCost';
import { PayloadTooLargeError } from './PayloadTooLargeError';
import { refuseUnstorableTexts } from './refuseUnstorableTexts';

/** A large body may be wrong in thousands of places. */
const MAX_SHOWN_ERRORS = 10;
/** In a larger body only the first place that is wrong is looked for: all of them would be more than it. */
const THOROUGH_LIMIT_BYTES = 64 * 1024;
/** A body has at most one array or object for so many bytes of its limit: rows of a table have several values. */
const BYTES_A_STRUCTURE = 32;
const FEWEST_STRUCTURES = 1000;

export interface ApiRouterOptions {
  /** Package whose `src/openapi.yaml` describes the API. */
  packageName: string;
  /** Largest JSON body in bytes; larger ones get 413. */
  jsonLimitBytes?: number;
  /** Most arrays and objects in a JSON body; more get 413. By default one for each 32 bytes of the limit, and at least 1000. */
  jsonMaxStructures?: number;
  /** Values that schemas of the document allow here, by the schema's name, in place of the document's `enum`. */
  enums?: Record<string, readonly string[]>;
  /** Exact paths whose request bodies are left as streams, neither parsed nor validated. */
  rawPaths?: string[];
}

/**
 * A router that holds each request against the package's OpenAPI document before
 * a handler sees it, and serves the document at `/openapi.json`.
 *
 * @remarks
 *
 * Query and path parameters arrive in the types that the document gives them.
 * Handlers that the document does not mention are reached unchecked.
 */
export async function createApiRouter(
  options: ApiRouterOptions,
): Promise<express.Router> {
  const { packageName, jsonLimitBytes = 1024 * 1024 } = options;
  const maxStructures =
    options.jsonMaxStructures ??
    Math.max(FEWEST_STRUCTURES, Math.floor(jsonLimitBytes / BYTES_A_STRUCTURE));
  const rawPaths = new Set(options.rawPaths);
  const document = parse(
    await readFile(
      resolvePackagePath(packageName, 'src', 'openapi.yaml'),
      'utf8',
    ),
  );
  for (const [name, values] of Object.entries(options.enums ?? {})) {
    document.components.schemas[name].enum = values;
  }
  const router = Router();
  router.get('/openapi.json', (req, res) => {
    const url = req.originalUrl.replace(/\/openapi\.json.*$/, '') || '/';
    res.json({ ...document, servers: [{ url }] });
  });
  router.use((req, _res, next) => {
    if (req.url.includes('%00')) {
      throw new InputError('The URL has a zero character (%00) in it');
    }
    next();
  });
  const largeBodies = new WeakSet<IncomingMessage>();
  const validate = (allErrors: boolean) => {
    const validator = Router();
    validator.use(
      ...OpenApiValidator.middleware({
        apiSpec: allowReserved({ ...document, servers: [{ url: '/' }] }),
        ignoreUndocumented: true,
        useRequestUrl: true,
        validateRequests: { allowUnknownQueryParameters: false, allErrors },
        validateResponses: false,
        // The backend's own auth middleware has already done this.
        validateSecurity: false,
      }),
    );
    return validator;
  };
  const [thorough, quick] = [validate(true), validate(false)];
  const parseAndValidate = Router();
  parseAndValidate.use(
    express.json({
      limit: jsonLimitBytes,
      verify: (req, _res, body, encoding) => {
        refuseUnstorableTexts(body, encoding);
        checkJsonCost(body, maxStructures);
        if (body.length > THOROUGH_LIMIT_BYTES) largeBodies.add(req);
      },
    }),
    (req, res, next) =>
      (largeBodies.has(req) ? quick : thorough)(req, res, next),
    (req, _res, next) => {
      refuseNeedlessFields(req);
      next();
    },
  );
  router.use((req, res, next) =>
    rawPaths.has(req.path) ? next() : parseAndValidate(req, res, next),
  );
  router.use(
    (
      error: RequestError,
      _req: express.Request,
      _res: express.Response,
      next: express.NextFunction,
    ) => next(explain(error, jsonLimitBytes)),
  );
  return router;
}

/**
 * Lets query parameters hold `+`, `:`, `/` and the like as they are. The validator would
 * refuse them as badly encoded, though RFC 3986 allows most of them in a query, and what
 * browsers and `URLSearchParams` make of a space is a `+`.
 *
 * @param part - a part of an OpenAPI document
 * @returns a copy.
 */
function allowReserved<T>(part: T): T;
function allowReserved(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(allowReserved);
  if (typeof part !== 'object' || part === null) return part;
  const copy = Object.fromEntries(
    Object.entries(part).map(([name, value]) => [name, allowReserved(value)]),
  );
  const isQuery = copy.in === 'query' && typeof copy.name === 'string';
  return isQuery ? { ...copy, allowReserved: true } : copy;
}

/** An operation that the document gives no body to knows no field of one. */
function refuseNeedlessFields(req: DocumentedRequest): void {
  const { openapi, body } = req;
  if (!openapi?.schema || openapi.schema.requestBody) return;
  const [field] = Object.keys(body ?? {});
  if (field === undefined) return;
  throw new InputError(
    Array.isArray(body)
      ? 'body: expected none, or {}'
      : `body: unknown field '${field}': expected none`,
  );
}

/** As the validator leaves it. */
interface DocumentedRequest {
  /** Undefined where the document does not mention the path. */
  openapi?: { schema?: { requestBody?: unknown } };
  body?: unknown;
}

/** What the JSON parser and the validator throw. */
interface RequestError extends Error {
  status?: number;
  type?: string;
  /** Each place in the request that is wrong. */
  errors?: FieldError[];
}

interface FieldError {
  path: string;
  message: string;
  errorCode?: string;
}

function explain(error: RequestError, jsonLimitBytes: number): Error {
  if (error instanceof PayloadTooLargeError) return error;
  if (error.type === 'entity.too.large') {
    return new PayloadTooLargeError(
      `The body may have at most ${jsonLimitBytes} bytes`,
    );
  }
  if (error.type === 'entity.parse.failed') {
    return new InputError(`The body is not valid JSON: ${error.message}`);
  }
  if (error.type === 'entity.verify.failed') {
    return new InputError(error.message);
  }
  if (error.errors?.length) {
    return new InputError(describeFieldErrors(error.errors));
  }
  const status = error.status ?? 500;
  return status >= 400 && status < 500 ? new InputError(error.message) : error;
}

function describeFieldErrors(errors: FieldError[]): string {
  const sentences = [...new Set(errors.map(describeFieldError))];
  const more = sentences.length - MAX_SHOWN_ERRORS;
  const shown = sentences.slice(0, MAX_SHOWN_ERRORS).join('; ');
  return more > 0 ? `${shown}; and ${more} more` : shown;
}

/** Where, and what is wrong there. A field that the schema lacks is named, which the validator's own message does not do. */
function describeFieldError({ path, message, errorCode }: FieldError): string {
  const parts = path.split('/').filter(part => part !== '');
  if (errorCode === 'additionalProperties.openapi.validation') {
    const field = parts.pop();
    return `${parts.join('/')}: unknown field '${field}'`;
  }
  return `${parts.join('/')} ${message}`;
}
