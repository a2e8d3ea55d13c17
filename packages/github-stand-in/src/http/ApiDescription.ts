import Ajv, { type ValidateFunction } from 'ajv';
import { readFileSync } from 'node:fs';

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
}

interface Operation {
  parameters?: (Parameter | { $ref: string })[];
  requestBody?: {
    required?: boolean;
    content?: Record<string, { schema?: object }>;
  };
  responses: Record<
    string,
    { $ref?: string; content?: Record<string, { schema?: object }> }
  >;
}

interface OpenApiDocument {
  paths: Record<string, Record<string, Operation>>;
}

const MOST_ERRORS = 20;

/** GitHub's own OpenAPI document: says what is wrong with a request, or with an answer to one. */
export class ApiDescription {
  static readonly #read = new Map<string, ApiDescription>();
  readonly #document: OpenApiDocument;
  readonly #ajv: Ajv;
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(document: OpenApiDocument) {
    this.#document = document;
    // Formats are left to GitHub; what matters is what is there, and of which type.
    this.#ajv = new Ajv({
      strict: false,
      validateFormats: false,
      coerceTypes: false,
      allErrors: true,
    });
    allowNull(document);
    this.#ajv.addSchema({ $id: 'github', ...document });
  }

  /** It is large: it is read once. */
  static read(file: string): ApiDescription {
    const known = ApiDescription.#read.get(file);
    if (known) return known;
    const read = new ApiDescription(JSON.parse(readFileSync(file, 'utf8')));
    ApiDescription.#read.set(file, read);
    return read;
  }

  /** What is wrong with a request; nothing when it is as described. */
  explainRequest(
    route: { method: string; template: string },
    request: { query: URLSearchParams; body: unknown },
  ): string[] {
    const operation = this.#find(route);
    if (!operation) return [`GitHub has no ${route.method} ${route.template}`];
    const known = new Map<string, string>();
    (operation.parameters ?? []).forEach((parameter, index) => {
      const pointer =
        '$ref' in parameter
          ? parameter.$ref.slice(1)
          : pointerOf(route, 'parameters', String(index));
      const resolved = this.#resolve(pointer);
      if (resolved.in === 'query') known.set(resolved.name, pointer);
    });
    const problems: string[] = [];
    for (const [name, text] of request.query) {
      const pointer = known.get(name);
      if (!pointer) {
        problems.push(`query: there is no parameter '${name}'`);
        continue;
      }
      const check = this.#compile(`${pointer}/schema`);
      if (!check(text) && !check(readLiteral(text))) {
        problems.push(...explain(`query: ${name}`, check));
      }
    }
    const { requestBody } = operation;
    const schema = requestBody?.content?.['application/json']?.schema;
    if (schema && (request.body !== undefined || requestBody?.required)) {
      const check = this.#compile(
        pointerOf(
          route,
          'requestBody',
          'content',
          'application/json',
          'schema',
        ),
      );
      if (!check(request.body ?? {})) problems.push(...explain('body', check));
    }
    return problems;
  }

  /** What is wrong with an answer; nothing when it is as described. */
  explainResponse(
    route: { method: string; template: string },
    response: { status: number; body: unknown },
  ): string[] {
    const status = String(response.status);
    const described = this.#find(route)?.responses[status];
    if (!described) {
      return [`${route.method} ${route.template} never answers ${status}`];
    }
    const pointer = described.$ref
      ? described.$ref.slice(1)
      : pointerOf(route, 'responses', status);
    const { content } = this.#at(pointer) as Operation['responses'][string];
    if (!content?.['application/json']?.schema) return [];
    const check = this.#compile(
      `${pointer}/content/${escape('application/json')}/schema`,
    );
    return check(response.body) ? [] : explain(`answer ${status}`, check);
  }

  #find(route: { method: string; template: string }): Operation | undefined {
    return this.#document.paths[route.template]?.[route.method.toLowerCase()];
  }

  #resolve(pointer: string): Parameter {
    return this.#at(pointer) as Parameter;
  }

  #at(pointer: string): unknown {
    return pointer
      .split('/')
      .slice(1)
      .map(part =>
        decodeURIComponent(part).replace(/~1/g, '/').replace(/~0/g, '~'),
      )
      .reduce<unknown>(
        (value, part) => (value as Record<string, unknown>)[part],
        this.#document,
      );
  }

  #compile(pointer: string): ValidateFunction {
    const known = this.#compiled.get(pointer);
    if (known) return known;
    const check = this.#ajv.compile({ $ref: `github#${pointer}` });
    this.#compiled.set(pointer, check);
    return check;
  }
}

/** Says `nullable` in the words of JSON schema where there is no type that it could belong to, or a list of values. */
function allowNull(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const schema = value as Record<string, unknown>;
  if (schema.nullable === true && schema.type === undefined) {
    const { nullable, ...rest } = schema;
    Object.keys(schema).forEach(name => delete schema[name]);
    schema.anyOf = [{ type: 'null' }, rest];
  }
  if (schema.nullable === true && Array.isArray(schema.enum)) {
    schema.enum = [...schema.enum, null];
  }
  Object.values(schema).forEach(allowNull);
}

function pointerOf(
  { method, template }: { method: string; template: string },
  ...rest: string[]
): string {
  return ['', 'paths', template, method.toLowerCase(), ...rest]
    .map(escape)
    .join('/');
}

function escape(part: string): string {
  return encodeURIComponent(part.replace(/~/g, '~0').replace(/\//g, '~1'));
}

/** A query has only text: `5` may stand for a number, `true` for a boolean. */
function readLiteral(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function explain(where: string, check: ValidateFunction): string[] {
  return (check.errors ?? [])
    .slice(0, MOST_ERRORS)
    .map(({ instancePath, message }) => `${where}${instancePath} ${message}`);
}
