import { refuseUnstorableTexts } from '@greenroom/ai-node';
import type { MeasuredValue } from '@greenroom/plugin-ai-training-common';
import type { Request } from 'express';
import { MlflowError } from './MlflowError';

const HINT = 'See the API docs for more information about request parameters.';

/** What JSON numbers are exact up to. */
const MOST = Number.MAX_SAFE_INTEGER;

/**
 * The fields of a request as MLflow's clients send them: in the query of a GET, in a JSON body
 * otherwise. Each reader takes what the protocol allows, such as an integer as a text, and fails with the
 * words of MLflow's own server.
 */
export class Message {
  readonly #fields: Record<string, unknown>;
  readonly #path: string;

  constructor(fields: Record<string, unknown>, path = '') {
    this.#fields = fields;
    this.#path = path;
  }

  /** What a request says; to be called when its body was parsed. */
  static of(req: Request): Message {
    if (req.method === 'GET') {
      const query = new URL(req.originalUrl, 'http://localhost').searchParams;
      const names = [...new Set(query.keys())];
      if (names.length > 0) {
        return new Message(
          Object.fromEntries(
            names.map(name => {
              const values = query.getAll(name);
              return [name, values.length === 1 ? values[0] : values];
            }),
          ),
        );
      }
    }
    return new Message(readBody(req.body));
  }

  /** Whether the field is there, be it as an empty text. */
  has(name: string): boolean {
    return this.#value(name) !== undefined;
  }

  text(name: string): string | undefined {
    const value = this.#value(name);
    if (value === undefined || typeof value === 'string') return value;
    throw this.#wrongType(name, value);
  }

  /** An empty text is as good as none. */
  requiredText(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '') throw this.#missing(name);
    return value;
  }

  integer(name: string): number | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    const number =
      typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value)
        ? Number(value)
        : value;
    if (typeof number !== 'number' || !Number.isInteger(number)) {
      throw this.#wrongType(name, value);
    }
    if (Math.abs(number) > MOST) {
      throw new MlflowError(
        'INVALID_PARAMETER_VALUE',
        `Invalid value ${JSON.stringify(value)} for parameter '${this.#pathOf(
          name,
        )}' supplied: it must lie between -${MOST} and ${MOST}.`,
      );
    }
    return number;
  }

  requiredInteger(name: string): number {
    const value = this.integer(name);
    if (value === undefined) throw this.#missing(name);
    return value;
  }

  number(name: string): MeasuredValue | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    const measured = toMeasuredValue(value);
    if (measured === undefined) throw this.#wrongType(name, value);
    return measured;
  }

  requiredNumber(name: string): MeasuredValue {
    const value = this.number(name);
    if (value === undefined) throw this.#missing(name);
    return value;
  }

  boolean(name: string): boolean | undefined {
    const value = this.#value(name);
    if (value === undefined || typeof value === 'boolean') return value;
    if (typeof value === 'string') {
      if (value.toLowerCase() === 'true') return true;
      if (value.toLowerCase() === 'false') return false;
      throw new MlflowError(
        'INVALID_PARAMETER_VALUE',
        `Invalid boolean value: ${value}, must be 'true' or 'false'.`,
      );
    }
    throw this.#wrongType(name, value);
  }

  /** One of the names. */
  oneOf<Name extends string>(
    name: string,
    names: readonly Name[],
  ): Name | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    const found = names.find(known => known === value);
    if (found === undefined) throw this.#wrongType(name, value);
    return found;
  }

  requiredOneOf<Name extends string>(
    name: string,
    names: readonly Name[],
  ): Name {
    const value = this.oneOf(name, names);
    if (value === undefined) throw this.#missing(name);
    return value;
  }

  /** Empty where the field is not there; one text where a query has it once. */
  texts(name: string): string[] {
    const value = this.#value(name);
    if (value === undefined) return [];
    const values = typeof value === 'string' ? [value] : value;
    if (
      !Array.isArray(values) ||
      !values.every(item => typeof item === 'string')
    ) {
      throw this.#wrongType(name, value);
    }
    return values;
  }

  /** Messages within this one; empty where the field is not there. */
  messages(name: string): Message[] {
    const value = this.#value(name);
    if (value === undefined) return [];
    if (!Array.isArray(value)) throw this.#wrongType(name, value);
    return value.map((item, index) => {
      if (!isFields(item)) throw this.#wrongType(name, value);
      return new Message(item, `${this.#pathOf(name)}[${index}]`);
    });
  }

  /** The message within this one. */
  message(name: string): Message | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (!isFields(value)) throw this.#wrongType(name, value);
    return new Message(value, this.#pathOf(name));
  }

  requiredMessage(name: string): Message {
    const value = this.message(name);
    if (value === undefined) throw this.#missing(name);
    return value;
  }

  /** Id of the run, also under the name that it had in old clients. */
  runId(): string {
    return this.text('run_id') || this.text('run_uuid') || this.#failMissing();
  }

  /** Null is as good as left out, as in protocol buffers. */
  #value(name: string): unknown {
    const value = Object.hasOwn(this.#fields, name)
      ? this.#fields[name]
      : undefined;
    return value === null ? undefined : value;
  }

  #pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  #failMissing(): never {
    throw this.#missing('run_id');
  }

  #missing(name: string): MlflowError {
    return new MlflowError(
      'INVALID_PARAMETER_VALUE',
      `Missing value for required parameter '${this.#pathOf(name)}'. ${HINT}`,
    );
  }

  #wrongType(name: string, value: unknown): MlflowError {
    return new MlflowError(
      'INVALID_PARAMETER_VALUE',
      `Invalid value ${shorten(
        JSON.stringify(value),
      )} for parameter '${this.#pathOf(
        name,
      )}' supplied:  Hint: Value was of type '${pythonTypeOf(value)}'. ${HINT}`,
    );
  }
}

/** A double as JSON texts of protocol buffers have it; undefined when it is none. */
function toMeasuredValue(value: unknown): MeasuredValue | undefined {
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') {
    return value;
  }
  const number =
    typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number') return undefined;
  if (Number.isNaN(number)) return undefined;
  if (number === Infinity) return 'Infinity';
  return number === -Infinity ? '-Infinity' : number;
}

function readBody(body: unknown): Record<string, unknown> {
  if (body === undefined || body === null || body === '') return {};
  if (typeof body === 'string') return readBody(parseOnceMore(body));
  if (isFields(body)) return body;
  throw new MlflowError(
    'BAD_REQUEST',
    'The body must be a JSON object with the fields of the request',
  );
}

/** Old clients encode the body twice: escapes in the text were only letters when the body was looked through. */
function parseOnceMore(text: string): unknown {
  refuseUnstorableTexts(Buffer.from(text));
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'string') return value;
  } catch {
    // Falls through to the same answer as a text within a text.
  }
  throw new MlflowError(
    'BAD_REQUEST',
    'The body must be a JSON object with the fields of the request',
  );
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shorten(text: string): string {
  return text.length > 500 ? `${text.slice(0, 500)}...` : text;
}

/** Clients' tests know the types by the names that Python gives them. */
function pythonTypeOf(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  switch (typeof value) {
    case 'string':
      return 'str';
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float';
    case 'boolean':
      return 'bool';
    default:
      return 'dict';
  }
}
